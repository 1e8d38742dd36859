"""What an old system's word for a status means here: which events a report went through after its capture.

Law: a word that is not known refuses its row, and the operator says what it means (``--status``); none is
guessed.
What the old system does not tell (why, by whom) is not made up: texts say that it came from there. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from server.imports.columns import MappingError
from server.imports.findings import RowRefused
from server.imports.values import to_slug

Json = dict[str, Any]

#: Ours, by what an import makes of them. ``assigned`` is in progress with the agency the row names.
MEANINGS = (
    "captured",
    "assigned",
    "in_progress",
    "finished",
    "not_viable",
    "duplicate",
    "withdrawn",
    "reopened",
)
#: Statuses after which nothing is to be done; the others are open.
CLOSED = frozenset({"finished", "not_viable", "duplicate", "withdrawn"})

_WORDS: Mapping[str, str] = {
    word: meaning
    for meaning, words in {
        "captured": """abierta abierto capturada capturado en-espera ingresada ingresado nueva nuevo pendiente
            por-atender por-asignar recibida recibido registrada registrado sin-atender sin-asignar
            no-atendida
            no-atendido""",
        "assigned": """asignada asignado canalizada canalizado enviada-a-dependencia reasignada
            reasignado turnada
            turnado returnada returnado transferida transferido""",
        "in_progress": """atendiendo en-atencion en-curso en-ejecucion en-proceso en-revision en-seguimiento
            en-tramite iniciada iniciado programada programado proceso seguimiento en-proceso-de-atencion
            parcial""",
        "finished": """atendida atendido cerrada cerrado completada completado concluida concluido ejecutada
            ejecutado finalizada finalizado realizada realizado reparada reparado resuelta resuelto
            solucionada
            solucionado solventada solventado terminada terminado""",
        "not_viable": """improcedente inviable no-factible no-procede no-procedente no-viable rechazada
            rechazado
            no-es-competencia no-competencia fuera-de-competencia""",
        "duplicate": "duplicada duplicado repetida repetido",
        "withdrawn": """cancelada cancelado desistida desistido desistimiento retirada retirado anulada
            anulado
            cancelada-por-el-ciudadano cancelado-por-el-ciudadano""",
        "reopened": "reabierta reabierto",
    }.items()
    for word in words.split()
}  # fmt: skip
#: Said in the texts of what an import adds.
OLD = "sistema anterior"


def words_of(texts: tuple[str, ...]) -> dict[str, str]:
    """``--status WORD=MEANING`` options. Raises ``MappingError``."""
    found = {}
    for text in texts:
        word, equals, meaning = text.rpartition("=")
        if not equals or not to_slug(word) or meaning not in MEANINGS:
            raise MappingError(f"--status {text!r}: write it as <word>=<one of {', '.join(MEANINGS)}>.")
        found[to_slug(word)] = meaning
    return found


def meaning(value: Any, own: Mapping[str, str]) -> str:
    """Which of ``MEANINGS`` a cell says; ``own`` are the operator's words. Raises ``RowRefused``."""
    word = to_slug(value)
    found = own.get(word) or _WORDS.get(word) or (word if word in MEANINGS else None)
    if found is None:
        raise RowRefused("status", value, "is no status that is known: say --status WORD=MEANING")
    return found


def events(status: str, row: Json, *, agency: str, duplicate_of: str | None) -> Iterator[tuple[str, Json]]:
    """Kind and payload of what follows the capture. ``done``: the row's own words on how it ended."""
    said = row.get("done")
    if status == "assigned":
        yield "assigned", {"agency": agency}
    elif status == "in_progress":
        yield "started", {"text": f"En proceso ({OLD})"}
    elif status in ("finished", "reopened"):
        yield "finished", {"done": said or f"Atendido ({OLD})"}
        if status == "reopened":
            yield "reopened", {"text": f"Reabierto ({OLD})"}
    elif status == "duplicate" and duplicate_of is not None:
        yield "marked_duplicate", {"of": duplicate_of}
    elif status == "withdrawn":
        yield "withdrawn", {"reason": "other", "text": said or f"Retirado ({OLD})"}
    elif status in ("not_viable", "duplicate"):
        plain = "Duplicado" if status == "duplicate" else "No viable"
        yield "not_viable", {"reason": "other", "text": said or f"{plain} ({OLD})"}
