"""A filter's members and values in the words of the page.

Law: nothing is shown as a code that the municipality or the book of words has a name for. Pure.
"""

from __future__ import annotations

from server.cases.transitions import FLAGS
from server.documents.words import text
from server.web.office.reference import Names

ONLY_NAMES = {
    "abiertos": "Abiertos",
    "cerrados": "Cerrados",
    "reasignados": "Reasignados",
    "reabiertos": "Reabiertos",
    "con-aviso": "Con aviso",
    "sin-clasificar": "Sin clasificar",
    "duplicados": "Repetidos",
    "sin-respuesta": "Sin respuesta",
    "no-quedo": "No quedó",
    "verificados": "Verificados",
    "confidenciales": "Confidenciales",
    "peligro": "Alguien en peligro",
    "sin-lugar": "Sin lugar",
    "con-persona": "Con datos de una persona",
    "nadie-atiende": "Nadie lo atiende",
    "sin-brigada": "Sin brigada",
}
LABELS = {
    "captured": "Capturado", "due": "Vence", "finished": "Terminado", "reassigned": "Reasignado",
    "folio": "Folio", "status": "Estado", "colour": "Semáforo", "channel": "Canal", "type": "Tipo",
    "family": "Familia", "agency": "Dependencia", "department": "Departamento", "brigade": "Brigada",
    "colonia": "Colonia", "sector": "Cuartel", "delegation": "Delegación", "block": "Manzana",
    "priority": "Prioridad", "holder": "Lo atiende", "user": "Quién actuó", "flag": "Aviso",
    "street": "Calle", "words": "Palabras", "person": "Persona", "phone": "Teléfono",
    "citizen": "Ciudadano", "only": "Sólo",
}  # fmt: skip


def shown(name: str, value: str, known: Names) -> str:
    """A filter's value in words."""
    match name:
        case "status" | "priority" | "colour":
            return text(name, value)
        case "type":
            return known.type(value)
        case "agency":
            return known.agency(value)
        case "channel":
            return known.channel(value)
        case "colonia":
            return known.colonia(value)
        case "sector":
            return known.sector(value)
        case "user" | "holder":
            return known.account(value)
        case "brigade":
            return known.any_brigade(value)
        case "department":
            return known.any_department(value)
        case "flag":
            return str(FLAGS[value]["text"]) if value in FLAGS else value
        case "only":
            return ONLY_NAMES[value]
    return value
