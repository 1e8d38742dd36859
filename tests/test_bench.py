"""``make bench`` runs every part of every benchmark when none is named."""

from __future__ import annotations

from tests.bench import service


def test_no_part_named_means_all() -> None:
    every = ["events", "idle", "pulls", "import", "positions", "growth", "routing"]
    assert service.options([]).parts == every
    assert service.options(["idle", "--seconds", "3"]).parts == ["idle"]
    assert service.options(["events", "idle", "--couchdb", "http://x"]).couchdb == "http://x"
