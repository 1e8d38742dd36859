"""How urgent a report is when it arrives."""

from __future__ import annotations

from typing import Any

import pytest

from server.cases.urgency import found_words, triage

Json = Any
RULES: Json = {
    "words": [
        {"words": ["chispas", "se quema", "explot*"], "priority": 1},
        {"words": ["fuga"], "priority": 2, "type": "gas"},
    ]
}
LAMP: Json = {"priority": 3, "urgent": False}


@pytest.mark.parametrize(
    ("petition_type", "payload", "priority", "reasons"),
    [
        (LAMP, {}, 3, ["type"]),
        (None, {}, 3, ["type_unknown"]),
        ({"priority": 1, "urgent": True}, {}, 1, ["type", "type_urgent"]),
        ({"priority": 4, "urgent": True}, {}, 2, ["type", "type_urgent"]),
        (LAMP, {"urgent": True}, 2, ["type", "marked_urgent"]),
        (LAMP, {"danger": True}, 1, ["type", "marked_danger"]),
        (LAMP, {"text": "Echa CHISPAS, cuidado"}, 1, ["type", "word:chispas"]),
        (LAMP, {"text": "explotó el transformador"}, 1, ["type", "word:explot*"]),
        (LAMP, {"place": {"reference": "donde se quema"}}, 1, ["type", "word:se quema"]),
        (LAMP, {"answers": {"que": "chispas"}}, 1, ["type", "word:chispas"]),
        (LAMP, {"text": "chispasos", "type": "lampara"}, 3, ["type"]),
        (LAMP, {"text": "hay fuga", "type": "lampara"}, 3, ["type"]),
        (LAMP, {"text": "hay fuga", "type": "gas"}, 2, ["type", "word:fuga"]),
        ({"priority": 1}, {"text": "chispas"}, 1, ["type"]),
    ],
)
def test_type_marks_and_words(
    petition_type: Json | None, payload: Json, priority: int, reasons: list[str]
) -> None:
    assert triage(petition_type, payload, RULES) == {"priority": priority, "reasons": reasons}


def test_in_an_open_incident_words_raise_nothing() -> None:
    payload: Json = {"text": "se quema", "danger": False}
    assert triage(LAMP, payload, RULES, in_open_incident=True)["priority"] == 3
    payload["danger"] = True
    assert triage(LAMP, payload, RULES, in_open_incident=True)["priority"] == 1


def test_words_are_whole_and_accents_do_not_matter() -> None:
    assert found_words("Se está QUEMÁNDOSE; ¡explosión!", ["quemandose", "explosion", "quem", "*", ""]) == [
        "quemandose",
        "explosion",
    ]
