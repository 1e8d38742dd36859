"""A close as the paper, the letter and the workbook of it say it: of the frozen document and nothing else.

Law: printed today or in ten years, the figures and the lists are those that were frozen. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from server.documents.shapes import Figures, MonthClose
from server.documents.words import text as word
from server.exports.columns import Column, Value
from server.instants import parse
from server.months.closes import month_before
from server.papers.saying import day, local, long_day, moment, month_words

COLUMNS = (
    Column("lista", "text", "Recibido, Cerrado o Vencido: en qué lista del cierre está."),
    Column("folio", "text", "Folio del municipio."),
    Column("tipo", "text", "De qué se trata."),
    Column("colonia", "text", "Colonia del lugar."),
    Column("estado", "text", "Su estado al cerrar el mes."),
    Column("capturado", "instant", "Cuándo se capturó, hora del municipio."),
    Column("vence", "instant", "Hasta cuándo había plazo."),
    Column("cerrado", "instant", "Cuándo se terminó o se dijo que no procede."),
    Column("a_tiempo", "text", "Sí o no; vacío donde no se cerró o no tiene plazo."),
    Column("llego_tarde", "text", "Sí, donde se capturó o se cerró en un mes anterior y se recibió en este."),
)
_LISTS = (("received", "Recibido"), ("finished", "Cerrado"), ("overdue", "Vencido"))
#: Rows that a letter lists; the workbook has all.
_LETTER_ROWS = 40


def zone_of(close: MonthClose) -> ZoneInfo:
    return ZoneInfo(close["names"]["timezone"])


def rows(close: MonthClose) -> Iterator[tuple[Value, ...]]:
    """The lists of a close, one after the other."""
    zone, types, colonias = zone_of(close), close["names"]["types"], close["names"]["colonias"]

    def at(instant: str | None) -> datetime | None:
        return parse(instant).astimezone(zone).replace(tzinfo=None, microsecond=0) if instant else None

    lists = {"received": close["received"], "finished": close["finished"], "overdue": close["overdue"]}
    for name, said in _LISTS:
        for row in lists[name]:
            late = row["came_late"] if name == "received" else row["closed_late"]
            yield (
                said,
                row["folio"],
                types[row["type"]],
                colonias.get(row["colonia"] or "", ""),
                word("status", row["status"]),
                at(row["captured_at"]),
                at(row["due_at"]),
                at(row["closed_at"]),
                {True: "Sí", False: "No", None: None}[row["on_time"]],
                "Sí" if late else None,
            )


def share(figures: Figures) -> int | None:
    """Of what was closed with a deadline, how many in a hundred were on time."""
    judged = figures["on_time"] + figures["late"]
    return round(100 * figures["on_time"] / judged) if judged else None


def figures(found: Figures) -> list[list[str]]:
    """Figures of a close in words, in the order in which they are told."""
    on_time, median = share(found), found["median_seconds"]
    return [
        ["Recibidos en el mes", f"{found['received']:,}"],
        ["   de ellos, capturados en un mes anterior", f"{found['received_late']:,}"],
        ["Terminados", f"{found['finished']:,}"],
        ["Cerrados porque no procede", f"{found['not_viable']:,}"],
        ["A tiempo", f"{found['on_time']:,}" + (f" ({on_time} %)" if on_time is not None else "")],
        ["Tarde", f"{found['late']:,}"],
        ["Abiertos al cerrar el mes", f"{found['open']:,}"],
        ["Vencidos al cerrar el mes", f"{found['overdue']:,}"],
        ["Lo que tarda la mitad", _long(median)],
    ]


def _long(seconds: int | None) -> str:
    if seconds is None:
        return "—"
    return f"{seconds / 86_400:.1f} días" if seconds >= 86_400 else f"{max(1, round(seconds / 3_600))} h"


def late_words(close: MonthClose) -> str:
    found, month = close["figures"], month_words(close["month"])
    came, closed = found["received_late"], found["closed_late"]
    if not came and not closed:
        return f"Nada llegó tarde en {month}."
    parts = []
    if came:
        parts.append(f"{came} {'reporte se capturó' if came == 1 else 'reportes se capturaron'} antes")
    if closed:
        parts.append(f"{closed} {'cierre se hizo' if closed == 1 else 'cierres se hicieron'} antes")
    return f"{' y '.join(parts)} y se recibieron en {month}: cuentan en {month}."


def month_paper(close: MonthClose) -> dict[str, Any]:
    """The data of ``month.typ``."""
    names, zone = close["names"], zone_of(close)
    agency, types = names["agency"], names["types"]
    month = month_words(close["month"])
    late = [row for row in close["received"] if row["came_late"]]
    late += [row for row in close["finished"] if row["closed_late"] and row not in late]
    return {
        "municipality": names["municipality"],
        "title": f"Cierre de {month}, {agency}",
        "note": f"{agency} · {month}",
        "month": month[0].upper() + month[1:],
        "agency": agency,
        "closed_at": moment(close["closed_at"], zone),
        "closed_by": names["by"],
        "figures": figures(close["figures"]),
        "types": [
            [
                types[one["type"]],
                *(f"{n:,}" for n in (one["received"], one["finished"], one["on_time"], one["late"])),
            ]
            for one in close["types"]
        ],
        "late_note": late_words(close),
        "late": [
            [row["folio"], types[row["type"]], day(row["captured_at"], zone), day(row["closed_at"], zone)]
            for row in late
        ],
        "overdue": [
            [row["folio"], types[row["type"]], day(row["captured_at"], zone), day(row["due_at"], zone)]
            for row in close["overdue"]
        ],
        "hash": close["hash"],
    }


def letter(close: MonthClose) -> dict[str, Any]:
    """The data of ``letter.typ``."""
    names, zone, before = close["names"], zone_of(close), close["before"]
    agency, types, colonias = names["agency"], names["types"], names["colonias"]
    month = month_words(close["month"])
    earlier = dict(figures(before)) if before else {}
    overdue, on_time = close["overdue"], share(close["figures"])
    judged = (
        f"De lo que se cerró, {on_time} de cada cien fue a tiempo." if on_time is not None else
        "En el mes no se cerró nada que tuviera plazo."
    )  # fmt: skip
    if overdue:
        some = "el reporte vencido" if len(overdue) == 1 else f"los {len(overdue)} reportes vencidos"
        judged += f" Le pido revisar {some} de la lista que sigue."
    closed_on = local(close["closed_at"], zone).date()
    return {
        "municipality": names["municipality"],
        "title": f"Oficio de {month}, {agency}",
        "note": f"Oficio del cierre de {month}",
        "place_date": f"{names['municipality']}, a {long_day(closed_on, weekday=False)}",
        "agency": agency,
        "month": month,
        "before": month_words(month_before(close["month"])) if before else "",
        "opening": "Le informo cómo cerró el mes en los reportes ciudadanos que atiende su dependencia.",
        "figures": [[said, number, earlier.get(said, "")] for said, number in figures(close["figures"])],
        "judgement": judged,
        "overdue_note": (
            f"Los {_LETTER_ROWS} más viejos; todos van en el libro de Excel del cierre."
            if len(overdue) > _LETTER_ROWS
            else "Los más viejos primero."
        ),
        "overdue": [
            [
                row["folio"],
                types[row["type"]],
                colonias.get(row["colonia"] or "", ""),
                day(row["due_at"], zone),
            ]
            for row in overdue[:_LETTER_ROWS]
        ],
        "late": "" if late_words(close).startswith("Nada") else late_words(close),
        "signs": "",
        "office": "Atención Ciudadana, nombre y firma",
        "closed_at": moment(close["closed_at"], zone),
        "hash": close["hash"],
    }
