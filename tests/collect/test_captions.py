import pytest

from studio.collect.captions import read_caption


@pytest.mark.parametrize(
    ("payload", "text", "said"),
    [
        ("mila im Café".encode(), "mila im Café", None),
        ("mila im Café".encode("utf-8-sig"), "mila im Café", None),
        ("mila im Café".encode("utf-16"), "mila im Café", "UTF-16"),
        ("mila im Café".encode("utf-16-le"), "mila im Café", "UTF-16"),
        ("mila im Café".encode("utf-16-be"), "mila im Café", "UTF-16"),
        ("mila im Café".encode("latin-1"), "mila im Café", "Latin-1"),
        ("“mila” – a portrait".encode("cp1252"), "“mila” – a portrait", "Latin-1"),
        ("小雪在公园".encode(), "小雪在公园", None),
        ("小雪在公园".encode("utf-16"), "小雪在公园", "UTF-16"),
        (b"mila,\r\n in a park\r\n\r\n", "mila, in a park", None),
        (b"", "", None),
        (b"<b>mila</b> in a <i>park</i>", "mila in a park", "markup"),
        (b"mila <img src=x onerror=alert(1)>", "mila", "markup"),
        (b"mila &lt;script&gt;", "mila &lt;script&gt;", None),
        (b"a <3 b, 5 > 4", "a <3 b, 5 > 4", None),
        ("mila\u202egnp.exe\u2066".encode(), "milagnp.exe", "invisible"),
        (b"mila\x00 in\x07 a park\x1b[31m", "mila in a park[31m", "invisible"),
    ],
)
def test_captions_become_plain_text(payload: bytes, text: str, said: str | None) -> None:
    read = read_caption(payload)
    assert read.text == text
    assert any(said in note for note in read.notes) if said else read.notes == ()


def test_an_entity_is_not_a_way_to_smuggle_markup() -> None:
    read = read_caption(b"<p>mila &lt;script&gt;alert(1)&lt;/script&gt;")
    assert "<" not in read.text


def test_a_long_caption_is_cut_with_a_note() -> None:
    read = read_caption(b"mila " * 5_000)
    assert len(read.text) <= 1_000
    assert any("cut" in note for note in read.notes)


def test_bytes_that_mean_nothing_do_no_harm() -> None:
    for start in range(256):
        text = read_caption(bytes((start + 7 * step) % 256 for step in range(200))).text
        assert all(character.isprintable() for character in text)
