"""Our own routes: pictures by id, previews, uploads into the inbox, downloads; nothing here decodes an image."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Path as InPath
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from studio.actions import exporting
from studio.catalog import ASSETS
from studio.domain.errors import NotFound, StudioError
from studio.domain.events import Preview
from studio.files import disk_trouble
from studio.storage import datasets, inbox, pictures, queue
from studio.storage.opened import Studio
from studio.ui import job_card
from studio.ui.theme import LOOK

FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
BRIEFLY = {"Cache-Control": "no-cache"}
ASSET_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
PICTURE_TYPES = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}
BATCH = re.compile(r"^[0-9a-f]{24}$")
BATCH_FILES = 10_000
LARGEST_BATCH = 1_000_000_000
"""Bytes of one drop."""
SEALED = {"Content-Security-Policy": "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"}


def router(studio: Studio) -> APIRouter:
    """Every route but Gradio's own. A `StudioError` becomes its sentence (see `web`)."""
    routes = APIRouter()
    workspace = studio.workspace
    batches: dict[str, Batch] = {}

    @routes.get("/healthz")
    def healthy() -> Response:
        return JSONResponse({"ok": True})

    @routes.get("/-/asset/{name}")
    def asset(name: str) -> Response:
        path = LOOK / Path(name).name
        if path.suffix not in ASSET_TYPES or not path.is_file():
            raise NotFound("There is no such part of the page.")
        return FileResponse(path, media_type=ASSET_TYPES[path.suffix], headers=FOREVER)

    @routes.get("/-/lasting/{seconds}")
    def lasting(seconds: Annotated[int, InPath(ge=0, le=10**9)]) -> Response:
        """A length of time in words, for what the browser counts while somebody types."""
        return PlainTextResponse(job_card.seconds(seconds))

    @routes.get("/-/example-picture/{number}")
    def shipped(number: int) -> Response:
        """The pictures of the example persona, for the first page a new user sees."""
        found = sorted((ASSETS / "example").glob("*.webp"))
        if not 0 <= number < len(found):
            raise NotFound("There is no such example picture.")
        return picture(found[number], FOREVER)

    @routes.get("/-/example/{slug}/{example}")
    def example(slug: str, example: str) -> Response:
        return picture(datasets.picture_path(workspace, slug, example), FOREVER)

    @routes.get("/-/example/{slug}/{example}/{sha256}")
    def example_thumb(slug: str, example: str, sha256: str) -> Response:
        small = workspace.thumb(sha256)
        return picture(small if small.is_file() else datasets.picture_path(workspace, slug, example), FOREVER)

    @routes.get("/-/picture/{image}")
    def generated(image: str, download: bool = False) -> Response:
        if not download:
            return picture(workspace.absolute(pictures.get(studio.db, image).path), FOREVER)
        leaving = exporting.published(studio, image)
        return saved(workspace.absolute(leaving.path), f"{leaving.persona or 'picture'}-{leaving.seed}.png")

    @routes.get("/-/picture/{image}/small")
    def generated_small(image: str) -> Response:
        kept = pictures.get(studio.db, image)
        small = workspace.thumb(kept.sha256)
        return picture(small if small.is_file() else workspace.absolute(kept.path), FOREVER)

    @routes.get("/-/preview/{job}/{event}")
    def preview(job: int, event: int) -> Response:
        for number, _, happened in queue.events(studio.db, job, after=event - 1, kinds={"preview"}, limit=1):
            if number == event and isinstance(happened, Preview):
                return picture(workspace.absolute(happened.path), FOREVER)
        raise NotFound("That preview is gone.", "Reload the page.")

    @routes.get("/-/comparison/{job}/{name}")
    def compared(job: int, name: str) -> Response:
        return picture(workspace.comparison_dir(job) / Path(name).name, FOREVER)

    @routes.get("/-/result/{job}")
    def result(job: int, key: Literal["path", "json_path"] = "path", inline: bool = False) -> Response:
        """A file that a finished export made, while it may leave the studio."""
        path = exporting.exported(studio, job, key)
        if inline and path.suffix == ".html":
            return FileResponse(path, media_type="text/html", headers=BRIEFLY | SEALED)
        return saved(path, path.name)

    @routes.post("/-/inbox/{batch}/{name:path}")
    async def receive(batch: str, name: str, request: Request) -> Response:
        if not BATCH.match(batch):
            return PlainTextResponse("Drop the files again: this upload has no valid number.", 400)
        coming = request.headers.get("content-length", "")
        inbox.require_space(workspace, int(coming) if coming.isdecimal() else 0)
        return await receive_file(workspace.inbox / batch, name, request, batches.setdefault(batch, Batch()))

    return routes


def picture(path: Path, headers: dict[str, str]) -> Response:
    """A stored picture, shown in the page; its type comes from our own file name."""
    if path.suffix not in PICTURE_TYPES or not path.is_file():
        raise NotFound("That picture is gone.", "Reload the page.")
    return FileResponse(path, media_type=PICTURE_TYPES[path.suffix], headers=headers)


def saved(path: Path, name: str) -> Response:
    """A file to keep: offered for download, never shown in our page."""
    return FileResponse(path, media_type="application/octet-stream", filename=name, headers=BRIEFLY)


def safe_path(folder: Path, name: str) -> Path:
    """`name` inside `folder`, folders kept (`10_anna/01.png`), everything dangerous replaced.

    Raises `StudioError` for a name without a file in it.
    """
    parts = [part for part in map(safe_name, name.replace("\\", "/").split("/")) if part]
    if not parts or len(parts) > 8:
        raise StudioError("That upload has no usable file name.", "Rename the file and drop it again.")
    return folder.joinpath(*parts)


def safe_name(part: str) -> str:
    """One part of a path without dangerous characters; empty when nothing is left.

    A changed name ends in a digest of the old one, the same for picture and caption, so that two never become one.
    """
    clean = re.sub(r"[^\w.\- ()+,]", "_", part)[-120:].strip(" .")
    if clean in ("", part):
        return clean
    digest = hashlib.sha256(Path(part).stem.encode(errors="backslashreplace")).hexdigest()[:8]
    return f"{Path(clean).stem}-{digest}{Path(clean).suffix}"


@dataclass(slots=True)
class Batch:
    """How much of one drop has arrived."""

    files: int = 0
    size: int = 0


async def receive_file(folder: Path, name: str, request: Request, batch: Batch) -> Response:
    """Streams a body to the inbox unread; nothing remains of one that is too large or broken off."""
    batch.files += 1
    if batch.files > BATCH_FILES:
        return PlainTextResponse(
            f"More than {BATCH_FILES:,} files at once. Drop them in smaller groups.", 413
        )
    target = inbox.free_name(safe_path(folder, name))
    complete = False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            async for chunk in request.stream():
                batch.size += len(chunk)
                if batch.size > LARGEST_BATCH:
                    return PlainTextResponse(
                        f"“{target.name}” makes this upload larger than {LARGEST_BATCH / 1e6:,.0f} MB. "
                        "Name its folder instead of dropping it, or drop fewer files at once.",
                        413,
                    )
                file.write(chunk)
        complete = True
    except OSError as error:
        return PlainTextResponse(disk_trouble(error, target).sentence(), 507)
    finally:
        if not complete:
            target.unlink(missing_ok=True)
    return JSONResponse({"bytes": target.stat().st_size})


def upload_folder(studio: Studio, batch: str) -> Path:
    """Where a drop lies. Raises `NotFound` for anything that is no number of one."""
    folder = studio.workspace.inbox / batch
    if not BATCH.match(batch) or not folder.is_dir():
        raise NotFound("That upload is gone.", "Drop the files again.")
    return folder
