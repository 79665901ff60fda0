"""The bin: deleted pictures, how long each can still be brought back, and emptying it."""

import math
import time
from typing import Any

from studio.actions import creating
from studio.domain.records import Picture
from studio.storage import pictures
from studio.ui import guard, markup
from studio.ui.markup import Html, button, tag
from studio.ui.page import Page, Reply, Scene

FILTER = "bin"
RULE = f"Deleted pictures can be brought back for {pictures.BIN_DAYS} days; then they are removed for good."


def way_in(scene: Scene) -> Html | None:
    """The button that opens the bin, while something lies in it."""
    count = pictures.binned(scene.studio.db, whose(scene))
    return button(f"Bin ({count})", "show-pictures", data_value=FILTER, id="open-bin") if count else None


def draw(scene: Scene, most: int) -> Html:
    """The newest `most` of what lies in it, and what can be done."""
    back = button("Back to the pictures", "show-pictures", data_value="all", id="leave-bin")
    count = pictures.binned(scene.studio.db, whose(scene))
    if not count:
        return markup.empty("The bin is empty", RULE, go=back)
    empty = button("Empty bin", "empty-bin", "danger", id="empty-bin", data_sure=f"Remove {many(count)} for good?")
    head = tag("div", tag("h2", "Bin"), tag("div", back, empty, class_="line"), class_="line apart")
    found = pictures.pictures(scene.studio.db, persona=whose(scene), deleted=True, limit=most)
    tiles = tag("div", [tile(picture, time.time()) for picture in found], class_="tiles")
    return tag("div", head, tag("p", RULE, class_="soft"), tiles, class_="stack")


def tile(picture: Picture, now: float) -> Html:
    """One deleted picture with the way back."""
    look = tag("img", src=f"/-/picture/{picture.id}/small", alt=picture.prompt, loading="lazy", width=256, height=256)
    days = days_left(picture, now)
    feet = tag(
        "div",
        button("Bring back", "undelete", data_picture=picture.id),
        tag("span", f"{days} day{'' if days == 1 else 's'} left", class_="soft small num"),
        class_="feet apart",
    )
    frame = tag("div", look, class_="frame", style=f"aspect-ratio:{picture.width}/{picture.height}")
    return tag("div", frame, tag("div", feet, class_="body"), class_="tile", data_binned=picture.id)


def days_left(picture: Picture, now: float) -> int:
    """Until it is removed for good; the last day counts as one."""
    age = (now - (picture.deleted_at or now)) / pictures.DAY_SECONDS
    return max(1, math.ceil(pictures.BIN_DAYS - age))


def many(count: int) -> str:
    return f"{count} picture{'' if count == 1 else 's'}"


def whose(scene: Scene) -> str | None:
    """The persona whose pictures are in sight; None: everybody's."""
    return scene.persona.slug if scene.persona else None


def deeds(page: Page) -> None:
    """What the bin's buttons do."""

    def empty(scene: Scene, data: dict[str, Any]) -> Reply:
        count = creating.empty_bin(scene.studio, whose(scene))
        return Reply(view=scene.view.at(filter="all"), notice=guard.good_news(f"Removed {many(count)} for good."))

    page.deeds |= {"empty-bin": empty}
