"""Nothing a person typed can become an element or leave its attribute."""

from html import escape

from hypothesis import given
from hypothesis import strategies as st

from studio.ui import markup
from studio.ui.markup import button, choices, join, tag

HOSTILE = '"><img src=x onerror=alert(1)><script>${alert(2)}</script>{{3}}'


def test_text_and_attributes_are_escaped():
    drawn = tag("p", HOSTILE, title=HOSTILE)
    assert drawn.count("<") == 2
    assert f'title="{escape(HOSTILE)}"' in drawn


def test_elements_inside_elements_stay_elements():
    assert tag("p", tag("b", "x"), ["y", tag("i", 3)]) == "<p><b>x</b>y<i>3</i></p>"


def test_none_and_false_leave_attributes_out_and_true_stands_bare():
    assert (
        tag("input", id=None, hidden=False, disabled=True, class_="a", data_act="b")
        == '<input disabled class="a" data-act="b">'
    )


def test_lists_carry_their_value_for_the_browser():
    drawn = choices([("a", "A & B"), ("b", "B")], "b", id_="x", label="which", change="pick")
    assert 'value="b"' in drawn and "A &amp; B" in drawn and drawn.count("selected") == 1


def test_a_sentence_of_trouble_is_announced():
    assert 'role="alert"' in markup.say("broken", tone="bad")
    assert 'role="status"' in markup.say("fine", tone="good")


@given(st.text(max_size=80))
def test_any_text_survives_and_nothing_opens(text: str):
    drawn = button(text, "act", data_value=text)
    assert drawn.count("<") == 2 and drawn.count(">") == 2
    assert join(text) == escape(text)
