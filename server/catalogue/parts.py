"""All parts of the catalogue, in the order of its pages, and what a change did to them. Pure."""

from __future__ import annotations

from typing import Any

from server.catalogue.channels import CHANNELS
from server.catalogue.directory import AGENCIES, BRIGADES, DEPARTMENTS
from server.catalogue.fields import Fields, Refused, words_of
from server.catalogue.kinds import Kind
from server.catalogue.ordering import DAYS, RULES, WORDS
from server.catalogue.petition_types import TYPES
from server.catalogue.state import State

Json = dict[str, Any]

KINDS: tuple[Kind, ...] = (TYPES, AGENCIES, DEPARTMENTS, BRIGADES, CHANNELS, DAYS, RULES, WORDS)
BY_NAME = {kind.name: kind for kind in KINDS}
#: Those of which an agency has its own.
OF_AGENCIES = (TYPES, AGENCIES, DEPARTMENTS, BRIGADES)


def living_in(doc_id: str) -> list[Kind]:
    """The kinds whose things stand in a document."""
    head = doc_id.partition(":")[0]
    heads = {"type": (TYPES,), "agency": (AGENCIES, DEPARTMENTS, BRIGADES), "channel": (CHANNELS,)}
    return list(heads.get(head) or {"calendar": (DAYS,), "rules": (RULES, WORDS)}.get(head, ()))


def title_of(kind: Kind, fields: Fields, state: State) -> str:
    """What a thing is called."""
    if "nombre" in fields:
        return fields["nombre"]
    said = [words_of(kind.field(name), fields[name], state) for name in kind.shown if fields.get(name)]
    return ", ".join(said)[:120]


def check(state: State, doc: Json) -> list[str]:
    """Why a document cannot stand in this state: sentences, none where it can."""
    with_it = state.with_doc(doc)
    wrong: list[str] = []
    for kind in living_in(doc["_id"]):
        for key, fields in kind.items(with_it).items():
            if kind.lives(key) != doc["_id"]:
                continue
            try:
                kind.put(with_it, key, fields)
            except Refused as refused:
                name = title_of(kind, fields, state)
                wrong += [f"{name}: {why}" for why in refused.wrong.values()]
    return wrong


def differences(state: State, before: Json | None, after: Json | None) -> list[str]:
    """What a change did, in sentences: ``Bache, Días para resolver: 5 → 3``."""
    doc_id = str((after or before or {}).get("_id"))
    said: list[str] = []
    for kind in living_in(doc_id):
        old, new = (_things(kind, state, doc_id, doc) for doc in (before, after))
        if kind.ordered:
            said += _moved(kind, state, old, new)
            continue
        for key in [*old, *(key for key in new if key not in old)]:
            title = title_of(kind, new.get(key) or old[key], state)
            if key not in old:
                said.append(f"Nuevo: {kind.one} «{title}»")
            elif key not in new:
                said.append(f"Se quitó: {kind.one} «{title}»")
            else:
                said += [
                    f"{title}, {field.label}: {_short(words_of(field, old[key][field.name], state))}"
                    f" → {_short(words_of(field, new[key][field.name], state))}"
                    for field in kind.fields
                    if old[key][field.name] != new[key][field.name]
                ]
    return said


def _things(kind: Kind, state: State, doc_id: str, doc: Json | None) -> dict[str, Fields]:
    there = state.with_doc(doc) if doc is not None else state.without(doc_id)
    return {key: fields for key, fields in kind.items(there).items() if kind.lives(key) == doc_id}


def _moved(kind: Kind, state: State, old: dict[str, Fields], new: dict[str, Fields]) -> list[str]:
    """Of things that are only their order: what went, what came, or that the order changed."""

    def said(fields: Fields) -> str:
        return title_of(kind, {**fields, **({"orden": ""} if "orden" in fields else {})}, state)

    was, now = [said(fields) for fields in old.values()], [said(fields) for fields in new.values()]
    left = [text for text in was if text not in now]
    came = [text for text in now if text not in was]
    lines = [f"Se quitó: {_short(text)}" for text in left] + [f"Se puso: {_short(text)}" for text in came]
    if not lines and was != now:
        lines.append(f"{kind.title}: cambió el orden")
    return lines


def _short(text: str) -> str:
    text = " / ".join(text.splitlines()) or "nada"
    return text if len(text) < 160 else text[:157] + "…"
