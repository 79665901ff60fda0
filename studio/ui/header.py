"""The top of the page: logo, persona switcher, light and dark."""

from typing import Any

from studio.domain.records import Persona
from studio.ui import guard, markup
from studio.ui.markup import button, tag
from studio.ui.page import Page, Reply, Scene

NEW = "+"
"""The browser opens the form for a new persona when this is chosen; it is nobody's slug."""


def draw(scene: Scene) -> str:
    """Also keeps the address bar true (`data-remember`)."""
    name = tag(
        "div", tag("img", src="/-/asset/logo.svg", alt=""), tag("span", "Persona Studio"), class_="name"
    )
    theme = button(
        "◐", class_="icon plain", data_theme_switch=True, aria_label="Light or dark", title="Light or dark"
    )
    remembered = tag("i", hidden=True, data_remember=scene.view.query())
    return markup.studio(name, _switcher(scene), theme, remembered, class_="top")


def _switcher(scene: Scene) -> markup.Child:
    if not scene.personas or scene.persona is None:
        return None
    options = [(one.slug, title(one)) for one in scene.personas] + [(NEW, "Make a new one …")]
    return tag(
        "div",
        markup.choices(
            options, scene.persona.slug, id_="persona-switch", label="Persona", change="switch-persona"
        ),
        class_="who",
    )


def title(persona: Persona) -> str:
    """How a persona stands in a list."""
    return f"{persona.name} (revoked)" if persona.charter.revoked_at else persona.name


def deeds(page: Page) -> None:
    """Choosing a persona."""

    def switch(scene: Scene, data: dict[str, Any]) -> Reply:
        chosen = guard.text(data, "value", 60)
        return Reply(view=scene.view.at(persona=chosen, job="", filter="all", checkpoint="", run="", bulk=""))

    page.deeds["switch-persona"] = switch
