"""The channels by which reports come in. Pure."""

from __future__ import annotations

from typing import Any

from server.catalogue.directory import twin
from server.catalogue.fields import Field, Fields, Reading, said_yes
from server.catalogue.kinds import Kind, sound
from server.catalogue.state import State
from server.documents.folding import folded

Json = dict[str, Any]

#: By which the phones and the citizens' app say that a report came, and what a desk's phone falls back on:
#: they cannot be retired.
PHONES = frozenset({"jefe-de-manzana", "jefe-de-cuartel", "brigada", "proteccion-civil", "app", "ventanilla"})

_CHANNEL = (
    Field("clave", "Clave", hint="se pone sola si la deja vacía", most=64, fixed=True),
    Field("nombre", "Nombre", required=True),
    Field("activo", "En uso", "yes"),
)


def _channel_row(doc: Json, key: str) -> Fields:
    return {"clave": key, "nombre": str(doc.get("name") or ""), "activo": said_yes(doc.get("active", True))}


def _put_channel(state: State, key: str | None, given: Fields) -> tuple[Json, str]:
    known = state.kind("channel:")
    before = known[key] if key is not None else {}
    stands = _channel_row(before, key) if key is not None else {}
    reading = Reading(_CHANNEL, {"activo": "si", **stands, **given}, state, stands)
    name = reading.line("nombre")
    key = key if key is not None else reading.key("clave", name, known)
    active = reading.yes("activo")
    if twin(name, key, known):
        reading.refuse("nombre", "Ya hay un canal con ese nombre.")
    if not active and key in PHONES:
        reading.refuse("activo", "Lo usan los teléfonos: no se puede retirar.")
    reading.done()
    doc = {**before, "_id": f"channel:{key}", "schema": "channel.v1", "name": name, "active": active}
    return sound("channel.v1", doc), key


CHANNELS = Kind(
    name="canales",
    title="Canales",
    one="canal",
    fields=_CHANNEL,
    schema="channel.v1",
    items=lambda state: {
        key: _channel_row(doc, key)
        for key, doc in sorted(state.kind("channel:").items(), key=lambda pair: folded(str(pair[1]["name"])))
    },
    put=_put_channel,
    retire=lambda state, key, active: _put_channel(state, key, {"activo": said_yes(active)})[0],
    lives=lambda key: f"channel:{key}",
)
