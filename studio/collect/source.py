"""Everything a source offers, whether a folder, a file, or archives among them; open while it is read."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from studio.collect.archive import open_archive
from studio.collect.candidates import LARGEST_METADATA, Found, find_candidates
from studio.collect.folder import MOST_FILES, list_folder
from studio.collect.listing import Listing, Member, shown_name
from studio.domain.errors import StudioError
from studio.domain.importing import Skipped


@contextmanager
def open_source(
    source: Path, *, most_files: int = MOST_FILES, largest_metadata: int = LARGEST_METADATA
) -> Iterator[Found]:
    """Candidates of a folder, a single picture, or a zip; zips that lie in a folder are opened too.

    A damaged archive beside other files is named and passed over; when it is all there is, its
    sentence is raised. Raises `NotFound` and `BadInput` as `list_folder` and `open_archive` do.
    """
    root = source.parent if source.is_file() else source
    found = find_candidates(list_folder(source, most_files), largest_metadata)
    alone = len(found.archives) == 1 and not found.candidates
    with ExitStack() as stack:
        for member in found.archives:
            try:
                listing = stack.enter_context(open_archive(root / member.path))
            except StudioError as error:
                if alone:
                    raise
                name = shown_name(member.path)
                found = replace(
                    found, skipped=(*found.skipped, Skipped(name=name, sentence=error.sentence()))
                )
                continue
            prefix = "" if alone else f"{member.path}/"
            found = _joined(found, find_candidates(_under(prefix, listing)))
        yield found


def _under(prefix: str, listing: Listing) -> Listing:
    """The listing as if it were a folder of that name, so that names stay distinct."""
    return Listing(
        tuple(Member(prefix + member.path, member.read) for member in listing.members),
        tuple(Skipped(name=prefix + skip.name, sentence=skip.sentence) for skip in listing.skipped),
    )


def _joined(first: Found, second: Found) -> Found:
    return Found(
        first.candidates + second.candidates,
        first.archives,
        first.skipped + second.skipped,
        first.remarks + second.remarks,
    )
