"""HTML that cannot be injected into: everything put into an element is escaped unless it is an element itself."""

from collections.abc import Iterable
from html import escape


class Html(str):
    """A finished piece of HTML. Anything done to it as a string gives a plain string, which is escaped again."""

    __slots__ = ()


Child = str | int | float | None | Iterable["Child"]
Attribute = str | int | float | bool | None

VOID = frozenset({"img", "input", "br", "link"})
RENAMED = {"class_": "class", "for_": "for"}


def tag(element: str, *children: Child, **attributes: Attribute) -> Html:
    """One element. `class_` and `for_` lose their underscore, inner underscores become hyphens (`data_act`);
    an attribute that is None or False is left out, True stands bare."""
    parts = ["<", element]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        spelt = RENAMED.get(name) or name.replace("_", "-")
        parts.append(f" {spelt}" if value is True else f' {spelt}="{escape(str(value))}"')
    parts.append(">")
    if element not in VOID:
        _put(children, parts)
        parts.append(f"</{element}>")
    return Html("".join(parts))


def join(*children: Child) -> Html:
    """Children one after the other, strings escaped; None is nothing."""
    parts: list[str] = []
    _put(children, parts)
    return Html("".join(parts))


def _put(children: Iterable[Child], parts: list[str]) -> None:
    for child in children:
        if child is None:
            continue
        if isinstance(child, Html):
            parts.append(child)
        elif isinstance(child, str | int | float):
            parts.append(escape(str(child)))
        else:
            _put(child, parts)


def studio(*children: Child, class_: str = "") -> str:
    """The root of a board: everything inside wears the studio's look."""
    return str(tag("div", *children, class_=f"ps {class_}".strip()))


def button(label: Child, act: str | None = None, class_: str = "", **attributes: Attribute) -> Html:
    """A button that sends `{act, ...data}` to the board's handler."""
    return tag("button", label, type="button", class_=class_, data_act=act, **attributes)


def say(text: Child, *, hint: Child = None, tone: str = "", more: Child = None) -> Html:
    """A sentence in a box, with what to do about it."""
    role = "alert" if tone == "bad" else "status"
    said = tag("div", tag("b", text), " ", hint, class_="grow")
    buttons = tag("div", more, class_="line") if more else None
    return tag("div", said, buttons, class_=f"say {tone}".strip(), role=role)


def empty(title: str, *words: Child, go: Child = None) -> Html:
    """What stands where there is nothing yet: what this place is for, and the way on."""
    return tag("div", tag("h2", title), [tag("p", word) for word in words], go, class_="empty")


def nobody(words: str) -> str:
    """A whole board for a tab that needs a persona, while there is none."""
    go = button("Make one, or load the example", class_="primary", data_tab="persona")
    return studio(empty("First, a persona", words, go=go))


def slot(content: Child) -> Html:
    """A place that may be empty. What follows keeps its position, and with it what a person is typing there."""
    return tag("div", content, class_="slot")


def choices(
    options: Iterable[tuple[str, str]],
    chosen: str,
    *,
    id_: str,
    label: str,
    change: str,
    **attributes: Attribute,
) -> Html:
    """A native list; `options` are (value, title)."""
    return tag(
        "select",
        [tag("option", title, value=value, selected=value == chosen) for value, title in options],
        id=id_,
        aria_label=label,
        data_change=change,
        value=chosen,
        **attributes,
    )
