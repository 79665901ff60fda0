"""The verb `verify` tells a marked picture from a bare one, knows this studio's own signature, and makes no keys."""

from pathlib import Path

import pytest
from PIL import Image

from studio.__main__ import main
from studio.provenance.keys import BUNDLE, ensure_keys
from studio.provenance.marks import mark_picture


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    Image.new("RGB", (64, 48), (90, 120, 150)).save(tmp_path / "bare.png")
    return tmp_path / "bare.png"


def test_a_marked_picture_is_known(tmp_path: Path, bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marked = tmp_path / "marked.png"
    with Image.open(bare) as picture:
        marked.write_bytes(mark_picture(picture, "PNG", None, ensure_keys(tmp_path / "keys")))
    assert main(["verify", str(marked), "--workspace", str(tmp_path)]) == 0
    ours = capsys.readouterr().out
    assert main(["verify", str(marked), "--workspace", str(tmp_path / "elsewhere")]) == 0
    assert "this studio" in ours
    assert "this studio" not in capsys.readouterr().out
    assert not (tmp_path / "elsewhere" / "keys" / BUNDLE).exists()


def test_a_bare_picture_is_told_and_changes_the_exit_code(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(bare), "--workspace", str(bare.parent)]) == 1
    assert str(bare) in capsys.readouterr().out
