"""The judges in `assets/judges`: they know the example persona from others, read what they offer, refuse the rest."""

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from studio.catalog import ASSETS
from studio.domain.errors import BadInput, MissingWeights
from studio.domain.events import Event, Scalar
from studio.domain.pointed import OTHER
from studio.engines.judge import OFFERED_FROM, Judge, Pixels, _is_sure, batches, load_judge
from studio.engines.judge_discriminant import _blended, directions, discriminate
from studio.engines.judge_measures import auc, calibrate, save_judge, verification
from studio.engines.judge_network import CUTS, JudgeNetwork, heads, moved
from studio.engines.judge_training import ABSENT, Lesson, Truth, train_gate, train_judge
from studio.engines.judge_views import moved_about
from studio.engines.outsiders import outsiders
from studio.world.identity import sample_identity
from studio.world.render import focus, render
from studio.world.scene import sample_scene
from studio.world.trace import find_tracer
from studio.world.truth import attributes

EXAMPLE = ASSETS / "example"
HELD_OUT = (900_000, 999_999)
"""Seeds that nothing may be taught; what is measured is measured on them."""


def pictures(folder: Path) -> Pixels:
    found = []
    for path in sorted(path for path in folder.iterdir() if path.suffix in (".png", ".webp")):
        with Image.open(path) as picture:
            found.append(np.asarray(picture.convert("RGB")))
    return np.stack(found)


@pytest.fixture(scope="module", params=["chooser", "reporter"])
def judge(request: pytest.FixtureRequest) -> Judge:
    return load_judge(ASSETS / "judges" / request.param)


@pytest.fixture(scope="module")
def her() -> Pixels:
    return pictures(EXAMPLE)


def test_she_is_nearer_to_herself_than_to_another(judge: Judge, her: Pixels) -> None:
    own, other = judge.embed(her), judge.embed(pictures(EXAMPLE / "other"))
    assert own.shape == (24, 96)
    assert own.dtype == np.float32
    assert np.linalg.norm(own, axis=1) == pytest.approx(np.ones(24), abs=1e-4)
    same = (own @ own.T)[np.triu_indices(24, 1)]
    assert auc(same, (own @ other.T).ravel()) > 0.95


def test_strangers_score_near_nothing(judge: Judge, her: Pixels) -> None:
    own, strangers = judge.embed(her), judge.embed(pictures(ASSETS / "judges" / "strangers"))
    assert (own @ strangers.T).mean() < 0.25 < (own @ own.T).mean()


def test_one_picture_alone_reads_as_in_a_batch(judge: Judge, her: Pixels) -> None:
    assert judge.embed(her[3:4])[0] == pytest.approx(judge.embed(her)[3], abs=1e-4)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pixels, list[dict[str, str]]]:
    """Seven people neither judge saw, one in each place, and the truth about them."""
    tracer = find_tracer(tmp_path_factory.mktemp("compiled"))
    places = ("beach", "skiing", "city", "forest", "studio", "café", "swimming")
    pairs = [(sample_identity(970_000 + k), sample_scene(980_000 + k, place)) for k, place in enumerate(places)]
    drawn = [render(person, scene, 128, tracer) for person, scene in pairs]
    return np.stack(drawn), [attributes(person, scene) for person, scene in pairs]


def test_offered_attributes_are_read_on_fresh_renders(judge: Judge, fresh: tuple[Pixels, list[dict[str, str]]]) -> None:
    drawn, truths = fresh
    read = judge.attributes(drawn)
    assert "person" in read and ("place" in read) == (judge.objects is not None), "the chooser is asked for likeness alone"
    for name, found in read.items():
        told = judge.offered[name]
        asked = [(label, truth[name]) for label, truth in zip(found, truths, strict=True) if name in truth]
        right = sum(label == (true if true in told else OTHER) for label, true in asked)
        assert right >= len(asked) - 1, (name, asked)
    assert judge.in_world(drawn).all()


def test_only_sure_attributes_are_offered(judge: Judge, her: Pixels) -> None:
    table = judge.card["attributes"]
    sure = {
        name
        for name, entry in judge.table.items()
        if entry.get("kept", True) and (_is_sure(entry) or entry.get("sure"))
    }
    assert set(judge.attributes(her[:2])) == set(judge.offered) == sure
    assert judge.objects is None or {name for name, entry in table.items() if entry["accuracy"] >= OFFERED_FROM} <= sure
    assert all(judge.table[name]["pictures"] >= 50 for name in judge.offered)
    assert "eyes" not in judge.offered


def test_the_card_holds_what_was_asked_of_it(judge: Judge) -> None:
    numbers = judge.card["verification"]
    assert numbers["auc_random"] >= 0.95
    assert numbers["auc_hard"] >= 0.85
    assert numbers["impostor_sd"] > 0
    assert judge.card["licence"] == "Apache-2.0"


def seeds(stretches: Iterable[Sequence[int]]) -> set[int]:
    return {seed for first, last in stretches for seed in range(first, last + 1)}


def test_nobody_was_taught_and_tested() -> None:
    cards = [json.loads((ASSETS / "judges" / n / "card.json").read_text("utf-8")) for n in ("chooser", "reporter")]
    base = json.loads((ASSETS / "base" / "taught.json").read_text("utf-8"))
    chooser, reporter, drawn = (seeds(card["identities"]) for card in (*cards, base))
    persona = json.loads((EXAMPLE / "persona.json").read_text("utf-8"))
    strangers = [int(path.stem) for path in (ASSETS / "judges" / "strangers").glob("*.webp")]
    tested = {persona["world_identity"], persona["other"]["world_identity"], *strangers}
    tested |= seeds([*cards[0]["held_out_identities"], *cards[1]["held_out_identities"], HELD_OUT])
    assert not tested & (chooser | reporter | drawn)
    assert len(chooser) >= 400 and len(drawn) >= 10_000 and not chooser & reporter
    assert cards[0]["seed"] != cards[1]["seed"]


def test_its_own_world_is_known(judge: Judge, her: Pixels) -> None:
    assert judge.in_world(her).mean() >= 22 / 24
    assert judge.in_world(pictures(ASSETS / "judges" / "strangers")).mean() >= 0.95


def test_other_pictures_are_not_of_the_world(judge: Judge) -> None:
    rng = np.random.default_rng(77)
    grey = np.full((1, 128, 128, 3), 128, np.uint8)
    noise = rng.integers(0, 256, (6, 128, 128, 3), dtype=np.uint8)
    ramp = np.broadcast_to(np.linspace(0, 255, 128)[None, :, None], (128, 128, 3)).astype(np.uint8)[None]
    assert not judge.in_world(np.concatenate([grey, noise, ramp])).any()
    strange = outsiders(pictures(EXAMPLE / "other")[:, ::2, ::2], 140, rng)
    assert judge.in_world(strange).mean() < 0.1


def test_a_photograph_is_not_of_the_world(judge: Judge) -> None:
    import matplotlib

    photograph = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    with Image.open(photograph) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert not judge.in_world(pixels[None]).any()


def test_what_is_no_batch_of_pictures_is_refused(judge: Judge) -> None:
    with pytest.raises(BadInput, match="float64 pixels"):
        judge.embed(np.zeros((1, 128, 128, 3)))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=r"shape \(0, 128, 128, 3\)"):
        judge.embed(np.zeros((0, 128, 128, 3), np.uint8))


def test_a_damaged_judge_says_so(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="incomplete or damaged"):
        load_judge(tmp_path)
    shutil.copytree(ASSETS / "judges" / "chooser", tmp_path / "half")
    weights = tmp_path / "half" / "judge.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(MissingWeights, match="incomplete or damaged"):
        load_judge(tmp_path / "half")


def test_heads_are_cut_where_the_focus_is() -> None:
    picture = torch.zeros(1, 3, 128, 128)
    picture[:, :, 20:40, 80:100] = 1.0
    where = torch.tensor([[(90 - 64) / 64, (30 - 64) / 64, 10 / 64]])
    cut = heads(picture, where)
    assert cut.shape == (1, 3, 64, 64)
    assert cut[0, 0, 24:40, 24:40].mean() > 0.99


def lessons(seeds: range, scenes: int) -> Truth:
    """A few small-sized renders, blown up to the judge's size: enough to learn something from."""
    names = {"place": ("beach", "city", "studio"), "gender": ("woman", "man"), "hair colour": tuple("ab"), "hair style": tuple("ab")}
    rows = [(seed, scene) for seed in seeds for scene in range(scenes)]
    labels = {name: np.full(len(rows), ABSENT, np.int64) for name in names}
    pixels, where = [], []
    for row, (seed, number) in enumerate(rows):
        person, scene = sample_identity(seed), sample_scene(seed * 31 + number, names["place"][number % 3])
        pixels.append(np.kron(render(person, scene, 32), np.ones((4, 4, 1), np.uint8)))
        labels["place"][row] = number % 3
        labels["gender"][row] = names["gender"].index(person.gender)
        labels["hair colour"][row] = labels["hair style"][row] = seed % 2
        where.append(focus(scene))
    return Truth(
        np.stack(pixels), np.array([seed for seed, _ in rows]), np.array([seed for seed, _ in rows]), labels,
        np.zeros((len(rows), 2), np.float32), np.array(where, np.float32), np.stack(pixels)[:4], np.stack(pixels)[:0],
    )  # fmt: skip


def test_a_judge_is_taught_calibrated_written_and_read(tmp_path: Path) -> None:
    names = {"place": ("beach", "city", "studio"), "gender": ("woman", "man"), "hair colour": ("a", "b"), "hair style": ("a", "b")}
    losses: list[float] = []

    def report(event: Event) -> None:
        if isinstance(event, Scalar) and event.name == "loss":
            losses.append(event.value)

    taught, tested = lessons(range(100, 104), 3), lessons(range(200, 204), 2)
    network = train_judge(taught, names, Lesson(steps=26, batch_size=8, seed=1), report)
    assert losses[-1] < 0.8 * losses[0]
    train_gate(network, taught, 2, 1, report, strangers=28)
    judge = calibrate(network, tested, {"traits": ["a", "b"], "name": "tiny"})
    assert judge.card["verification"]["pairs_genuine"] == 4
    save_judge(judge, tmp_path)
    again = load_judge(tmp_path)
    assert again.card == judge.card
    assert again.embed(tested.pixels) == pytest.approx(judge.embed(tested.pixels), abs=0.02)
    assert set(JudgeNetwork(names).state_dict()) == set(network.state_dict())


def test_a_judge_goes_on_from_an_earlier_one_that_read_less() -> None:
    taught = lessons(range(100, 102), 2)
    names = {"place": ("beach", "city", "studio"), "gender": ("woman", "man"), "hair colour": ("a", "b"), "hair style": ("a", "b")}
    before = JudgeNetwork(names | {"place": ("beach", "city")})
    after = train_judge(taught, names, Lesson(steps=0), lambda event: None, before).state_dict()
    kept = [name for name, value in before.state_dict().items() if torch.equal(value, after[name])]
    assert any(name.startswith("head.") for name in kept) and "find.weight" in kept and "gate.read.weight" in kept
    assert after["picture_attributes.weight"].shape != before.state_dict()["picture_attributes.weight"].shape


def test_pictures_are_moved_together_with_the_heads_in_them() -> None:
    torch.manual_seed(0)
    side, spot = 128, torch.tensor([[0.3, -0.2, 0.3]]).repeat(16, 1)
    y, x = torch.meshgrid(torch.linspace(-1, 1, side), torch.linspace(-1, 1, side), indexing="ij")
    disc = (((x - 0.3) ** 2 + (y + 0.2) ** 2).sqrt() < 0.3).float().expand(16, 3, side, side)
    moved, found = moved_about(disc.contiguous(), spot)
    weight = moved[:, 0] / moved[:, 0].sum((1, 2), keepdim=True)
    middle = torch.stack([(weight * x).sum((1, 2)), (weight * y).sum((1, 2))], dim=1)
    whole = (moved[:, 0, 0].sum(1) + moved[:, 0, -1].sum(1) + moved[:, 0, :, 0].sum(1) + moved[:, 0, :, -1].sum(1)) == 0
    assert whole.sum() >= 10 and (middle - spot[:, :2]).abs().max() > 0.05
    assert (middle - found[:, :2])[whole].abs().max() < 0.02
    area = moved[:, 0].mean((1, 2)) * 4
    assert ((area / torch.pi).sqrt() - found[:, 2])[whole].abs().max() < 0.02


def test_verification_knows_hard_pairs() -> None:
    embedding = np.array([[1, 0], [1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]], np.float32)
    people, families = np.array([1, 1, 2, 4, 3]), np.array([1, 1, 1, 4, 3])
    alike = {name: np.array([0, 0, 0, 0, 1]) for name in ("gender", "hair colour", "hair style")}
    blank = np.zeros((5, 128, 128, 3), np.uint8)
    found = verification(embedding, Truth(blank, people, families, alike, embedding, embedding, blank[:0], blank[:0]))
    assert (found["pairs_genuine"], found["pairs_impostor"], found["pairs_hard"]) == (1, 9, 3)
    assert found["auc_hard"] == found["auc_random"] == 1.0
    assert (found["pairs_look_alikes"], found["look_alike_mean"]) == (2, pytest.approx(0.8))


def test_auc_counts_ties_half() -> None:
    assert auc(np.array([1.0, 2.0]), np.array([1.0, 0.0])) == pytest.approx(0.875)


def test_people_are_told_apart_by_what_is_theirs() -> None:
    """Of a network that sees whatever it sees, the closed form keeps what stays the same about a person."""
    torch.manual_seed(0)
    names = {"gender": ("woman", "man")}
    taught, tested = lessons(range(300, 312), 4), lessons(range(400, 406), 3)
    network = JudgeNetwork(names).eval()
    before = verification(_embedded(network, tested), tested)
    discriminate(network, taught, 0)
    after = verification(_embedded(network, tested), tested)
    assert after["auc_random"] > before["auc_random"] + 0.05
    used = int(network.embed.weight.any(1).sum())
    assert 2 <= used <= 11, "twelve people differ in eleven directions at most"


def test_what_tells_look_alikes_apart_counts_most() -> None:
    """One axis that families differ in, by far the most, one in which members of a family differ, one of noise."""
    rng = np.random.default_rng(0)
    families = np.repeat(np.arange(40), 3)
    means = np.stack([4 * rng.normal(size=40)[families], rng.normal(size=120), np.zeros(120)], axis=1)
    owner = torch.arange(120).repeat_interleave(4)
    rows = torch.from_numpy((means[owner] + 0.5 * rng.normal(size=(480, 3))).astype(np.float32))

    def weight_of_kin(of: np.ndarray) -> float:
        strength = directions(rows, owner, torch.from_numpy(of), 3).norm(dim=1)
        assert strength[2] < 0.25 * strength[1], "noise tells nobody apart"
        return float(strength[1] / strength[0])

    assert weight_of_kin(families) > weight_of_kin(np.arange(120))


def test_a_share_of_a_judge_is_what_it_says() -> None:
    """Products of what two layers tell, each on its own scale, weighed; as long as there are directions enough."""
    torch.manual_seed(0)
    seen = torch.randn(200, 40)
    before, new = ((torch.zeros(8, 40), torch.zeros(8)) for _ in range(2))
    for (weight, bias), size in ((before, 5.0), (new, 0.2)):
        weight[:3], bias[:3] = size * torch.randn(3, 40), size * torch.randn(3)

    def products(layer: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        told = seen @ layer[0].T + layer[1]
        return told @ told.T / told.norm(dim=1).mean() ** 2

    weight, bias = _blended(before, new, 0.3, seen)
    told = seen @ weight.T + bias
    assert weight.shape == (8, 40)
    assert torch.allclose(told @ told.T, 0.7 * products(before) + 0.3 * products(new), atol=1e-4)


def test_people_of_now_are_a_share_of_what_tells_people_apart() -> None:
    torch.manual_seed(0)
    taught = lessons(range(300, 312), 4)
    network = JudgeNetwork({"gender": ("woman", "man")}).eval()
    before = network.embed.weight.clone()
    discriminate(network, taught, 0, share=0.0)
    kept = network.embed.weight.clone()
    assert torch.linalg.matrix_rank(torch.cat([kept, before]), rtol=1e-3) == len(before), "turned and scaled, no more"
    discriminate(network, taught, 0, share=0.5)
    assert torch.linalg.matrix_rank(torch.cat([network.embed.weight, before]), rtol=1e-3) > len(before)


def test_a_head_is_found_in_a_picture_where_it_is_in_its_mirror(judge: Judge, her: Pixels) -> None:
    x = next(batches(her[:4]))
    with torch.inference_mode():
        here, there = judge.network.located(x)[1], judge.network.located(x.flip(3))[1]
        alone = judge.network.look(x)[1] - judge.network.look(x.flip(3))[1] * torch.tensor([-1, 1, 1])
    assert torch.allclose(here, there * torch.tensor([-1, 1, 1]), atol=1e-5)
    assert alone.abs().max() > 0.01, "one look finds them apart"


def test_what_is_read_of_a_head_is_the_mean_of_nine_looks(judge: Judge, her: Pixels) -> None:
    x = next(batches(her[:2]))
    with torch.inference_mode():
        focus = judge.network.located(x)[1]
        told = [judge.network.person(heads(x, moved(focus, cut))) for cut in CUTS]
        embedding, logits = judge.network.recognised(x, focus)
    mean = sum(one for one, _ in told)
    assert len({round(float(one[0, 0]), 6) for one, _ in told}) == len(CUTS) == 9
    assert torch.allclose(embedding, mean / mean.norm(dim=1, keepdim=True), atol=1e-5)  # type: ignore[union-attr]
    assert torch.allclose(logits, sum(read for _, read in told) / 9, atol=1e-4)
    assert judge.embed(her[:2]) == pytest.approx(embedding.numpy(), abs=1e-4)


def test_one_person_alone_settles_nothing() -> None:
    network = JudgeNetwork({"gender": ("woman", "man")}).eval()
    before = network.embed.weight.clone()
    discriminate(network, lessons(range(300, 301), 3), 0)
    once = lessons(range(300, 303), 1)
    discriminate(network, replace(once, softened=once.softened[:0]), 0)
    assert torch.equal(network.embed.weight, before)


def _embedded(network: JudgeNetwork, truth: Truth) -> np.ndarray:
    x = torch.from_numpy(truth.pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.inference_mode():
        return network(x, torch.from_numpy(truth.focus))[0].numpy()
