"""The municipality's own documents: settings, areas, agencies with their brigades, routing rules.

Law: only documents of docs/documents.md come out, complete and valid; nothing is written here. Pure.
"""

from __future__ import annotations

from typing import Any

from server.catalogue import defaults
from server.demo.cast import BRIGADES, Cast
from server.demo.city import CENTER, City, geojson
from server.demo.names import COLONIAS, MUNICIPALITY, STATE
from server.documents.ground import Ground
from server.documents.shapes import Area, AreaKind, Geometry, Leader, MunicipalSettings, Rule, Rules

#: Petition types a brigade answers by itself; the others wait for their agency or for Protección Civil.
WORK: dict[str, tuple[str, ...]] = {
    "agua-1": ("fuga-agua", "fuga-grande", "baja-presion", "medidor-agua", "hidrante"),
    "drenaje-1": (
        "drenaje-tapado",
        "aguas-negras",
        "alcantarilla-sin-tapa",
        "tapa-suelta",
        "rejilla-tapada",
        "encharcamiento",
    ),
    "aseo-1": (
        "basura-no-recogida",
        "tiradero-clandestino",
        "barrido-calle",
        "contenedor-lleno",
        "papelera",
        "animal-muerto",
        "muebles-descacharrizacion",
        "escombro-via-publica",
        "grafiti",
        "lote-baldio",
    ),
    "arbolado-1": (
        "arbol-caido",
        "arbol-riesgo",
        "poda-arbol",
        "maleza",
        "parque-limpieza",
        "juegos-rotos",
        "riego-parque",
    ),
    "vial-1": ("senal-danada", "pintura-vial", "semaforo-apagado", "semaforo-tiempos", "ciclovia"),
    "animal-1": ("perro-agresivo", "perros-callejeros", "ganado-suelto"),
}
#: Two brigades share the town: which colonias the second one has.
_SECOND_HALF = {"la-loma", "el-mezquite", "jardines-del-valle"}


def lamps_of(brigade: str) -> set[str]:
    """Colonias whose lamps are this brigade's."""
    second = brigade.endswith("-2")
    return {colonia for colonia, _, _ in COLONIAS if (colonia in _SECOND_HALF) == second}


def rules() -> Rules:
    """The ``rules`` document: work by type, lamps and potholes by colonia too."""
    found: list[Rule] = []
    places = {brigade: (agency, department) for brigade, agency, department, _ in BRIGADES}
    for family, agency, name in (
        ("lamp", "alumbrado-publico", "alumbrado"),
        ("pothole", "obra-publica", "bacheo"),
    ):
        for colonia, _, _ in COLONIAS:
            brigade = f"{name}-{2 if colonia in _SECOND_HALF else 1}"
            found.append(
                {
                    "family": family,
                    "area": f"colonia:{colonia}",
                    "agency": agency,
                    "department": places[brigade][1],
                    "brigade": brigade,
                }
            )
    for brigade, types in WORK.items():
        agency, department = places[brigade]
        row: Rule = {"agency": agency, "department": department, "brigade": brigade}
        found.extend({**row, "type": type_id} for type_id in types)
    return {**defaults.rules(), "version": "demo-1", "rules": found}


def settings(city: City) -> MunicipalSettings:
    return {
        "_id": "settings",
        "schema": "settings.v1",
        "municipality": MUNICIPALITY,
        "state": STATE,
        "timezone": "America/Mexico_City",
        "brand": "#004D55",
        "slogan": "Municipio de demostración",
        "election_mode": False,
        "emergency_phone": "911",
        "duty_phone": "0000000911",
        "outline": geojson(city.outline),
        "center": {"lat": CENTER[1], "lon": CENTER[0]},
        "folio_prefix": "VE",
        "notice": "1",
        "courier_key": None,
        "app_floor": "0.1.0",
        "answer_hours": 24,
        "late_days": 7,
        "evidence_flag_days": 7,
        "demo": True,
    }


def reference(city: City) -> list[Any]:
    """Every document of the ``reference`` database."""
    docs = defaults.documents()
    for brigade, agency, _, name in BRIGADES:
        docs[f"agency:{agency}"]["brigades"].append({"id": brigade, "name": name})
    docs["rules"] = rules()
    docs["settings"] = settings(city)
    for colonia, name, postcode in COLONIAS:
        shape = geojson(city.colonias[colonia][1])
        docs[f"area:colonia:{colonia}"] = {**_area("colonia", colonia, name, shape), "postcode": postcode}
    for sector, (name, outline) in city.sectors.items():
        docs[f"area:sector:{sector}"] = _area("sector", sector, name, geojson(outline))
    return list(docs.values())


def _area(kind: AreaKind, area: str, name: str, geometry: Geometry) -> Area:
    return {
        "_id": f"area:{kind}:{area}",
        "schema": "area.v1",
        "kind": kind,
        "name": name,
        "geometry": geometry,
    }


def registry(city: City, cast: Cast) -> list[Ground | Leader]:
    """Every document of the ``registry`` database: exact areas and the padrón."""
    docs: list[Ground | Leader] = []
    for block in city.blocks.values():
        entry = cast.entry_of[block.id]
        docs.append(
            {
                "_id": f"block:{block.id}",
                "name": block.name,
                "geometry": geojson(block.shape),
                "sector": block.sector,
                "colonia": block.colonia,
                "leader": entry if cast.leaders[entry]["status"] == "active" else None,
            }
        )
    for sector, (name, shape) in city.sectors.items():
        docs.append({"_id": f"sector:{sector}", "name": name, "geometry": geojson(shape)})
    for colonia, (name, shape) in city.colonias.items():
        docs.append({"_id": f"colonia:{colonia}", "name": name, "geometry": geojson(shape)})
    return [*docs, *cast.leaders.values()]
