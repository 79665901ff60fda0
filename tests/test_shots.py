"""The verb `shots`: a picture of every tab, of a workspace that nobody has open."""

from pathlib import Path

import pytest
from PIL import Image

from studio import shots
from studio.storage.presence import holder
from studio.storage.workspace import open_workspace
from tests.ui.conftest import missing_browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.skipif(missing_browser() is not None, reason=str(missing_browser()))
def test_every_tab_is_shown_in_every_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shots, "SETTLED_SECONDS", 0.3)
    workspace = tmp_path / "work space"
    assert shots.main([str(tmp_path / "shots"), "--workspace", str(workspace)]) == 0
    found = {path.name: Image.open(path) for path in (tmp_path / "shots").iterdir()}
    assert set(found) == {f"{tab}-{look.name}.png" for tab in shots.TABS for look in shots.LOOKS}
    for name, picture in found.items():
        wide, high = (390 * 2, 844 * 2) if "phone" in name else (1280, 900)
        assert picture.size == (wide, high)
        colours = picture.convert("RGB").quantize(64).getcolors()
        assert colours is not None and len(colours) > 8, f"{name} shows nothing"
    light, dark = (found[f"persona-{look}.png"].convert("L").resize((1, 1)).getpixel((0, 0)) for look in ("light", "dark"))
    assert light > 150 > 100 > dark  # type: ignore[operator]
    assert holder(open_workspace(workspace), "web") is None, "the page it started goes on"
