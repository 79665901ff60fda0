"""The form for a new persona without a browser."""

import re
import shutil
from pathlib import Path

from tokenizers import Tokenizer

from studio.actions.triggers import check_trigger, suggest_trigger
from studio.catalog import ASSETS, EMBEDDED
from studio.storage.opened import Studio
from studio.ui.page import Reply, View, scene
from studio.ui.tabs import new_persona


def test_the_suggested_word_is_new_to_the_base_that_was_chosen(tmp_path: Path) -> None:
    base = tmp_path / "other"
    shutil.copytree(ASSETS / "base", base, ignore=shutil.ignore_patterns("*.safetensors"))
    known = suggest_trigger("Mila")
    tokenizer = Tokenizer.from_file(str(base / "tokenizer" / "tokenizer.json"))
    tokenizer.add_tokens([known])
    tokenizer.save(str(base / "tokenizer" / "tokenizer.json"))
    assert not check_trigger(known, str(base)).ok
    fields = new_persona.suggest("trigger", "says", "Mila", "", str(base)).fields
    assert fields["trigger"] != known
    assert "new to this base" in fields["says"]


def test_a_missing_tick_is_asked_for_at_its_place_and_nothing_is_lost(studio: Studio) -> None:
    here = scene(studio, View())

    def make(adult: bool) -> Reply:
        return new_persona.create(
            here, "drawer", "box", "Mira Sol", "mirasol", "", "fictional", adult, EMBEDDED, "", [], "", ""
        )

    refused = make(False)
    assert refused.view is None and "Nobody has confirmed" in (refused.notice or "")
    box = refused.fields["box"]
    assert box.label == f"{new_persona.ADULT} Tick this to go on." and box.elem_classes == ["needed"] and "drawer" not in refused.fields
    made = make(True)
    assert made.view is not None and made.view.persona == "mira-sol"
    assert made.fields["box"].label == new_persona.ADULT and made.fields["box"].elem_classes == []


def test_words_of_a_description_that_the_base_was_never_taught_are_named(tmp_path: Path) -> None:
    def told(text: str, base: str = EMBEDDED) -> str:
        return str(new_persona.look("remark", text, "", base).fields["remark"])

    assert told("a woman with black hair") == told("") == ""
    assert "does not know: monocle. It is learned as a new word." in told("a woman with a monocle, red")
    assert "does not know: monocle, dimples. They are learned as new words." in told("a monocle and dimples.")
    shutil.copytree(ASSETS / "base", tmp_path / "silent", ignore=shutil.ignore_patterns("*.safetensors", "words.txt"))
    changed = new_persona.change_base("remark", "known", "a monocle", "", str(tmp_path / "silent")).fields
    assert changed == {"remark": "", "known": ""}, "this base does not say what it knows"
    assert "monocle" in new_persona.change_base("remark", "known", "a monocle", "", EMBEDDED).fields["remark"]


def test_the_words_a_base_knows_for_a_person_can_be_read() -> None:
    drawer = new_persona.words_of(EMBEDDED)
    for title, words in {"Hair": "curly, ", "Eyes": "hazel", "And": "freckles, glasses, beard, stubble"}.items():
        assert f"<dt>{title}</dt>" in drawer and words in drawer


def test_a_good_trigger_word_is_told_in_plain_words() -> None:
    said = str(new_persona.check("says", "miraux", EMBEDDED).fields["says"])
    text, title = re.sub("<[^>]*>", "", said), re.findall('title="([^"]*)"', said)
    assert "new to this base: good" in text and "token" not in text and "tokens" in title[0]
