"""Marked pictures: what goes in comes out, c2pa's own reader agrees, and a change is noticed."""

import io
import json
import os
import socket
import stat
import time
from pathlib import Path
from typing import Any

import c2pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.domain.errors import BadInput
from studio.provenance import signature
from studio.provenance.infotext import infotext
from studio.provenance.keys import BUNDLE, Keys, ensure_keys
from studio.provenance.marks import Form, mark_file, mark_picture, mark_png
from studio.provenance.recipe import AdapterUsed, BaseUsed, Recipe
from studio.provenance.verify import verdict_lines, verify
from tests.provenance.test_recipe import recipes

FORMS: tuple[Form, ...] = ("PNG", "JPEG", "WEBP")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return ensure_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return Recipe(
        studio="0.1.0",
        persona="mila",
        prompt='mila "skiing" in the Alps, 雪 & <b>',
        negative_prompt="blurry",
        seed=3,
        num_inference_steps=20,
        guidance_scale=4,
        width=96,
        height=64,
        base=BaseUsed(name="embedded", sha256="ab" * 32),
        adapter=AdapterUsed(name="mila-000300", sha256="cd" * 32, adapter_scale=0.8),
    )


@pytest.fixture(scope="module")
def pixels() -> Image.Image:
    return Image.effect_noise((96, 64), 60).convert("RGB")


@pytest.mark.parametrize("form", FORMS)
def test_everything_is_read_back(form: Form, pixels: Image.Image, recipe: Recipe, keys: Keys) -> None:
    verdict = verify(mark_picture(pixels, form, recipe, keys), keys)
    assert verdict.kind == form
    assert verdict.recipe == recipe
    assert verdict.parameters == infotext(recipe)
    assert verdict.ai_mark
    assert (verdict.signature, verdict.altered, verdict.problems) == ("trusted", False, ())
    assert verdict.sentence() == "Made with AI by this studio, and unchanged since."


@given(recipe=recipes, form=st.sampled_from(FORMS))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_recipe_survives_any_format(recipe: Recipe, form: Form, pixels: Image.Image) -> None:
    assert verify(mark_picture(pixels, form, recipe, None)).recipe == recipe


def test_png_pixels_are_untouched(pixels: Image.Image, recipe: Recipe, keys: Keys) -> None:
    with Image.open(io.BytesIO(mark_png(pixels, recipe, keys))) as read:
        assert read.convert("RGB").tobytes() == pixels.tobytes()
        assert read.info["parameters"] == infotext(recipe)


@pytest.mark.parametrize("form", FORMS)
def test_the_standards_own_reader_agrees(form: Form, pixels: Image.Image, recipe: Recipe, keys: Keys) -> None:
    """Plain c2pa with our authority as its anchor: Trusted; without: Valid, signer unknown."""
    payload = mark_picture(pixels, form, recipe, keys)
    anchors: dict[str, Any] = {"trust": {"user_anchors": keys.root.decode()}}
    states = {}
    for name, extra in (("anchored", anchors), ("alone", {})):
        config = {"verify": {"remote_manifest_fetch": False}, **extra}
        with (
            c2pa.Context.from_dict(config) as context,
            c2pa.Reader(signature.MIME[form], io.BytesIO(payload), context=context) as reader,
        ):
            states[name] = reader.get_validation_state()
            manifest = json.loads(reader.json())
    assert states == {"anchored": "Trusted", "alone": "Valid"}
    active = manifest["manifests"][manifest["active_manifest"]]
    actions = next(row for row in active["assertions"] if row["label"].startswith("c2pa.actions"))
    assert actions["data"]["actions"][0]["action"] == "c2pa.created"
    assert actions["data"]["actions"][0]["digitalSourceType"].endswith("trainedAlgorithmicMedia")
    assert "skiing" not in json.dumps(active), "a prompt does not belong into the manifest"


@pytest.mark.parametrize("form", FORMS)
def test_a_flipped_byte_of_the_picture_is_noticed(
    form: Form, pixels: Image.Image, recipe: Recipe, keys: Keys
) -> None:
    payload = bytearray(mark_picture(pixels, form, recipe, keys))
    start = {"PNG": b"IDAT", "JPEG": b"\xff\xda", "WEBP": b"VP8 "}[form]
    payload[payload.index(start) + 200] ^= 0xFF
    verdict = verify(bytes(payload), keys)
    assert (verdict.signature, verdict.altered) == ("invalid", True)
    assert "changed" in verdict.sentence()


def test_a_forged_recipe_is_noticed(pixels: Image.Image, recipe: Recipe, keys: Keys) -> None:
    payload = mark_png(pixels, recipe, keys)
    forged = payload.replace(b"blurry", b"bloody")
    assert forged != payload
    assert verify(forged, keys).altered is True


@pytest.mark.parametrize("form", FORMS)
def test_saving_again_loses_the_signature_and_verify_says_so(
    form: Form, pixels: Image.Image, recipe: Recipe, keys: Keys
) -> None:
    with Image.open(io.BytesIO(mark_picture(pixels, form, recipe, keys))) as read:
        bare = read.convert("RGB")
    bare.info.clear()
    target = io.BytesIO()
    bare.save(target, form)
    verdict = verify(target.getvalue(), keys)
    assert (verdict.signature, verdict.altered, verdict.marked) == ("none", None, False)
    assert "proves nothing" in verdict.sentence()


def test_another_studios_picture_is_valid_but_not_ours(
    pixels: Image.Image, recipe: Recipe, keys: Keys, tmp_path: Path
) -> None:
    verdict = verify(mark_png(pixels, recipe, ensure_keys(tmp_path)), keys)
    assert (verdict.signature, verdict.altered) == ("valid", False)
    assert "not known here" in verdict.sentence()
    assert verify(mark_png(pixels, recipe, keys)).signature == "valid"


def test_without_keys_the_other_marks_stand(pixels: Image.Image, recipe: Recipe) -> None:
    verdict = verify(mark_png(pixels, recipe, None))
    assert (verdict.signature, verdict.ai_mark, verdict.recipe) == ("none", True, recipe)
    assert "not signed" in verdict.sentence()


def test_where_c2pa_is_missing_it_is_said(
    pixels: Image.Image, recipe: Recipe, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = mark_png(pixels, recipe, keys)
    monkeypatch.setitem(__import__("sys").modules, "c2pa", None)
    assert signature.unavailable_because().startswith("signature: not available on this machine")
    unsigned = mark_png(pixels, recipe, keys)
    assert b"c2pa" not in unsigned
    for payload in (signed, unsigned):
        verdict = verify(payload, keys)
        assert (verdict.signature, verdict.recipe, verdict.altered) == ("unavailable", recipe, None)
        assert "not available on this machine" in verdict.sentence()
        assert any("not available" in line for line in verdict_lines(verdict))


@pytest.mark.parametrize("form", FORMS)
def test_finished_files_are_marked(form: Form, pixels: Image.Image, recipe: Recipe, keys: Keys) -> None:
    plain = io.BytesIO()
    pixels.save(plain, form)
    verdict = verify(mark_file(plain.getvalue(), form, recipe, keys), keys)
    assert (verdict.signature, verdict.recipe) == ("trusted", recipe)
    unnamed = verify(mark_file(plain.getvalue(), form, None, keys), keys)
    assert (unnamed.signature, unnamed.recipe, unnamed.ai_mark) == ("trusted", None, True)
    if form == "JPEG":
        with (
            Image.open(plain) as before,
            Image.open(io.BytesIO(mark_file(plain.getvalue(), form, None, None))) as after,
        ):
            assert before.quantization == after.quantization  # type: ignore[attr-defined]
    with pytest.raises(BadInput):
        mark_file(b"nothing", form, recipe, keys)


def test_transparency_and_odd_modes(recipe: Recipe, keys: Keys) -> None:
    for mode in ("RGBA", "LA", "P", "L", "1"):
        for form in FORMS:
            assert (
                verify(mark_picture(Image.new(mode, (40, 40)), form, recipe, keys), keys).signature
                == "trusted"
            )


def test_a_very_long_prompt_still_makes_a_picture(pixels: Image.Image, recipe: Recipe, keys: Keys) -> None:
    long = recipe.model_copy(update={"prompt": "é & <" * 4000, "negative_prompt": '"' * 20_000})
    assert verify(mark_png(pixels, long, keys), keys).recipe == long
    verdict = verify(mark_picture(pixels, "JPEG", long, keys), keys)
    assert verdict.ai_mark
    assert verdict.signature == "trusted"


@pytest.mark.parametrize("form", FORMS)
def test_truncated_files_give_a_sentence(form: Form, pixels: Image.Image, recipe: Recipe, keys: Keys) -> None:
    payload = mark_picture(pixels, form, recipe, keys)
    for length in range(0, len(payload), 97):
        verdict = verify(payload[:length], keys)
        assert verdict.sentence()
        assert verdict.signature not in ("trusted", "valid"), length


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_anywhere_never_raises(
    data: st.DataObject, pixels: Image.Image, recipe: Recipe, keys: Keys
) -> None:
    payload = bytearray(mark_picture(pixels, data.draw(st.sampled_from(FORMS)), recipe, keys))
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] ^= data.draw(st.integers(1, 255))
    verdict = verify(bytes(payload), keys)
    assert verdict_lines(verdict)
    assert all(line.isprintable() for line in verdict_lines(verdict))


@given(
    st.binary(max_size=300),
    st.sampled_from(
        [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"PK\x03\x04", b"<html>"]
    ),
)
@settings(max_examples=150, deadline=None)
def test_garbage_gives_a_sentence(tail: bytes, magic: bytes) -> None:
    assert verify(magic + tail).sentence()


def test_control_characters_of_a_stranger_do_not_reach_the_terminal(
    pixels: Image.Image, recipe: Recipe
) -> None:
    nasty = recipe.model_copy(update={"prompt": "a\x1b[2Jb\u202ec\nd"})
    lines = verdict_lines(verify(mark_png(pixels, nasty, None)))
    assert all(line.isprintable() for line in lines)


def test_keys_are_made_once_and_private(tmp_path: Path) -> None:
    first = ensure_keys(tmp_path / "keys")
    assert ensure_keys(tmp_path / "keys") == first
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "keys" / BUNDLE).stat().st_mode) == 0o600
    assert "PRIVATE" not in repr(first)


def test_damaged_keys_are_explained(tmp_path: Path) -> None:
    keys = ensure_keys(tmp_path)
    other = ensure_keys(tmp_path / "other")
    for broken in (b"", b"nonsense", keys.key + other.chain, keys.key + keys.leaf, keys.chain):
        (tmp_path / BUNDLE).write_bytes(broken)
        with pytest.raises(BadInput, match="signing key"):
            ensure_keys(tmp_path)


def test_signing_is_quick(recipe: Recipe, keys: Keys) -> None:
    """Generous: it costs about 10 ms; a quarter of a second would mean a thumbnail or a server came in."""
    payload = mark_png(Image.new("RGB", (512, 512)), recipe, None)
    signature.sign(payload, "PNG", {}, keys)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        signature.sign(payload, "PNG", {}, keys)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.25
