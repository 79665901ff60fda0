"""How the page works: boards are drawn from rows, deeds call actions, and a timer draws again what has changed."""

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import gradio as gr

from studio.domain.errors import BadInput
from studio.domain.records import Job, Persona
from studio.storage import personas, queue
from studio.storage.opened import Studio
from studio.ui import guard

KEPT = ("persona", "tab", "job", "filter", "preset", "checkpoint", "strength", "run")
"""What of a view stands in the address bar."""
TABS = ("persona", "dataset", "train", "create", "judge")
BOARD_JS = "window.studio.board(element, (data) => trigger('act', data), watch)"


@dataclass(frozen=True, slots=True)
class View:
    """What is selected: exactly the query of the address bar, so that reload and restart keep it."""

    persona: str = ""
    tab: str = "persona"
    job: str = ""
    filter: str = "all"
    preset: str = "good"
    checkpoint: str = ""
    """What draws in Create: empty for the persona's own choice, `base` for the base alone, else a checkpoint."""
    strength: str = ""
    """A strength that was set by hand, and for which checkpoint: see `checkpoints.at_strength`."""
    dropped: str = ""
    """The job that reads the file that was dropped last; not in the address."""
    bulk: str = ""
    """The rule for all captions that is being looked at, as JSON; not in the address."""
    run: str = ""
    """The training whose checkpoints the next comparison looks at; empty: the newest."""
    opened: bool = False
    """False until the address was read: a timer or a tab that is quicker must not decide what is selected."""
    hushed: str = ""
    """Failures that were dismissed here, as `-3--5-`; not in the address, so a reload shows them again."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "View":
        """From an address; what makes no sense is the default."""
        kept = {name: str(query[name])[:200] for name in KEPT if name in query}
        view = cls(**kept, opened=True)
        return view if view.tab in TABS else replace(view, tab="persona")

    def at(self, **changes: Any) -> "View":
        """The same with another persona, tab, job or filter."""
        return replace(self, **changes)

    def hush(self, job_id: int) -> "View":
        """The same, with this job's failure dismissed."""
        return replace(self, hushed=f"{self.hushed}-{job_id}-"[-400:])

    def query(self) -> str:
        """What the address bar should hold, as JSON for `remember`."""
        return json.dumps({name: getattr(self, name) for name in KEPT})


@dataclass(frozen=True, slots=True)
class Scene:
    """What a drawing or a deed may look at: the studio, the selection, and the rows read once for all boards."""

    studio: Studio
    view: View
    persona: Persona | None
    personas: list[Persona]
    jobs: list[Job]

    @property
    def slug(self) -> str:
        """Raises `BadInput` when no persona is selected."""
        if self.persona is None:
            raise BadInput(
                "No persona is selected.", "Choose one at the top, or make one in the Persona tab."
            )
        return self.persona.slug

    def of_kind(self, *kinds: str) -> list[Job]:
        """This persona's jobs, newest first."""
        return [job for job in self.jobs if job.kind in kinds and job.persona == self.view.persona]


def scene(studio: Studio, view: View) -> Scene:
    """Reads the rows. A selected persona that is gone falls back to the newest one."""
    known = personas.personas(studio.workspace)
    chosen = next((one for one in known if one.slug == view.persona), None)
    if chosen is None and known:
        chosen = max(known, key=lambda one: one.created)
    view = replace(view, persona=chosen.slug if chosen else "")
    return Scene(studio, view, chosen, known, queue.jobs(studio.db, limit=60))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a deed wants shown besides the boards that follow from the rows."""

    view: View | None = None
    notice: str | None = ""
    fields: Mapping[Any, Any] = field(default_factory=dict)


class Screen:
    """One open page: its view, and what it was shown last. Gradio keeps one for each; all that matters is in the address.

    Deeds of one page happen one after the other: a press within a tenth of a second of a change of tab, both at once,
    would write back the tab that was left. No dataclass, as Gradio takes those apart.
    """

    def __init__(self, view: View | None = None, seen: Mapping[str, tuple[str, str]] | None = None) -> None:
        """`seen`: (key, fingerprint) by board or follower."""
        self.view = view or View()
        self.seen = dict(seen or {})
        self.lock = threading.Lock()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Screen":
        """Every visitor gets a copy of the first one, and a lock cannot be copied."""
        return Screen(self.view, self.seen)


Deed = Callable[..., Reply | None]
"""`deed(scene, data, *values)`; `data` is what a board's button sent, `values` the controls that were asked for."""


@dataclass(frozen=True, slots=True)
class Region:
    """A board and how to draw it; `key` is a cheap stand-in for the drawing, to know whether it changed."""

    board: gr.HTML
    draw: Callable[[Scene], str]
    tab: str | None
    key: Callable[[Scene], object] | None


def board(name: str, *, render: bool = True) -> gr.HTML:
    """An empty board. `${value}` is put in unescaped: only `markup` may write its content."""
    return gr.HTML(
        "",
        html_template="${value}",
        js_on_load=BOARD_JS,
        apply_default_css=False,
        elem_id=name,
        elem_classes=["board"],
        render=render,
    )


@dataclass(frozen=True, slots=True)
class Follower:
    """Controls that are set anew when `key` changes, and left to the hand that moved them until then."""

    key: Callable[[Scene], object]
    fields: Callable[[Scene], Mapping[Any, Any]]


class Page:
    """Boards and wires of one page; built once, holds nothing of any visitor."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.screen = gr.State(Screen())
        self.regions: dict[str, Region] = {}
        self.deeds: dict[str, Deed] = {"dismiss": lambda scene, data: Reply()}
        self.fields: list[Any] = []
        self.arrivals: dict[str, Callable[[Scene], dict[Any, Any]]] = {}
        self.followers: dict[str, Follower] = {}
        self._loose: list[gr.HTML] = []
        self._wires: list[tuple[Callable[..., Any], Deed, Sequence[Any]]] = []
        self.notice = board("notice", render=False)

    def region(
        self,
        name: str,
        draw: Callable[[Scene], str],
        *,
        tab: str | None = None,
        key: Callable[[Scene], object] | None = None,
    ) -> gr.HTML:
        """A new board at this place of the layout."""
        made = board(name)
        self.regions[name] = Region(made, draw, tab, key)
        return made

    def listen(self, made: gr.HTML) -> None:
        """Lets a board that no region draws do deeds too."""
        self._loose.append(made)

    def on(self, listener: Callable[..., Any], deed: Deed, values: Sequence[Any] = ()) -> None:
        """`deed(scene, {}, *values)` when the event happens."""
        self._wires.append((listener, deed, values))

    def wire(self) -> None:
        """Connects everything, once all boards exist: every event may redraw every board."""
        calm = self._calm()
        for one in (self.notice, *self._loose, *(region.board for region in self.regions.values())):
            one.act(self._from_board, [self.screen], trigger_mode="multiple", **calm)  # no press is lost
        for listener, deed, values in self._wires:
            listener(partial(self.perform, deed), [self.screen, *values], **calm)

    def open_with(self, load: Callable[..., Any], fields: Callable[[View], dict[Any, Any]]) -> None:
        """What a new visitor sees first follows from the address."""

        def opened(request: gr.Request) -> dict[Any, Any]:
            screen = Screen(view := View.of(dict(request.query_params)))
            arrived = self.perform(lambda now, data: Reply(fields=self.arrive(now, view)), screen)
            return fields(view) | arrived | {self.screen: screen}

        load(opened, **self._calm())

    def arrive(self, now: Scene, view: View) -> dict[Any, Any]:
        """What the tab of `view` wants to have set when somebody comes to it."""
        return self.arrivals[view.tab](now) if view.tab in self.arrivals else {}

    def _calm(self) -> dict[str, Any]:
        """How every event is wired. The screen, which nobody sees, bears its progress: the outputs would each be told twice an event."""
        boards = [region.board for region in self.regions.values()]
        return {
            "outputs": [self.screen, self.notice, *boards, *self.fields],
            "show_progress": "hidden",
            "show_progress_on": self.screen,
            "api_visibility": "private",
            "queue": False,
        }

    def _from_board(self, event: gr.EventData, screen: Screen) -> dict[Any, Any]:
        data = event._data if isinstance(event._data, dict) else {}

        def deed(now: Scene, _: dict[str, Any]) -> Reply | None:
            name = guard.text(data, "act", 60)
            if name not in self.deeds:
                raise BadInput(f"The page asked for something unknown: {name}.", "Reload the page.")
            return self.deeds[name](now, data)

        return self.perform(deed, screen)

    def perform(self, deed: Deed, screen: Screen, *values: Any) -> dict[Any, Any]:
        """Does the deed, turns a failure into a sentence, then draws what changed."""
        with screen.lock:
            changes: dict[Any, Any] = {self.screen: gr.skip()}  # no output at all is an error to Gradio; the screen itself might be that of before the address was read
            if not screen.view.opened:
                return changes
            fields: Mapping[Any, Any] = {}
            try:
                reply = deed(scene(self.studio, screen.view), {}, *values) or Reply(notice=None)
                screen.view = reply.view or screen.view
                fields = reply.fields
                if reply.notice is not None:
                    changes[self.notice] = reply.notice
            except Exception as error:  # noqa: BLE001 - the edge of the page
                changes[self.notice] = guard.notice(error)
            try:
                return {**changes, **self._redraw(screen), **fields}
            except Exception as error:  # noqa: BLE001 - such as a workspace that was unplugged
                return changes | {self.notice: guard.notice(error)}

    def _redraw(self, screen: Screen) -> dict[Any, Any]:
        """New content of every visible board that is not as it was seen."""
        now = scene(self.studio, screen.view)
        changes: dict[Any, Any] = {}
        fresh = dict(screen.seen)
        for name, follower in self.followers.items():
            fresh[name] = (repr(follower.key(now)), "")
            if fresh[name] != screen.seen.get(name):
                changes.update(follower.fields(now))
        for name, region in self.regions.items():
            if region.tab not in (None, now.view.tab):
                continue
            before = screen.seen.get(name, ("", ""))
            try:
                key = repr(region.key(now)) if region.key else ""
                if key and before[0] == key:
                    continue
                drawn = region.draw(now)
            except Exception as error:  # noqa: BLE001 - one broken board must not take the others down
                key, drawn = "", guard.notice(error)
            fresh[name] = (key, hashlib.sha256(drawn.encode()).hexdigest())
            if before[1] != fresh[name][1]:
                changes[region.board] = drawn
        screen.view, screen.seen = now.view, fresh
        return changes
