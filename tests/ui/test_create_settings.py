"""Every control of the Create tab: what it does to the pictures that are asked for, and how an earlier picture sets it again.

Without a browser but for one test, through the page's own wires: a press calls what the button calls, with what stands
in the controls.
"""

import hashlib
import html
import shutil
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from studio.actions import personas
from studio.catalog import ASSETS, EMBEDDED
from studio.domain.adapters import AdapterHeader
from studio.domain.records import Charter, Picture
from studio.domain.specs import SPEC, GenerateSpec
from studio.jobs.recipes import recipe_of
from studio.jobs.runner import run_job
from studio.provenance.keys import ensure_keys
from studio.provenance.marks import mark_png
from studio.storage import pictures, queue
from studio.storage.opened import Studio, open_studio
from studio.ui.page import Page, Reply, Screen, View
from studio.ui.tabs import create, create_settings
from studio.ui.tabs.checkpoints import BASE
from tests.pictures import scene as some_picture
from tests.ui.conftest import Site, Visit, until
from tests.ui.test_create import trained

ALL_BACK = "The settings are back, with the same seed."
MOST_BACK = "Most settings are back, with the same seed."
UPLOAD = "ab" * 12


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The tab with its wires, built once: a page holds nothing of any visitor."""
    with gr.Blocks():
        made = Page(open_studio(tmp_path_factory.mktemp("built")))
        made.notice.render()
        create.build(made)
        made.wire()
    return made


class Visitor:
    """Somebody at the Create tab: what stands in each control, and what a press changes there."""

    def __init__(self, page: Page, studio: Studio, **query: str) -> None:
        self.page, self.studio, page.studio = page, studio, studio
        self.screen, self.told = Screen(View.of({"tab": "create"} | query)), ""
        names = [field.name for field in fields(create_settings.Fields)]
        self.controls: dict[str, Any] = dict(zip(names, self.page.fields[1:], strict=True))
        self.values: dict[str, Any] = {name: control.value for name, control in self.controls.items()}
        self.offered: dict[str, list[Any]] = {}
        self.take(self.page.perform(lambda now, data: Reply(notice=None, fields=self.page.arrive(now, now.view)), self.screen))

    def take(self, changes: dict[Any, Any]) -> None:
        """What a browser does with an answer; a list that does not offer its own value would refuse the next press."""
        self.told = html.unescape(changes.get(self.page.notice, self.told))
        for name, control in self.controls.items():
            change = changes.get(control, self.values[name])
            if isinstance(change, gr.Radio | gr.Dropdown):
                self.offered[name] = [value for _, value in change.choices]
                change = change.value or self.values[name]
            if isinstance(change, gr.Textbox):  # another placeholder
                change = self.values[name]
            self.values[name] = change
            assert name not in self.offered or change in self.offered[name]

    def press(self, button: str) -> None:
        blocks = self.page.notice.parent
        [place] = [key for key, one in blocks.blocks.items() if getattr(one, "elem_id", None) == button]
        [wire] = [one for one in blocks.fns.values() if (place, "click") in one.targets]
        given = {id(control): self.values[name] for name, control in self.controls.items()}
        self.take(wire.fn(self.screen, *(given[id(control)] for control in wire.inputs[1:])))  # type: ignore[misc]

    def send(self, **data: str) -> None:
        """A press in a board."""
        self.take(self.page._from_board(gr.EventData(None, data), self.screen))

    def asks(self) -> GenerateSpec:
        """What Generate puts into the queue now."""
        before = len(queue.jobs(self.studio.db, kinds={"generate"}))
        self.press("generate")
        found = queue.jobs(self.studio.db, kinds={"generate"})
        assert len(found) == before + 1, self.told
        return generated(found[0].spec)


def generated(text: str) -> GenerateSpec:
    spec = SPEC.validate_json(text)
    assert isinstance(spec, GenerateSpec)
    return spec


def checkpoint_at(studio: Studio, own: str, step: int) -> str:
    """Another one of the same training, with weights of its own."""
    path = own.replace("000050", f"{step:06d}")
    studio.workspace.absolute(path).write_bytes(f"weights {step}".encode())
    return path


@pytest.fixture
def anna(page: Page, studio: Studio) -> Visitor:
    """Before Anna, who is drawn with step 50 at 0.8; a later checkpoint of hers is there too."""
    choice = trained(studio, "Anna", "annvok")
    personas.choose(studio, "anna", choice)
    checkpoint_at(studio, choice.checkpoint, 60)
    me = Visitor(page, studio, persona="anna")
    me.values |= {"prompt": "annvok on a beach", "seed": 7, "lock": True}
    return me


# ---------------------------------------------------------------- what the controls do


@pytest.mark.parametrize(
    ("control", "value", "changed"),
    [
        ("prompt", "annvok in a forest", {"prompt": "annvok in a forest"}),
        ("negative", "a red hat", {"negative_prompt": "a red hat"}),
        ("strength", 0.35, {"adapter_scale": 0.35}),
        ("shape", "Portrait", {"width": 224, "height": 288}),
        ("count", 16, {"count": 16}),
        ("seed", 8, {"seed": 8}),
        ("steps", 31, {"num_inference_steps": 31}),
        ("guidance", 6.5, {"guidance_scale": 6.5}),
        ("scheduler", "unipc", {"scheduler": "unipc"}),
    ],
)
def test_a_control_changes_what_is_asked_for_and_nothing_else(
    anna: Visitor, control: str, value: Any, changed: dict[str, Any]
) -> None:
    before = anna.asks().model_dump()
    anna.values[control] = value
    assert dict(anna.asks().model_dump().items() - before.items()) == changed


def test_the_checkpoint_that_is_picked_draws(anna: Visitor) -> None:
    own = anna.asks()
    late = own.checkpoint.replace("50", "60")  # type: ignore[union-attr]
    assert (own.checkpoint, own.adapter_scale) == (late.replace("60", "50"), 0.8)
    for picked, checkpoint in ((late, late), (BASE, None), ("", own.checkpoint)):
        anna.send(act="pick-checkpoint", value=picked)
        assert anna.asks().checkpoint == checkpoint


def test_a_seed_that_is_kept_draws_again(anna: Visitor) -> None:
    assert [anna.asks().seed, anna.values["seed"], anna.asks().seed] == [7, 7, 7]


def test_a_seed_that_is_not_kept_is_new_with_every_press_and_shown(anna: Visitor) -> None:
    anna.values["lock"] = False
    seeds = {7}
    for _ in range(3):
        seeds.add(anna.asks().seed)
        assert anna.values["seed"] in seeds - {7}
    assert len(seeds) == 4
    assert anna.values["lock"] is False


def test_another_seed_is_another_one_and_kept(anna: Visitor) -> None:
    anna.values["lock"] = False
    anna.press("dice")
    rolled = anna.values["seed"]
    assert rolled != 7 and anna.asks().seed == rolled
    anna.press("dice")
    assert anna.values["seed"] not in (7, rolled)


@pytest.mark.browser
@pytest.mark.slow
def test_ctrl_and_enter_generate_and_a_size_that_came_back_is_taken(visit: Callable[..., Visit], site: Site) -> None:
    studio = site.open()
    slug = personas.create_persona(studio, name="Anna", trigger="annvok", charter=Charter(confirmed_adult=True)).slug
    wide = GenerateSpec(persona=slug, base=EMBEDDED, prompt="annvok on a beach", width=160, height=64, seed=5)
    put_in_library(studio, wide)
    me = visit(persona=slug, tab="create")
    before = len(queue.jobs(studio.db, kinds={"generate"}))
    me.see("#create-pictures .tile")
    me.page.click("#create-pictures .tile [data-act=use-settings]")
    me.page.wait_for_function("document.querySelector('#prompt textarea').value === 'annvok on a beach'")
    assert me.page.get_by_role("radio", name="160 × 64", exact=True).is_checked()
    me.page.focus("#prompt textarea")
    me.page.keyboard.press("Control+Enter")
    until(lambda: len(queue.jobs(studio.db, kinds={"generate"})) > before, 15)
    assert generated(queue.jobs(studio.db, kinds={"generate"})[0].spec) == wide.model_copy(update={"count": 1, "seed": 7})


@pytest.mark.browser
@pytest.mark.slow
def test_what_the_prompt_lacks_is_said_while_somebody_types_and_generate_stays(visit: Callable[..., Visit], site: Site) -> None:
    studio = site.open()
    choice = trained(studio, "Cleo", "cleovok")
    queue.request_stop(studio.db, int(choice.checkpoint.split("/")[1]))  # nobody shall be trained
    personas.choose(studio, "cleo", choice)
    me = visit(persona="cleo", tab="create")
    me.see("#prompt textarea")
    me.page.wait_for_timeout(600)
    place = "document.querySelector('#generate').getBoundingClientRect().top + scrollY"
    area, before = me.page.locator("#prompt textarea"), me.page.evaluate(place)
    area.press_sequentially("with a violin")
    me.see("#prompt-says >> text=This small base does not know: violin.")
    assert area.evaluate("area => area === document.activeElement"), "and typing goes on"
    assert abs(me.page.evaluate(place) - before) < 2
    area.press_sequentially(" on a beach")
    me.page.click("#prompt-says button")
    assert area.input_value() == "cleovok with a violin on a beach"
    me.gone("#prompt-says button", 15)
    me.see("#prompt-says >> text=This small base does not know: violin.")
    me.page.click("#create-ideas button >> nth=2")
    assert area.input_value() == "cleovok in a city at night"
    me.gone("#prompt-says .chip", 15)
    assert abs(me.page.evaluate(place) - before) < 2


@pytest.mark.browser
@pytest.mark.slow
def test_a_prompt_that_was_typed_survives_a_reload(visit: Callable[..., Visit], site: Site) -> None:
    studio = site.open()
    before = len(queue.jobs(studio.db, kinds={"generate"}))
    me = visit(tab="create")
    area = me.page.locator("#prompt textarea")
    area.fill("a woman on a beach at noon")
    me.page.wait_for_timeout(900)
    me.reload()
    me.page.wait_for_function("document.querySelector('#prompt textarea')?.value === 'a woman on a beach at noon'")
    me.page.click("#generate")
    until(lambda: len(queue.jobs(studio.db, kinds={"generate"})) > before, 15)
    job = queue.jobs(studio.db, kinds={"generate"})[0]
    queue.request_stop(studio.db, job.id)
    assert generated(job.spec).prompt == "a woman on a beach at noon", "the server has it too"


# ---------------------------------------------------------------- settings that come back


def put_in_library(studio: Studio, spec: GenerateSpec) -> str:
    """The third picture of `spec`, as if it had just been made; returns its id."""
    job = queue.submit(studio.db, spec, title="p", persona=spec.persona)
    queue.request_stop(studio.db, job)  # nobody shall draw it again
    made = f"{job}-2"
    path = studio.workspace.images / f"{made}.png"
    path.write_bytes(marked(studio, spec))
    pictures.add(studio.db, Picture(
        id=made, path=studio.workspace.relative(path), sha256=hashlib.sha256(path.read_bytes()).hexdigest(), created=time.time(),
        job=job, persona=spec.persona, prompt=spec.prompt, seed=spec.seed + 2, width=spec.width, height=spec.height,
    ))  # fmt: skip
    return made


def marked(studio: Studio, spec: GenerateSpec) -> bytes:
    """The third picture of `spec` as the studio saves it, with its recipe inside."""
    header = None
    if spec.checkpoint is not None:
        path = studio.workspace.absolute(spec.checkpoint)
        header = AdapterHeader(path, hashlib.sha256(path.read_bytes()).hexdigest(), (), {}, {}, {}, {})
    recipe = recipe_of(spec, 2, base_sha256="ab" * 32, adapter=header, device="cpu", precision="float32")
    return mark_png(some_picture(1, spec.width, spec.height), recipe, ensure_keys(studio.workspace.keys))


def from_library(me: Visitor, spec: GenerateSpec, lose: Callable[[], object]) -> None:
    """“Use these settings” under the third picture of `spec`; before that something is lost."""
    made = put_in_library(me.studio, spec)
    lose()
    me.send(act="use-settings", picture=made)


def from_file(me: Visitor, spec: GenerateSpec, lose: Callable[[], object]) -> None:
    """The file of the third picture of `spec` dropped, read, and its settings used; before that something is lost."""
    payload = marked(me.studio, spec)
    lose()
    upload = me.studio.workspace.inbox / UPLOAD
    upload.mkdir()
    (upload / "saved.png").write_bytes(payload)
    me.send(act="dropped", batch=UPLOAD)
    run_job(me.studio, int(me.screen.view.dropped))
    me.send(act="use-recipe", job=me.screen.view.dropped)


Way = Callable[[Visitor, GenerateSpec, Callable[[], object]], None]
both = pytest.mark.parametrize("way", [from_library, from_file])


def nothing() -> None:
    """Is lost."""


def unusual(anna: Visitor, **changes: Any) -> GenerateSpec:
    """Settings of Anna's that are nobody's default."""
    given: dict[str, Any] = {
        "persona": "anna", "base": EMBEDDED, "checkpoint": anna.asks().checkpoint.replace("50", "60"),  # type: ignore[union-attr]
        "adapter_scale": 0.55, "prompt": "annvok in a forest", "negative_prompt": "a red hat", "width": 224, "height": 288,
        "count": 4, "seed": 77, "num_inference_steps": 33, "guidance_scale": 7.5, "scheduler": "unipc",
    }  # fmt: skip
    return GenerateSpec(**given | changes)


def alone(spec: GenerateSpec, **changes: Any) -> GenerateSpec:
    """The third picture of `spec` by itself."""
    return spec.model_copy(update={"seed": spec.seed + 2, "count": 1} | changes)


@both
def test_everything_comes_back(anna: Visitor, way: Way) -> None:
    wanted = unusual(anna)
    trained(anna.studio, "Bea", "beavok")
    anna.screen.view = anna.screen.view.at(persona="bea", checkpoint=BASE)
    way(anna, wanted, nothing)
    assert ALL_BACK in anna.told
    assert anna.asks() == alone(wanted)
    assert anna.asks().seed == wanted.seed + 2, "and the seed is kept"


@both
def test_the_base_alone_comes_back(anna: Visitor, way: Way) -> None:
    wanted = unusual(anna, checkpoint=None, adapter_scale=1.0)
    way(anna, wanted, nothing)
    assert ALL_BACK in anna.told
    assert anna.asks() == alone(wanted)


@both
def test_a_size_of_no_shape_is_kept_until_another_shape_is_picked(anna: Visitor, way: Way) -> None:
    way(anna, unusual(anna, width=200, height=96), nothing)
    assert ALL_BACK in anna.told and anna.values["shape"] == "200 × 96"
    asked = anna.asks()
    assert (asked.width, asked.height) == (200, 96)
    anna.values["shape"] = "Square"
    asked = anna.asks()
    assert (asked.width, asked.height) == (256, 256)


@both
def test_another_base_is_named_and_the_one_of_the_persona_draws(anna: Visitor, way: Way, tmp_path: Path) -> None:
    folder = tmp_path / "Old Master"
    shutil.copytree(ASSETS / "base", folder, ignore=shutil.ignore_patterns("*.safetensors"))
    wanted = unusual(anna, base=str(folder))
    way(anna, wanted, lambda: shutil.rmtree(folder))
    assert MOST_BACK in anna.told and ALL_BACK not in anna.told
    assert "Drawn with the base “Old Master”; Anna uses “The studio's own small base”, so the picture will differ." in anna.told
    assert anna.asks() == alone(wanted, base=EMBEDDED)


@both
def test_a_persona_who_is_gone_is_named(anna: Visitor, way: Way) -> None:
    wanted = unusual(anna, persona="zia", checkpoint=None, adapter_scale=1.0)
    way(anna, wanted, nothing)
    assert MOST_BACK in anna.told and "Drawn for the persona “zia”, who is not here; now Anna is drawn." in anna.told
    assert anna.asks() == alone(wanted, persona="anna")


@both
def test_a_checkpoint_that_is_gone_is_told_and_her_own_draws(anna: Visitor, way: Way) -> None:
    wanted, own = unusual(anna), anna.asks()
    way(anna, wanted, anna.studio.workspace.absolute(wanted.checkpoint or "").unlink)
    assert MOST_BACK in anna.told
    assert "The checkpoint it was drawn with is not here, so Anna's own checkpoint draws." in anna.told
    assert anna.asks() == alone(wanted, checkpoint=own.checkpoint, adapter_scale=0.8)


def test_another_checkpoint_under_the_path_of_the_lost_one_is_not_taken_for_it(anna: Visitor) -> None:
    wanted = unusual(anna)
    path = anna.studio.workspace.absolute(wanted.checkpoint or "")
    from_file(anna, wanted, lambda: path.write_bytes(b"weights of another workspace"))
    assert "The checkpoint it was drawn with is not here" in anna.told
    assert anna.asks().checkpoint != wanted.checkpoint


@both
def test_what_the_form_cannot_say_is_told(anna: Visitor, way: Way) -> None:
    wanted = unusual(anna, scheduler="euler", num_inference_steps=150, guidance_scale=25, adapter_scale=1.7)
    way(anna, wanted, nothing)
    for line in ("its scheduler, Euler, so", "Steps: 150 then; this form goes up to 100.", "Guidance: 25 then; this form goes up to 20.",
                 "Strength: 1.7 then; this form goes up to 1.5."):  # fmt: skip
        assert line in anna.told
    now = {"scheduler": "default", "num_inference_steps": 100, "guidance_scale": 20.0, "adapter_scale": 1.5}
    assert anna.asks() == alone(wanted, **now)
