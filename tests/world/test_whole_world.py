"""The whole world: what its pictures show, that it is sound, and that captions and truth agree."""

import math
import random
from collections import Counter
from dataclasses import fields

import numpy as np
import pytest
import torch

from studio.domain.claims import Atom, atoms
from studio.domain.vocabulary import CREATURES, GARMENTS, HATS, PLACES, THINGS, words_of
from studio.jobs.judge_truth import LABELS
from studio.world.captions import caption
from studio.world.head import eye_share, shoulder_share
from studio.world.identity import sample_identity
from studio.world.materials import Material
from studio.world.people import people
from studio.world.phrasing import prose, short, tags, wordings
from studio.world.render import camera, focus, render
from studio.world.sampling import COMPANIONS, ROOM_FOR_TWO, sample_pair, sample_picture, still_life
from studio.world.scene import Scene, sample_scene
from studio.world.still_life import FIRM, MOST, TALL, Thing, row
from studio.world.things import Things
from studio.world.trace import find_tracer
from studio.world.truth import attributes

SCENES = [sample_picture(seed) for seed in range(5000)]
WHO = [sample_identity(3 * seed) for seed in range(500)]
PAIRS = [(WHO[number % 500], scene) for number, scene in enumerate(SCENES)]


def numbers(what: object) -> list[float]:
    """Every number in a scene, however deep."""
    if isinstance(what, tuple):
        return [number for part in what for number in numbers(part)]
    if hasattr(what, "__dataclass_fields__"):
        values = [getattr(what, field.name) for field in fields(what)]  # type: ignore[arg-type]
        return [number for value in values for number in numbers(value)]
    return [float(what)] if isinstance(what, int | float) else []


def test_a_seed_is_a_picture() -> None:
    assert [sample_picture(seed) for seed in range(50)] == SCENES[:50]
    assert len(set(SCENES)) == len(SCENES)


def test_all_kinds_places_things_clothes_and_counts_come_up() -> None:
    assert {scene.place for scene in SCENES} == set(PLACES)
    assert {scene.garment for scene in SCENES if scene.person} == set(GARMENTS)
    assert {scene.hat for scene in SCENES if scene.person} == {"", *HATS}
    still = [scene.still for scene in SCENES if scene.still]
    assert {thing.shape for one in still for thing in one.things} == {*THINGS, *CREATURES}
    assert {len(one.things) for one in still if one.relation == "row"} == set(range(1, MOST + 1))
    assert {one.relation for one in still} == {"row", "side", "stack", "depth", "groups", "above"}
    assert sum(scene.companion is not None for scene in SCENES) > 400
    shares = Counter(scene.place for scene in SCENES if scene.person)
    assert min(shares.values()) > 100


def test_only_the_places_asked_for() -> None:
    assert {sample_picture(seed, ("library", "skiing")).place for seed in range(60)} == {"library", "skiing"}


def test_no_number_is_missing_over_five_thousand_seeds() -> None:
    for scene in SCENES:
        assert all(map(math.isfinite, numbers(scene)))
        lens = camera(scene)
        assert np.isfinite([*lens.at, *lens.forward, *lens.right, *lens.up, lens.reach, lens.half]).all()
        assert all(math.isfinite(value) for value in focus(scene) or ())


def test_everyone_is_adult_dressed_and_somebody_of_their_own() -> None:
    for person, scene in PAIRS:
        both = [(person, scene)] if scene.person else []
        both += [(sample_identity(other.identity), other.scene)] if (other := scene.companion) else []
        for who, look in both:
            assert eye_share(who) < 0.15
            assert shoulder_share(who) > 1.9
            assert look.garment in GARMENTS
        if scene.companion:
            assert scene.companion.identity >= COMPANIONS
            assert scene.companion.scene.colour != scene.colour
        if scene.place == "swimming":
            assert scene.garment == "wetsuit"


def test_pictures_hold_no_broken_light() -> None:
    """Not-a-number light becomes pure black, as in the first world's test."""
    for seed in range(16):
        picture = render(WHO[seed], SCENES[seed], 32)
        assert (picture.max(axis=2) == 0).mean() < 0.03, seed
        assert (picture.min(axis=2) == 255).mean() < 0.2, seed
        assert picture.std() > 8, seed


def test_things_stand_apart_and_in_their_relation() -> None:
    for scene in SCENES:
        still = scene.still
        if still is None:
            continue
        first, second = still.spots[0], still.spots[-1]
        if still.relation == "side":
            assert first.x < second.x - 0.5
        elif still.relation == "stack":
            assert first.y == pytest.approx(second.radius * TALL[still.things[1].shape], abs=0.02)
        elif still.relation == "depth":
            assert first.z > second.z + 1
        elif still.relation == "groups":
            left, right = still.spots[: still.split], still.spots[still.split :]
            assert max(spot.x for spot in left) < min(spot.x for spot in right)
        elif still.relation == "above":
            assert first.y > second.y + 1
        gaps = [math.dist((a.x, a.y, a.z), (b.x, b.y, b.z)) for a in still.spots for b in still.spots if a is not b]
        assert min(gaps, default=1) > 0.2
        lens = camera(scene)
        assert max(abs(spot.x) for spot in still.spots) < lens.half


@pytest.mark.parametrize("shape", FIRM)
def test_what_others_stand_on_is_as_tall_as_it_is_said_to_be(shape: str) -> None:
    things = Things(still_life(1, "table", row(Thing(shape, "red"), 1, random.Random(1))))
    (placed,) = things.placed
    x, z = torch.meshgrid(torch.linspace(-1.1, 1.1, 27), torch.linspace(-1.1, 1.1, 27), indexing="ij")
    inside = []
    for height in torch.linspace(0.02, 2, 200).tolist():
        y = torch.full((x.numel(),), placed.y + height * placed.radius)
        parts = things.parts(x.flatten() * placed.radius + placed.x, y, z.flatten() * placed.radius + placed.z)
        if min(float(d.min()) for kind, d in parts if kind >= Material.THING) < 0:
            inside.append(height)
    assert max(inside) == pytest.approx(TALL[shape], abs=0.05)


def test_what_every_wording_claims_is_true() -> None:
    checked = 0
    for person, scene in PAIRS[:900]:
        truth = attributes(person, scene)
        for text in wordings(person, scene, scene.seed):
            for atom in atoms(text):
                if atom.name in truth:
                    assert truth[atom.name] == atom.value, (text, atom)
                    checked += 1
    assert checked > 8_000


def test_truth_is_in_the_words_of_the_judges() -> None:
    for person, scene in PAIRS:
        for name, value in attributes(person, scene).items():
            assert value in LABELS[name], (name, value)


def test_two_people_keep_what_is_theirs() -> None:
    for person, scene in [pair for pair in PAIRS if pair[1].companion][:60]:
        assert scene.companion is not None
        truth = attributes(person, scene)
        side = "right" if scene.companion.side == "left" else "left"
        other = sample_identity(scene.companion.identity)
        assert truth[f"{side} hair colour"] == person.hair
        assert truth[f"{scene.companion.side} hair colour"] == other.hair
        assert truth[f"{scene.companion.side} garment colour"] == scene.companion.scene.colour
        first, second = people(person, scene)
        assert (first.x < second.x) == (side == "left")
        text = caption(person, scene, scene.seed, who="zia woman")
        assert "zia woman" in text
        if f" on the {side} and" in text or f" on the {side}, " in text:
            assert text.index("zia woman") < text.index(f" on the {side}")


def test_pairs_are_two_people_everywhere_there_is_room_and_said_to_be_together() -> None:
    pairs = [(WHO[seed], sample_pair(seed)) for seed in range(300)]
    assert {scene.place for _, scene in pairs} == set(ROOM_FOR_TWO)
    said = [text for person, scene in pairs for text in wordings(person, scene, scene.seed)]
    assert all(Atom("people", "2") in atoms(text) for text in said)
    for opening in ("two people ", "two friends ", "a couple ", "two women ", "two men ", "a woman and a man ", "a man and a woman "):
        assert sum(text.startswith(opening) for text in said) > 10, opening
    assert sum(" hair and a " in text for text in said) > 60
    for person, scene in pairs[:4]:
        assert scene.companion is not None and len(people(person, scene)) == 2
        assert render(person, scene, 32).std() > 8


def test_one_caption_of_people_is_about_them_alone() -> None:
    """Where every caption names a place, one without is read as anything: "a woman in a sweater and a hat" as two people."""
    last = [(scene, wordings(person, scene, scene.seed)[-1]) for person, scene in PAIRS[:600] if scene.person]
    claimed = [(scene, {atom.name: atom.value for atom in atoms(text)}) for scene, text in last]
    assert not any("place" in said for _, said in claimed)
    assert all((said.get("people") == "2") == (scene.companion is not None) for scene, said in claimed)
    alone = [text for scene, text in last if scene.companion is None]
    assert {"a woman", "a man"} < set(alone)
    assert sum(" wearing " in text for text in alone) > len(alone) / 4 < sum(" with " in text for text in alone)
    assert sum(" and a " in text for text in alone) > 20


def test_captions_differ_in_form_and_length() -> None:
    lengths = [len(words_of(text)) for person, scene in PAIRS[:400] for text in wordings(person, scene, scene.seed)]
    assert min(lengths) <= 5
    assert 35 < max(lengths) <= 62
    person, scene = WHO[0], sample_scene(4, "garden")
    forms = {form(person, scene, random.Random(seed)) for form in (prose, short, tags) for seed in range(40)}
    assert len(forms) > 60


def test_a_sample_is_drawn_alike_by_compiled_geometry(tmp_path_factory: pytest.TempPathFactory) -> None:
    tracer = find_tracer(tmp_path_factory.mktemp("compiled"))
    if tracer is None:
        pytest.skip("no C compiler here; the plain renderer is used")
    kinds: dict[str, Scene] = {}
    for scene in SCENES:
        kinds.setdefault("two" if scene.companion else scene.still.relation if scene.still else "one", scene)
    for kind in ("two", "above", "depth"):
        plain, compiled = render(WHO[1], kinds[kind], 32), render(WHO[1], kinds[kind], 32, tracer)
        assert (np.abs(plain.astype(int) - compiled) > 3).mean() < 0.01, kind
