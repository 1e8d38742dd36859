"""A type's questions, one a line, as people write them: ``¿Cómo está? *: apagada | parpadea``.

Law: what is not rewritten keeps its id, and so does a question or an option that was only reworded in its
place: the answers of old reports go on meaning what they meant. Pure.
"""

from __future__ import annotations

from typing import Any

from server.catalogue.fields import to_key
from server.documents.folding import folded

Json = dict[str, Any]

#: A type's most (``type.v1``).
MOST = 12
_KINDS = {"numero": "number", "number": "number", "si/no": "boolean", "si-no": "boolean", "texto": "text"}
_SAID = {"number": "número", "boolean": "sí/no", "text": "texto"}


def written(questions: list[Json]) -> str:
    return "\n".join(map(_line, questions))


def _line(question: Json) -> str:
    kind = _SAID.get(question["kind"])
    if kind is None:
        kind = " | ".join(option["text"] for option in question.get("options") or ())
    asked = " ".join(question["text"].split())
    return f"{asked}{' *' if question.get('required') else ''}: {kind}"


def read(text: str, known: list[Json]) -> list[Json]:
    """The questions that ``text`` says; ``known``: those that stand. Raises ``ValueError``, a sentence."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(lines) > MOST:
        raise ValueError(f"Son demasiadas: a lo más {MOST} preguntas.")
    same = {_line(question): question for question in known}
    found: list[Json | None] = [same.get(line) for line in lines]
    kept = [question for question in found if question is not None]
    left = [question for question in known if question not in kept]
    for number, line in enumerate(lines):
        if found[number] is None:
            found[number] = _parsed(line, left, known[number] if number < len(known) else None)
    made = [question for question in found if question is not None]
    ids = [question["id"] for question in made]
    if len(set(ids)) < len(ids):
        raise ValueError("Dos preguntas dicen lo mismo.")
    return made


def _parsed(line: str, left: list[Json], here: Json | None) -> Json:
    asked, colon, kind = line.rpartition(":")
    required = asked.rstrip().endswith("*")
    asked, kind = asked.rstrip(" *"), kind.strip()
    means = _KINDS.get(folded(kind), "choice")
    if not colon or not asked or not kind or len(asked) > 200:
        raise ValueError(f"«{line[:60]}»: escriba la pregunta, dos puntos y cómo se contesta.")
    before = next((question for question in left if folded(question["text"]) == folded(asked)), None)
    if before is None and here is not None and here in left and here["kind"] == means:
        before = here
    if before is not None:
        left.remove(before)
    question: Json = {
        **(before or {}),
        "id": before["id"] if before else to_key(asked)[:40].strip("-") or "p",
    }
    question["text"] = asked
    question.pop("required", None)
    if required:
        question["required"] = True
    question.pop("options", None)
    question["kind"] = means
    if question["kind"] == "choice":
        question["options"] = options(kind.split("|"), (before or {}).get("options") or [])
    return question


def options(texts: list[str], known: list[Json]) -> list[Json]:
    """``[{value, text}]``; what stands keeps its value. Raises ``ValueError`` with a sentence."""
    said = [" ".join(text.split()) for text in texts if text.strip()]
    if not said or len(said) > 40:
        raise ValueError("Escriba de una a cuarenta respuestas, separadas por barras.")
    if any(len(text) > 200 for text in said):
        raise ValueError("Una respuesta es muy larga: a lo más 200 letras.")
    values = {option["text"]: option["value"] for option in known}
    reworded = len(said) == len(known)
    found: list[Json] = []
    for number, text in enumerate(said):
        value = values.get(text)
        if value is None and reworded and known[number]["text"] not in said:
            value = known[number]["value"]
        found.append({"value": value or to_key(text) or f"r{number + 1}", "text": text})
    if len({option["value"] for option in found}) < len(found):
        raise ValueError("Dos respuestas dicen lo mismo.")
    return found
