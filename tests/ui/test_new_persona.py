"""The form for a new persona without a browser."""

import shutil
from pathlib import Path

from tokenizers import Tokenizer

from studio.actions.triggers import check_trigger, suggest_trigger
from studio.catalog import ASSETS
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
