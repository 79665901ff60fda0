import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from studio.collect import archive as archives
from studio.collect.archive import open_archive
from studio.domain.errors import BadInput
from tests.pictures import encoded, scene

PICTURE = encoded(scene(1))


def pack(
    path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, payload in entries:
            file.writestr(name, payload)
    return path


def special(name: str, kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    return info


def test_pictures_are_listed_in_order_and_read(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", ("b/2.png", PICTURE), ("b/1.png", PICTURE), ("b/1.txt", b"mila"))
    with open_archive(path) as listing:
        assert [member.path for member in listing.members] == ["b/1.png", "b/1.txt", "b/2.png"]
        assert listing.members[0].read(1_000_000) == PICTURE
        assert listing.skipped == ()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("../../evil.png", "leads out"),
        ("/etc/evil.png", "leads out"),
        ("a/../../evil.png", "leads out"),
        ("..\\evil.png", "leads out"),
        ("C:\\evil.png", "leads out"),
        (special("link.png", stat.S_IFLNK), "link"),
        (special("pipe.png", stat.S_IFIFO), "link"),
        (special("device.png", stat.S_IFCHR), "link"),
        ("inner.zip", "archive inside"),
        ("inner.tar", "archive inside"),
    ],
)
def test_a_bad_entry_is_named_and_the_others_are_taken(
    tmp_path: Path, entry: str | zipfile.ZipInfo, said: str
) -> None:
    path = pack(tmp_path / "a.zip", (entry, PICTURE), ("good.png", PICTURE))
    with open_archive(path) as listing:
        assert [member.path for member in listing.members] == ["good.png"]
        assert said in listing.skipped[0].sentence
    assert [p.name for p in tmp_path.rglob("*")] == ["a.zip"], "nothing is ever unpacked to the disk"


def test_the_second_entry_of_one_name_is_left_out(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        path = pack(tmp_path / "a.zip", ("a.png", PICTURE), ("a.png", b"other"))
    with open_archive(path) as listing:
        assert len(listing.members) == 1
        assert "same name" in listing.skipped[0].sentence


def test_the_litter_of_systems_is_passed_over_silently(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", ("__MACOSX/._a.png", b"x"), (".DS_Store", b"x"), ("a.png", PICTURE))
    with open_archive(path) as listing:
        assert [member.path for member in listing.members] == ["a.png"]
        assert listing.skipped == ()


def test_ten_thousand_entries_are_refused_before_they_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pack(tmp_path / "a.zip", *((f"{n}.png", b"x") for n in range(10_000)), method=zipfile.ZIP_STORED)
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda self: pytest.fail("the directory was loaded"))
    with pytest.raises(BadInput, match="10,000 entries"), open_archive(path):
        pass


def test_a_directory_that_lies_about_its_length_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", *((f"{n}.png", b"x") for n in range(3_000)), method=zipfile.ZIP_STORED)
    raw = bytearray(path.read_bytes())
    place = raw.rfind(b"PK\x05\x06")
    struct.pack_into("<HH", raw, place + 8, 3, 3)
    path.write_bytes(raw)
    with pytest.raises(BadInput, match="entries"), open_archive(path):
        pass


def test_zip64_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", *((f"{n}", b"") for n in range(66_000)), method=zipfile.ZIP_STORED)
    with pytest.raises(BadInput, match="more entries"), open_archive(path):
        pass


def test_a_bomb_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", ("bomb.png", b"\0" * 30_000_000), ("good.png", PICTURE))
    assert path.stat().st_size < 100_000
    with open_archive(path) as listing:
        with pytest.raises(BadInput, match="200 times"):
            listing.members[0].read(40_000_000)
        assert listing.members[1].read(40_000_000) == PICTURE


def test_all_entries_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", int(2.5 * len(PICTURE)))
    path = pack(tmp_path / "a.zip", *((f"{n}.png", PICTURE) for n in range(3)))
    with open_archive(path) as listing:
        for member in listing.members[:2]:
            assert member.read(1_000_000) == PICTURE
        with pytest.raises(BadInput, match="unpacks to more"):
            listing.members[2].read(1_000_000)


def test_a_header_that_understates_its_size_is_not_believed(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", ("a.png", b"\1\2\3" * 500_000), method=zipfile.ZIP_STORED)
    with open_archive(path) as listing, pytest.raises(BadInput, match="larger than 1 MB"):
        listing.members[0].read(1_000_000)


def test_an_encrypted_entry_is_named(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", ("secret.png", PICTURE))
    raw = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.find(mark) + offset
        raw[place] |= 1
    path.write_bytes(raw)
    with open_archive(path) as listing:
        assert listing.members == ()
        assert "encrypted" in listing.skipped[0].sentence


def test_an_unusual_packing_is_named(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", ("a.png", PICTURE), method=zipfile.ZIP_LZMA)
    with open_archive(path) as listing:
        assert "unusual" in listing.skipped[0].sentence


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.99])
def test_a_truncated_or_foreign_file_is_no_archive(tmp_path: Path, share: float) -> None:
    path = pack(tmp_path / "a.zip", ("a.png", PICTURE), ("b.png", PICTURE))
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(BadInput, match="damaged or no zip"), open_archive(path):
        pass


def test_damage_inside_an_entry_is_found_when_it_is_read(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", ("a.png", PICTURE), ("b.png", PICTURE))
    raw = bytearray(path.read_bytes())
    raw[len(PICTURE) // 3 : len(PICTURE) // 3 + 40] = bytes(40)
    path.write_bytes(raw)
    with open_archive(path) as listing:
        with pytest.raises(BadInput, match="damaged inside"):
            listing.members[0].read(1_000_000)
        assert listing.members[1].read(1_000_000) == PICTURE


def test_random_damage_never_raises_anything_else(tmp_path: Path) -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name in ("a.png", "b/c.png"):
            file.writestr(name, PICTURE[:3_000])
    original = buffer.getvalue()
    path = tmp_path / "a.zip"
    for _ in range(300):
        damaged = bytearray(original)
        # Most of the damage goes to the directory at the end, where the lies are.
        for place in rng.integers(len(damaged) - 260, len(damaged), 4):
            damaged[place] = int(rng.integers(0, 256))
        path.write_bytes(damaged)
        try:
            with open_archive(path) as listing:
                for member in listing.members:
                    member.read(1_000_000)
        except BadInput:
            continue
