"""Letters by evidence: right texts stay right, whatever the line beside them is."""

from __future__ import annotations

import pytest

from server.imports.codepages import CANDIDATES, Evidence

TEXTS = [
    "Señalización dañada en Peña",
    "Año nuevo",
    "ÚLTIMO AVISO: JARDÍN DE NIÑOS HÉROES",
    "¿Cuándo pasa el camión? Está tirado el poste n.º 5",
    "Núñez y Ávila, esquina con 1° de Mayo",
    "La cigüeña de José María Itzimná",
    "Calle “El Niño” – entre Órdenes y Él",
]


@pytest.mark.parametrize("page", CANDIDATES)
@pytest.mark.parametrize("text", TEXTS)
def test_each_text_alone_is_read_right_or_not_at_all(page: str, text: str) -> None:
    try:
        raw = text.encode(page)
    except UnicodeEncodeError:
        return
    line = Evidence.of([raw]).read(raw)
    assert line.doubtful or line.text == text


@pytest.mark.parametrize("page", CANDIDATES)
def test_a_file_of_one_page_is_read_right(page: str) -> None:
    raws = [text.encode(page) for text in TEXTS[:6]]
    evidence = Evidence.of(raws)
    assert evidence.page == page
    assert [evidence.read(raw).text for raw in raws] == TEXTS[:6]


def test_a_line_of_another_page_changes_no_other() -> None:
    raws = [TEXTS[0].encode(), TEXTS[1].encode("cp1252"), TEXTS[0].encode(), TEXTS[4].encode("cp850")]
    evidence = Evidence.of(raws)
    assert [evidence.read(raw) for raw in raws[:3]] == [
        (TEXTS[0], False),
        (TEXTS[1], False),
        (TEXTS[0], False),
    ]
    last = evidence.read(raws[3])
    assert last.doubtful or last.text == TEXTS[4]


def test_bytes_that_are_no_letters_are_doubtful() -> None:
    raw = b"Pe\x81\x8d\xfe\xf7a"
    assert Evidence.of([raw]).read(raw).doubtful


def test_foreign_names_and_apostrophes_of_windows_stay() -> None:
    for text in ("Françoise Müller y Peña", "D’Angelo y Núñez", "Av. O’Farrill, jardín"):
        raw = text.encode("cp1252")
        assert Evidence.of([raw]).read(raw) == (text, False)


def test_an_unknown_name_is_no_encoding() -> None:
    with pytest.raises(LookupError):
        Evidence("klingon")
