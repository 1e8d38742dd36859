"""One catalogue, one shape: every refusal, whatever refused it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import httpx2
import pytest

from server.problems import CATALOGUE, Problem
from server.web.edge import problem_of
from sync.errors import Conflict, StorageFull, Unavailable

ROOT = Path(__file__).resolve().parents[2]


def test_every_entry_is_whole() -> None:
    for code, entry in CATALOGUE.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", code)
        assert 400 <= entry.status <= 507
        assert entry.message[0].isupper() or entry.message[0] in "¿¡«", code
        assert entry.message.rstrip().endswith((".", "?", "»")), code
        assert entry.reason.strip(), code


def codes_raised() -> set[str]:
    """The codes that the service's sources name where they refuse."""
    found = set()
    for path in (ROOT / "server").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in {"Problem", "Refused", "Quarantined"} and isinstance(node.args[0].value, str):
                    found.add(node.args[0].value)
    return found


def test_only_codes_of_the_catalogue_are_raised() -> None:
    own = {"photo_type_unknown", "photo_mislabelled", "photo_pixels", "photo_truncated", "photo_undecodable"}
    assert codes_raised() - CATALOGUE.keys() == set()
    assert own <= CATALOGUE.keys()


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (Problem("code_not_allowed"), "code_not_allowed", 403),
        (StorageFull("disk full"), "storage_full", 507),
        (Unavailable("away"), "unavailable", 503),
        (Conflict(), "edit_conflict", 409),
        (OSError(28, "No space left on device"), "storage_full", 507),
        (RuntimeError("boom"), "internal", 500),
    ],
)
def test_whatever_escapes_becomes_a_problem(error: Exception, code: str, status: int) -> None:
    problem = problem_of(error)
    assert (problem.code, problem.status) == (code, status)
    assert "boom" not in problem.reason


@pytest.mark.anyio
async def test_the_shape_over_http(http: httpx2.AsyncClient) -> None:
    for method, path in (
        ("GET", "/nada"),
        ("POST", "/healthz"),
        ("GET", "/sync/mailbox/_changes"),
        ("POST", "/api/enrol"),
    ):
        answer = await http.request(method, path)
        body = answer.json()
        assert set(body) == {"error", "message", "reason"}
        assert CATALOGUE[body["error"]].status == answer.status_code
    listed = (await http.get("/api/problems")).json()["problems"]
    assert {row["error"] for row in listed} == set(CATALOGUE)
