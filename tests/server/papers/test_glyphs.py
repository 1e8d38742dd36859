"""What the fonts cannot show becomes a box; nothing else changes."""

from __future__ import annotations

from server.papers.glyphs import BOX, all_shown, covered, shown


def test_the_fonts_have_what_the_documents_say() -> None:
    assert {ord(sign) for sign in "ñÑáéíóúüÁÉÍÓÚÜ¿¡«»“”—–…°º·€" + BOX} <= covered()
    assert 0x1F600 not in covered()
    assert 0xFFFF not in covered()


def test_what_has_no_letter_becomes_a_box_and_what_is_unseen_goes() -> None:
    assert shown("Peña 😀 漢") == f"Peña {BOX} {BOX}"
    assert shown("a\u202eb\u200dc\ufe0fd\x00e\x1bf\tg") == "abcdef g"
    assert shown("n\u0303") == "ñ", "composed, so that the font has it"
    assert shown("uno\r\ndos\u2028tres") == "uno\ndos\ntres"
    assert shown("lone \ud800") == "lone ?"


def test_a_word_longer_than_a_line_may_be_broken() -> None:
    said = shown("x" * 100)
    assert said.replace("\u200b", "") == "x" * 100
    assert max(map(len, said.split("\u200b"))) <= 22
    assert shown("calle de siempre, número 14") == "calle de siempre, número 14"


def test_every_text_of_a_value_and_nothing_else() -> None:
    assert all_shown({"a": ["😀", 1, None, True, ("b",)]}) == {"a": [BOX, 1, None, True, ["b"]]}
