import json
import shutil
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from studio.actions import datasets as dataset_actions
from studio.actions import personas as actions
from studio.actions.triggers import check_trigger, suggest_trigger
from studio.catalog import ASSETS
from studio.domain.errors import BadInput, Conflict, NotFound, Refused
from studio.domain.records import Charter, Choice, Consent, JobStatus, Persona
from studio.domain.specs import GenerateSpec, ImportSpec, TrainSpec
from studio.storage import datasets, gate, personas, queue
from studio.storage.opened import Studio, open_studio
from tests.pictures import encoded, example, scene

ADULT = Charter(kind="fictional", confirmed_adult=True)
RECORD = Consent(person="Jane Roe", scope=("train", "generate"), expires=None, evidence_sha256="a" * 64)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return open_studio(tmp_path / "Arbeit ü")


def make(studio: Studio, name: str = "Zia", trigger: str = "ziavok", charter: Charter = ADULT) -> Persona:
    return actions.create_persona(studio, name=name, trigger=trigger, charter=charter)


def queued(studio: Studio, slug: str) -> int:
    spec = GenerateSpec(persona=slug, base="embedded", prompt="ziavok on a beach")
    return queue.submit(studio.db, spec, title="Four pictures", persona=slug)


def add_run(studio: Studio, slug: str, number: int = 1) -> None:
    """A training of hers with one checkpoint, `runs/<number>/checkpoints/step-000001.safetensors`."""
    folder = studio.workspace.run_dir(number)
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "checkpoints" / "step-000001.safetensors").write_bytes(b"x")
    (folder / "spec.json").write_text(TrainSpec(persona=slug).model_dump_json())


# ---------------------------------------------------------------- triggers


def test_suggestions_are_new_words_for_the_base() -> None:
    for name in ("Mila", "Zoë Müller", "小雪", "Woman", "Łucja", "Red"):
        word = suggest_trigger(name)
        assert check_trigger(word).ok
        assert word == suggest_trigger(name)
    assert suggest_trigger("Mila").startswith("mil")
    assert check_trigger(suggest_trigger("Zia")).tokens <= 4, "the fewest tokens that a made-up ending gives"


@pytest.mark.parametrize("word", ["woman", "red", "beach"])
def test_an_ordinary_word_of_the_base_is_refused(word: str) -> None:
    found = check_trigger(word)
    assert not found.ok
    assert "ordinary word" in found.sentence


@pytest.mark.parametrize("word", ["", "x", "two words", "Ab", "1ab", "<b>", "a" * 30, "zoë"])
def test_a_trigger_is_one_small_word(word: str) -> None:
    assert not check_trigger(word).ok


def test_a_trigger_of_too_many_tokens_is_refused() -> None:
    found = check_trigger("xqzvkjwpyhgqzvkj")
    assert not found.ok
    assert found.tokens > 8 and "too long" in found.sentence and "token" not in found.sentence


def test_the_number_of_tokens_is_that_of_the_real_tokenizer() -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(ASSETS / "base" / "tokenizer")
    for word in ("milkuv", "zia", "ohwx"):
        assert check_trigger(word).tokens == len(tokenizer(word, add_special_tokens=False).input_ids)


def test_another_base_is_asked_by_its_own_files(tmp_path: Path) -> None:
    base = tmp_path / "other base"
    shutil.copytree(ASSETS / "base", base, ignore=shutil.ignore_patterns("*.safetensors"))
    vocabulary = json.loads((base / "tokenizer" / "tokenizer.json").read_text("utf-8"))["model"]
    (base / "tokenizer" / "tokenizer.json").unlink()
    (base / "tokenizer" / "vocab.json").write_text(json.dumps(vocabulary["vocab"]))
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in vocabulary["merges"]]
    (base / "tokenizer" / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges))
    for word in ("woman", "milkuv", "zia"):
        assert check_trigger(word, str(base)).tokens == check_trigger(word).tokens


# ---------------------------------------------------------------- making and changing


def test_a_persona_is_made_with_a_name_of_any_script(studio: Studio) -> None:
    assert make(studio, "Zoë Müller").slug == "zoe-mueller"
    assert make(studio, "Zoë Müller").slug == "zoe-mueller-2"
    assert make(studio, "小雪").slug == "persona"
    assert [found.name for found in personas.personas(studio.workspace)] == [
        "Zoë Müller",
        "Zoë Müller",
        "小雪",
    ]


@pytest.mark.parametrize("name", ["", "   ", "<b></b>", "---", "a" * 61])
def test_a_name_needs_letters_and_has_an_end(studio: Studio, name: str) -> None:
    with pytest.raises(BadInput):
        make(studio, name)
    assert personas.personas(studio.workspace) == []


def test_a_refused_trigger_comes_with_another_that_works(studio: Studio) -> None:
    with pytest.raises(BadInput, match="ordinary word") as caught:
        make(studio, trigger="woman")
    assert check_trigger(caught.value.hint.split("“")[1].split("”")[0]).ok


@pytest.mark.parametrize(
    ("charter", "said"),
    [
        (Charter(kind="fictional"), "adult"),
        (Charter(kind="consenting", confirmed_adult=True), "consent"),
        (
            Charter(
                kind="consenting",
                confirmed_adult=True,
                consent=RECORD.model_copy(update={"expires": date(2020, 1, 1)}),
            ),
            "ended on 2020-01-01",
        ),
    ],
)
def test_a_charter_that_does_not_allow_it_is_refused(studio: Studio, charter: Charter, said: str) -> None:
    with pytest.raises(Refused, match=said):
        make(studio, charter=charter)
    assert personas.personas(studio.workspace) == []


def test_words_are_judged_by_the_policy(studio: Studio) -> None:
    with pytest.raises(Refused):
        actions.create_persona(
            studio, name="Zia", trigger="ziavok", charter=ADULT, description="a nude woman"
        )
    persona = make(studio)
    with pytest.raises(Refused):
        actions.update_persona(studio, persona.slug, description="a 12 year old girl")
    assert personas.load(studio.workspace, persona.slug) == persona


def test_a_consenting_adult_is_recorded(studio: Studio) -> None:
    expires = datetime.now(UTC).date() + timedelta(days=30)
    consent = RECORD.model_copy(update={"expires": expires})
    persona = make(studio, charter=Charter(kind="consenting", confirmed_adult=True, consent=consent))
    assert personas.load(studio.workspace, persona.slug).charter.consent == consent


@pytest.mark.parametrize("kind", ["consenting", "self"])
def test_a_real_person_stays_one(studio: Studio, kind: str) -> None:
    charter = Charter.model_validate({"kind": kind, "confirmed_adult": True, "consent": RECORD})
    persona = make(studio, charter=charter)
    for other in {"fictional", "self", "consenting"} - {kind}:
        changed = Charter.model_validate({"kind": other, "confirmed_adult": True, "consent": RECORD})
        with pytest.raises(Refused, match="cannot become"):
            actions.update_persona(studio, persona.slug, charter=changed)
    with pytest.raises(Refused, match="consent record"):
        actions.update_persona(studio, persona.slug, charter=charter.model_copy(update={"consent": None}))
    assert personas.load(studio.workspace, persona.slug) == persona


def test_a_consent_is_widened_and_renewed(studio: Studio) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    persona = make(studio, charter=Charter(kind="consenting", confirmed_adult=True, consent=RECORD))
    with pytest.raises(Refused, match="not to publish") as caught:
        gate.check_publishing(studio, persona.slug)
    assert "Persona tab" in caught.value.hint
    wider = RECORD.model_copy(update={"scope": ("train", "generate", "publish"), "evidence_sha256": "b" * 64})
    assert actions.renew_consent(studio, persona.slug, wider).charter.consent == wider
    assert gate.check_publishing(studio, persona.slug).charter.consent == wider
    with pytest.raises(Refused, match="ended on"):
        actions.renew_consent(studio, persona.slug, wider.model_copy(update={"expires": yesterday}))
    personas.save(studio.workspace, persona.model_copy(update={"charter": persona.charter.model_copy(
        update={"consent": RECORD.model_copy(update={"expires": yesterday})})}))  # fmt: skip
    with pytest.raises(Refused, match="ended on"):
        gate.check_publishing(studio, persona.slug)
    actions.renew_consent(studio, persona.slug, wider)
    gate.check_publishing(studio, persona.slug)


def test_a_consent_is_renewed_by_the_same_person_only_and_never_after_a_revocation(studio: Studio) -> None:
    persona = make(studio, charter=Charter(kind="consenting", confirmed_adult=True, consent=RECORD))
    with pytest.raises(Refused, match="Jane Roe"):
        actions.renew_consent(studio, persona.slug, RECORD.model_copy(update={"person": "Joan Doe"}))
    invented = make(studio, "Mara", "maravok")
    with pytest.raises(BadInput, match="a fictional adult"):
        actions.renew_consent(studio, invented.slug, RECORD)
    revoked = actions.revoke(studio, persona.slug)
    with pytest.raises(Refused, match="revoked"):
        actions.renew_consent(studio, persona.slug, RECORD)
    assert personas.load(studio.workspace, persona.slug) == revoked


def test_what_is_given_is_changed_and_nothing_else(studio: Studio) -> None:
    persona = make(studio)
    changed = actions.update_persona(studio, persona.slug, name="Zia the Great", description="auburn hair")
    assert changed.model_copy(update={"name": persona.name, "description": ""}) == persona
    assert actions.update_persona(studio, persona.slug, trigger="ziaxel").trigger == "ziaxel"


def test_trigger_and_base_stay_while_a_job_uses_them(studio: Studio) -> None:
    persona = make(studio)
    job = queued(studio, persona.slug)
    with pytest.raises(Conflict, match="Four pictures"):
        actions.update_persona(studio, persona.slug, trigger="ziaxel")
    assert actions.update_persona(studio, persona.slug, name="New name").name == "New name"
    queue.request_stop(studio.db, job)
    assert actions.update_persona(studio, persona.slug, trigger="ziaxel").trigger == "ziaxel"


def test_a_choice_is_one_of_her_own_checkpoints(studio: Studio) -> None:
    persona, other = make(studio), make(studio, "Mara", "maravok")
    add_run(studio, persona.slug, 1)
    add_run(studio, other.slug, 2)
    for path, error in (
        ("runs/1/checkpoints/step-000002.safetensors", NotFound),
        ("runs/2/checkpoints/step-000001.safetensors", BadInput),
        ("runs/1/spec.json", BadInput),
        ("studio.db", BadInput),
        ("../../etc/passwd", BadInput),
    ):
        with pytest.raises(error):
            actions.choose(studio, persona.slug, Choice(checkpoint=path))
    choice = Choice(checkpoint="runs/1/checkpoints/step-000001.safetensors", adapter_scale=0.8)
    assert actions.choose(studio, persona.slug, choice).choice == choice
    assert personas.load(studio.workspace, persona.slug).choice == choice


# ---------------------------------------------------------------- revoking


def test_revoking_stops_what_waits_and_runs_and_blocks_what_comes(studio: Studio, tmp_path: Path) -> None:
    persona, other = make(studio), make(studio, "Mara", "maravok")
    waiting, bystander = queued(studio, persona.slug), queued(studio, other.slug)
    running = queued(studio, persona.slug)
    queue.claim(studio.db, kinds=["generate"], pid=1, pid_started=0.0, job_id=running)
    revoked = actions.revoke(studio, persona.slug)
    assert revoked.charter.revoked_at is not None
    assert queue.get(studio.db, waiting).status is JobStatus.CANCELLED
    assert queue.get(studio.db, running).stop == 1
    assert queue.get(studio.db, bystander).status is JobStatus.QUEUED
    (tmp_path / "a.png").write_bytes(encoded(scene(1)))
    with pytest.raises(Refused, match="revoked"):
        dataset_actions.import_pictures(studio, persona.slug, [tmp_path / "a.png"], uploaded=True)
    with pytest.raises(Refused, match="revoked"):
        actions.update_persona(studio, persona.slug, charter=ADULT)
    assert actions.revoke(studio, persona.slug) == revoked, "a second press changes nothing"


@pytest.mark.parametrize("edit", ["describe", "choose"])
def test_a_revocation_is_never_lost_to_an_edit_that_began_before(
    studio: Studio, edit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    persona = make(studio)
    add_run(studio, persona.slug)
    save = personas.save
    revoking = threading.Thread(target=actions.revoke, args=(studio, persona.slug))

    def slow_save(*given: Any) -> None:
        if not revoking.ident:
            revoking.start()
            revoking.join(0.3)
        save(*given)

    monkeypatch.setattr(personas, "save", slow_save)
    if edit == "describe":
        actions.update_persona(studio, persona.slug, description="auburn hair")
    else:
        actions.choose(studio, persona.slug, Choice(checkpoint="runs/1/checkpoints/step-000001.safetensors"))
    revoking.join()
    found = personas.load(studio.workspace, persona.slug)
    assert found.charter.revoked_at is not None
    assert found.description == "auburn hair" if edit == "describe" else found.choice is not None


def test_a_name_that_left_something_behind_is_not_given_to_another(studio: Studio) -> None:
    persona = make(studio)
    queued(studio, persona.slug)
    shutil.rmtree(studio.workspace.persona_dir(persona.slug))
    assert make(studio).slug == "zia-2", "trainings and pictures of the first are still hers"


# ---------------------------------------------------------------- the example


def test_the_example_is_one_click_and_a_second_click_changes_nothing(studio: Studio) -> None:
    persona, job = actions.load_example(studio)
    assert (persona.name, persona.trigger) == ("Zia", "zia")
    assert actions.load_example(studio) == (persona, job)
    spec = ImportSpec.model_validate_json(queue.get(studio.db, job).spec)
    names = {path.name for path in studio.workspace.absolute(spec.source).iterdir()}
    assert len([name for name in names if name.endswith(".webp")]) == 24
    assert "metadata.jsonl" in names
    assert not any("mara" in name for name in names), "the control is another person"


def test_the_example_is_imported_again_when_it_was_stopped(studio: Studio) -> None:
    persona, job = actions.load_example(studio)
    queue.request_stop(studio.db, job)
    again, second = actions.load_example(studio)
    assert again == persona
    assert second != job
    datasets.add(studio.workspace, persona.slug, example(1), b"png")
    queue.finish(studio.db, second, JobStatus.DONE)
    assert actions.load_example(studio) == (persona, second)
