"""Rows become valid documents or are refused with their column."""

from __future__ import annotations

from typing import Any

import pytest

from server.catalogue import defaults
from server.imports import catalogue
from server.imports.findings import RowRefused
from server.imports.known import Known

Json = Any


@pytest.fixture
def known() -> Known:
    docs = defaults.documents()

    def kind(name: str) -> dict[str, Json]:
        return {key.partition(":")[2]: doc for key, doc in docs.items() if key.startswith(f"{name}:")}

    agencies = kind("agency")
    agencies["alumbrado-publico"]["brigades"] = [{"id": "alumbrado-1", "name": "Uno"}]
    accounts: Json = {"maria.lopez": {"_id": "account:maria.lopez", "generation": 3}}
    return Known(
        types=kind("type"),
        agencies=agencies,
        channels=kind("channel"),
        blocks={"m-1": {"sector": "c-1"}, "m-2": {"sector": "c-1"}},
        sectors={"c-1"},
        colonias={"centro"},
        accounts=accounts,
    )


def test_a_new_type_from_a_short_row(known: Known) -> None:
    row = {
        "name": "Parquímetro descompuesto",
        "family": "traffic",
        "agency": "transito-y-movilidad",
        "days": "4",
        "priority": "3",
        "words": "parquímetro, tragamonedas",
        "closing_photo": "sí",
        "questions": "¿Cuántos?: número; ¿Qué pasa?: no prende | traga monedas; ¿Urge?: sí/no; ¿Cuál?: texto",
        "closing_codes": "Se reparó | Se cambió",
    }
    doc = catalogue.petition_type(row, known)
    assert doc["_id"] == "type:parquimetro-descompuesto"
    assert [question["kind"] for question in doc["questions"]] == ["number", "choice", "boolean", "text"]
    assert doc["questions"][1]["options"][1] == {"value": "traga-monedas", "text": "traga monedas"}
    assert doc["closing"] == {
        "done": True,
        "photo": True,
        "position": False,
        "codes": [{"value": "se-reparo", "text": "Se reparó"}, {"value": "se-cambio", "text": "Se cambió"}],
    }
    assert doc["amber_days"] < doc["days"]


def test_what_a_row_leaves_empty_stays(known: Known) -> None:
    doc = catalogue.petition_type({"id": "bache", "name": "Bache grande", "days": "3"}, known)
    assert doc["name"] == "Bache grande"
    assert doc["days"] == 3
    assert doc["questions"] == known.types["bache"]["questions"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({}, "name"),
        ({"name": "x", "agency": "obra-publica"}, "family"),
        ({"name": "x", "family": "lamp"}, "agency"),
        ({"name": "x", "family": "lamp", "agency": "nadie"}, "agency"),
        (
            {"name": "x", "family": "lamp", "agency": "alumbrado-publico", "department": "bacheo"},
            "department",
        ),
        ({"name": "x", "family": "lamp", "agency": "alumbrado-publico", "priority": "5"}, "priority"),
        ({"name": "x", "family": "lamp", "agency": "alumbrado-publico", "questions": "¿Qué?"}, "questions"),
        ({"name": "x", "family": "lamp", "agency": "alumbrado-publico", "urgent": "quizá"}, "urgent"),
        ({"name": "y" * 201, "family": "lamp", "agency": "alumbrado-publico"}, "name"),
    ],
)
def test_bad_types_are_refused_by_column(known: Known, row: Json, column: str) -> None:
    with pytest.raises(RowRefused) as refused:
        catalogue.petition_type(row, known)
    assert refused.value.column == column


def test_rules_name_what_there_is(known: Known) -> None:
    row = {
        "type": "luminaria-apagada",
        "area": "centro",
        "agency": "alumbrado-publico",
        "brigade": "alumbrado-1",
        "department": "mantenimiento",
    }
    assert catalogue.rule(row, known)["area"] == "colonia:centro"
    for column, value in (("type", "nada"), ("area", "luna"), ("brigade", "bacheo-9"), ("family", "x")):
        with pytest.raises(RowRefused) as refused:
            catalogue.rule({**row, column: value}, known)
        assert refused.value.column == column


def test_leaders_vacancies_and_pending(known: Known) -> None:
    row = {"name": "María López", "blocks": "m-1; m-2", "account": "maria.lopez", "from": "01/02/2025"}
    doc = catalogue.leader(row, known)
    assert doc["blocks"] == ["m-1", "m-2"]
    assert doc["status"] == "active"
    assert doc["sector"] == "c-1"
    assert doc["term"] == {"from": "2025-02-01", "until": None}
    assert catalogue.leader({"blocks": "m-2"}, known)["status"] == "vacant"
    assert (
        catalogue.leader({"name": "Ana", "blocks": "m-2", "status": "Pendiente"}, known)["status"]
        == "pending"
    )
    with pytest.raises(RowRefused, match="no block"):
        catalogue.leader({"name": "Ana", "blocks": "m-9"}, known)
    with pytest.raises(RowRefused, match="no account"):
        catalogue.leader({"name": "Ana", "blocks": "m-1", "account": "nadie"}, known)


def test_accounts_fit_their_role(known: Known) -> None:
    doc = catalogue.account({"name": "María López", "role": "Jefa de Manzana", "blocks": "m-1"}, known)
    assert doc["_id"] == "account:maria.lopez"
    assert doc["role"] == "block_leader"
    assert doc["generation"] == 3, "the mailbox's generation is the server's"
    assert "password" not in doc
    for row, why in (
        ({"name": "x", "role": "rey"}, "unknown role"),
        ({"name": "x", "role": "brigada"}, "needs its brigade"),
        ({"name": "x", "role": "jefe de sector", "sector": "c-9"}, "no sector"),
    ):
        with pytest.raises(RowRefused, match=why):
            catalogue.account(row, known)


def test_brigades_of_accounts_join_their_agency(known: Known) -> None:
    row = {"name": "Cuadrilla 2", "role": "brigada", "agency": "alumbrado-publico", "brigade": "alumbrado-2"}
    changed = catalogue.brigades_named([catalogue.account(row, known)], known)
    assert [brigade["id"] for brigade in changed[0]["brigades"]] == ["alumbrado-1", "alumbrado-2"]
