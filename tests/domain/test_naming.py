import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.naming import slug_for
from studio.domain.records import SLUG


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Zia", "zia"),
        ("Zoë Müller-Groß", "zoe-mueller-gross"),
        ("ÄÖÜ", "aeoeue"),
        ("Łucja Ødegård", "lucja-odegard"),
        ("小雪", "persona"),
        ("../../etc", "etc"),
        ("con", "con-persona"),
        ("a" * 60, "a" * 40),
    ],
)
def test_names_become_folders(name: str, slug: str) -> None:
    assert slug_for(name, lambda _: False) == slug


def test_a_taken_name_gets_a_number() -> None:
    assert slug_for("Zia", {"zia", "zia-2"}.__contains__) == "zia-3"


@given(st.text(max_size=60))
def test_every_name_gives_a_valid_slug(name: str) -> None:
    assert re.match(SLUG, slug_for(name, lambda _: False))
