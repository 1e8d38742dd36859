"""The columns of an export: one list, for every format and for its reference.

Law: a column says one thing in the municipality's words; a person's are only for whoever may see them. What a
text holds stays a text: nothing in it is ever read as a formula, a link or a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import apsw

from server.cases.semaforo import semaforo
from server.documents.words import text as word
from server.instants import parse, say
from server.register.columns import Columns
from server.register.lists import Row, rows_at

Kind = Literal["text", "instant", "number"]
Value = str | int | float | datetime | None

#: Rows that are read together: some 2 MB.
_PAGE = 1_000
#: The most characters of an Excel cell (the format gives no limit, the program does).
LONGEST = 32_767


@dataclass(frozen=True, slots=True)
class Column:
    """``what`` is the sentence of the column reference (es-MX)."""

    name: str
    kind: Kind
    what: str


COLUMNS = (
    Column("folio", "text", "Folio del municipio; el provisional donde aún no hay."),
    Column("tipo", "text", "De qué se trata, con las palabras del catálogo."),
    Column("estado", "text", "Capturado, En proceso, Terminado, No procede, Repetido, Retirado o Reabierto."),
    Column("semaforo", "text", "Cómo está su plazo en el momento de exportar."),
    Column("prioridad", "text", "Emergencia, Alta, Media o Baja."),
    Column("canal", "text", "Por dónde llegó."),
    Column("dependencia", "text", "A qué dependencia corresponde."),
    Column("capturado", "instant", "Cuándo se capturó, hora del municipio."),
    Column("primera_respuesta", "instant", "Cuándo se le respondió por primera vez."),
    Column("vence", "instant", "Hasta cuándo hay plazo."),
    Column("cerrado", "instant", "Cuándo se terminó o se dijo que no procede."),
    Column("colonia", "text", "Colonia del lugar."),
    Column("cuartel", "text", "Cuartel del lugar."),
    Column("manzana", "text", "Manzana del lugar."),
    Column("calle", "text", "Calle y entre qué calles."),
    Column("latitud", "number", "Grados, WGS 84."),
    Column("longitud", "number", "Grados, WGS 84."),
    Column("texto", "text", "Lo que se escribió al capturarlo."),
    Column("a_mi_tambien", "number", "Cuántas personas más se sumaron."),
    Column("reasignado", "number", "Cuántas veces se asignó de nuevo."),
)
PERSON = (
    Column("persona", "text", "Nombre de quien lo pidió."),
    Column("telefono", "text", "Su teléfono, como lo dio."),
    Column("correo", "text", "Su correo."),
)


@dataclass(frozen=True, slots=True)
class Titles:
    """The names of ids, by kind: types, agencies, channels, colonias, sectors."""

    types: dict[str, str]
    agencies: dict[str, str]
    channels: dict[str, str]
    colonias: dict[str, str]
    sectors: dict[str, str]


def columns_of(*, persons: bool) -> tuple[Column, ...]:
    return (*COLUMNS, *PERSON) if persons else COLUMNS


def rows(
    db: apsw.Connection,
    columns: Columns,
    places: Sequence[int],
    titles: Titles,
    zone: ZoneInfo,
    now: datetime,
    *,
    persons: bool,
) -> Iterator[tuple[Value, ...]]:
    """The rows of these places, in their order. Instants are naive, in the municipality's time."""
    for start in range(0, len(places), _PAGE):
        part = list(places[start : start + _PAGE])
        with columns.lock:
            listed = rows_at(db, columns, part)
        texts = _texts(db, [row.id for row in listed])
        people = _people(db, [row.citizen for row in listed if row.citizen]) if persons else {}
        for row in listed:
            own = _own(row, texts.get(row.id, ""), titles, zone, now)
            yield (*own, *people.get(row.citizen or "", (None, None, None))) if persons else own


def _own(row: Row, said: str, titles: Titles, zone: ZoneInfo, now: datetime) -> tuple[Value, ...]:
    light = semaforo(say(now), zone, row.status, row.priority, row.amber_at, row.due_at, row.finished_at)

    def local(instant: str | None) -> datetime | None:
        return parse(instant).astimezone(zone).replace(tzinfo=None, microsecond=0) if instant else None

    return (
        row.folio or row.provisional,
        titles.types.get(row.type, row.type),
        word("status", row.status),
        light.words,
        word("priority", row.priority),
        titles.channels.get(row.channel or "", row.channel),
        titles.agencies.get(row.agency or "", row.agency),
        local(row.captured_at),
        local(row.answered_at),
        local(row.due_at),
        local(row.finished_at),
        titles.colonias.get(row.colonia or "", row.colonia),
        titles.sectors.get(row.sector or "", row.sector),
        row.block,
        row.street or None,
        row.lat,
        row.lon,
        said or None,
        row.supports,
        row.reassigned,
    )


def _texts(db: apsw.Connection, ids: list[str]) -> dict[str, str]:
    marks = ", ".join("?" * len(ids))
    found = db.execute(f"SELECT id, text FROM reports WHERE id IN ({marks})", ids).fetchall()
    return {str(report): str(said or "") for report, said in found}


def _people(db: apsw.Connection, citizens: list[str]) -> dict[str, tuple[Value, ...]]:
    marks = ", ".join("?" * len(citizens))
    statement = f"SELECT citizen, name, phone, email FROM persons.persons WHERE citizen IN ({marks})"
    return {
        str(row[0]): tuple(None if v is None else str(v) for v in row[1:])
        for row in db.execute(statement, citizens)
    }
