import json
import os
import zipfile
from pathlib import Path

import pytest

from studio.collect.candidates import Found
from studio.collect.source import open_source
from studio.domain.errors import BadInput, NotFound
from tests.pictures import encoded, scene

PICTURE = encoded(scene(1, 48, 48))


def lay(root: Path, files: dict[str, bytes | str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def look(root: Path) -> Found:
    with open_source(root) as found:
        return found


def captions(found: Found) -> dict[str, str]:
    return {candidate.name: candidate.caption for candidate in found.candidates}


def test_captions_lie_beside_pictures(tmp_path: Path) -> None:
    lay(
        tmp_path, {"a.png": PICTURE, "a.txt": "mila", "B.JPG": PICTURE, "b.TXT": "mila too", "c.png": PICTURE}
    )
    lay(
        tmp_path,
        {"d.png": PICTURE, "d.caption": "of sd-scripts", "e.webp": PICTURE, "e.webp.txt": "full name"},
    )
    found = look(tmp_path)
    assert captions(found) == {
        "B.JPG": "mila too", "a.png": "mila", "c.png": "", "d.png": "of sd-scripts", "e.webp": "full name",
    }  # fmt: skip
    assert found.skipped == ()


def test_a_kohya_folder_gives_words_and_its_repeats_are_only_noted(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {"10_mila woman/a.png": PICTURE, "10_mila woman/b.png": PICTURE, "10_mila woman/b.txt": "hers"},
    )
    lay(tmp_path, {"portraits/c.png": PICTURE})
    found = look(tmp_path)
    assert captions(found) == {
        "10_mila woman/a.png": "mila woman",
        "10_mila woman/b.png": "hers",
        "portraits/c.png": "",
    }
    assert len(found.remarks) == 1
    assert "10 repeats" in found.remarks[0].sentence


@pytest.mark.parametrize("column", ["text", "caption"])
def test_metadata_rows_give_captions_and_a_text_file_wins(tmp_path: Path, column: str) -> None:
    rows = [
        {"file_name": "a.png", column: "from the table"},
        {"file_name": "sub/b.png", column: ["one", "two"]},
    ]
    lay(tmp_path, {"a.png": PICTURE, "sub/b.png": PICTURE, "c.png": PICTURE, "c.txt": "from the file"})
    rows.append({"file_name": "c.png", column: "from the table"})
    lay(tmp_path, {"metadata.jsonl": "\n".join(json.dumps(row) for row in rows)})
    found = look(tmp_path)
    assert captions(found) == {"a.png": "from the table", "c.png": "from the file", "sub/b.png": "one"}
    assert found.skipped == ()


def test_rows_that_cannot_be_used_are_named_by_line(tmp_path: Path) -> None:
    lines = ['{"file_name": "a.png", "text": "good"}', "no json", '{"text": "no name"}', "[1]", ""]
    lines += ['{"file_name": "../../etc/passwd", "text": "x"}', '{"file_name": "gone.png"}', "[" * 100_000]
    lay(tmp_path / "in", {"a.png": PICTURE, "metadata.jsonl": "\n".join(lines)})
    (tmp_path / "outside.png").write_bytes(PICTURE)
    found = look(tmp_path / "in")
    assert captions(found) == {"a.png": "good"}
    assert [remark.name.rpartition(" ")[2] for remark in found.remarks] == ["2", "3", "4", "6", "7", "8"]


def test_splits_are_honoured_as_column_and_as_folders(tmp_path: Path) -> None:
    rows = [
        {"file_name": f"{n}.png", "split": split} for n, split in enumerate(["train", "test", "validation"])
    ]
    lay(tmp_path / "a", {f"{n}.png": PICTURE for n in range(4)})
    lay(tmp_path / "a", {"metadata.jsonl": "\n".join(json.dumps(row) for row in rows)})
    assert [c.held_out for c in look(tmp_path / "a").candidates] == [False, True, True, False]
    lay(tmp_path / "b", {"train/1.png": PICTURE, "test/2.png": PICTURE, "validation/3.png": PICTURE})
    assert {c.name: c.held_out for c in look(tmp_path / "b").candidates} == {
        "train/1.png": False,
        "test/2.png": True,
        "validation/3.png": True,
    }


def test_a_folder_called_test_alone_means_nothing(tmp_path: Path) -> None:
    lay(tmp_path, {"test/2.png": PICTURE})
    assert not look(tmp_path).candidates[0].held_out


def test_every_other_file_gets_its_sentence(tmp_path: Path) -> None:
    lay(tmp_path, {"a.png": PICTURE, "lonely.txt": "x", "b.tar.gz": b"", "c.exe": b"", "metadata.csv": "x"})
    lay(tmp_path, {"README.md": "hello", ".hidden.png": PICTURE, "Thumbs.db": b"", "__MACOSX/x.png": PICTURE})
    found = look(tmp_path)
    assert captions(found) == {"a.png": ""}
    assert {skip.name for skip in found.skipped} == {"lonely.txt", "b.tar.gz", "c.exe", "metadata.csv"}


@pytest.mark.skipif(os.name == "nt", reason="on Windows only an administrator may make the link that is tested")
def test_links_and_special_files_are_left_out(tmp_path: Path) -> None:
    lay(tmp_path, {"outside/secret.png": PICTURE, "in/a.png": PICTURE})
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "outside" / "secret.png")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "in" / "pipe.png")
    found = look(tmp_path / "in")
    assert captions(found) == {"a.png": ""}
    assert {skip.name for skip in found.skipped} == {"link.png", "folder", "pipe.png"}


def test_a_caption_in_another_encoding_leaves_a_remark(tmp_path: Path) -> None:
    lay(tmp_path, {"a.png": PICTURE, "a.txt": "Café".encode("utf-16")})
    found = look(tmp_path)
    assert captions(found) == {"a.png": "Café"}
    assert "UTF-16" in found.remarks[0].sentence


def test_an_oversized_caption_does_not_keep_its_picture_out(tmp_path: Path) -> None:
    lay(tmp_path, {"a.png": PICTURE, "a.txt": b"x" * 100_000})
    found = look(tmp_path)
    assert captions(found) == {"a.png": ""}
    assert "larger" in found.remarks[0].sentence


def test_zips_are_opened_alone_and_beside_pictures(tmp_path: Path) -> None:
    lay(tmp_path, {"a.png": PICTURE, "broken.zip": b"PK nothing"})
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as file:
        file.writestr("a.png", PICTURE)
        file.writestr("a.txt", "mila")
    found = look(tmp_path)
    assert captions(found) == {"a.png": "", "more.zip/a.png": "mila"}
    assert [skip.name for skip in found.skipped] == ["broken.zip"]
    assert captions(look(tmp_path / "more.zip")) == {"a.png": "mila"}
    with pytest.raises(BadInput, match="damaged or no zip"):
        look(tmp_path / "broken.zip")


def test_a_single_picture_and_nothing_at_all(tmp_path: Path) -> None:
    lay(tmp_path, {"a b ü.png": PICTURE})
    assert captions(look(tmp_path / "a b ü.png")) == {"a b ü.png": ""}
    with pytest.raises(NotFound, match="no folder or file"):
        look(tmp_path / "gone")


def test_reading_touches_nothing(tmp_path: Path) -> None:
    lay(tmp_path, {"a.png": PICTURE, "a.txt": "mila", "sub/b.png": PICTURE})
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    with open_source(tmp_path) as found:
        for candidate in found.candidates:
            candidate.member.read(1_000_000)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_name_cannot_write_on_the_screen(tmp_path: Path) -> None:
    lay(tmp_path, {"a\u202egnp\x1b[31m.png": PICTURE})
    assert look(tmp_path).candidates[0].name == "agnp[31m.png"
