"""Health and figures: for probes and Prometheus, not for passers-by."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from server.context import Context
from server.disk import Disk
from server.evidence.examination import Aside
from server.operations import housekeeping
from server.web.app import make_app
from tests.device import Pen
from tests.server.conftest import SetClock, add_account, proof

pytestmark = pytest.mark.anyio


def elsewhere(context: Context) -> httpx2.AsyncClient:
    context.settings = replace(context.settings, origin="https://manzana.example")
    transport = httpx2.ASGITransport(app=make_app(context), client=("203.0.113.9", 5000))
    return httpx2.AsyncClient(transport=transport, base_url="https://manzana.example")


async def test_health_is_the_engines(context: Context, http: httpx2.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "ok"}
    async with elsewhere(context) as far:
        assert (await far.get("/healthz")).status_code == 200


async def test_health_says_which_worker_does_not_work(
    context: Context, http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever went wrong in it: nothing was foreseen for a ``ZeroDivisionError``."""

    async def broken(context: Context) -> dict[str, int]:
        raise ZeroDivisionError

    monkeypatch.setattr(housekeeping, "tidy", broken)
    async with housekeeping.housekeeping(context):
        while context.workers[-1].working():  # noqa: ASYNC110 - a few turns of the loop
            await asyncio.sleep(0)
        answer = await http.get("/healthz")
        assert (answer.status_code, answer.json()) == (503, {"status": "degraded", "gone": ["housekeeping"]})
        assert 'manzana_worker_failures{worker="housekeeping"} 1.0' in (await http.get("/metrics")).text
    assert {worker.name for worker in context.workers} >= {"pen", "register", "feeds", "examination"}


async def test_health_says_when_nothing_can_be_written(context: Context, http: httpx2.AsyncClient) -> None:
    context.disk = Disk(context.settings.data_dir / "gone")
    answer = await http.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "degraded", "gone": ["disk"]})


async def test_what_people_wait_for_is_measured(
    context: Context, http: httpx2.AsyncClient, clock: SetClock
) -> None:
    held = {"_id": "quarantine:e1", "at": "2026-11-23T16:05:09.123Z"}
    await context.databases.cases.put(held)
    await context.databases.cases.put({"_id": "quarantine:e2", "at": "2026-11-23T16:05:10.123Z"})
    clock.advance(hours=1)
    context.examination.aside["ab" * 32] = Aside("disk", "OSError", held["at"])
    text = (await http.get("/metrics")).text
    assert "manzana_quarantine_oldest_seconds 3600.0" in text
    assert "manzana_photos_pending 1.0" in text
    assert "manzana_register_lag_changes 2.0" in text
    assert "manzana_pen_waiting 0.0" in text
    await context.register.catch_up()
    assert "manzana_register_lag_changes 0.0" in (await http.get("/metrics")).text


async def test_figures_are_for_loopback_or_the_token(context: Context, http: httpx2.AsyncClient) -> None:
    assert (await http.get("/metrics")).status_code == 200
    async with elsewhere(context) as far:
        assert (await far.get("/metrics")).status_code == 404
        context.settings = replace(context.settings, metrics_token="ficha")
        assert (await far.get("/metrics")).status_code == 404
        assert (await far.get("/metrics", headers={"Authorization": "Bearer ficha"})).status_code == 200
    context.settings = replace(context.settings, metrics_token="", proxy=True)
    assert (await http.get("/metrics")).status_code == 404


async def test_outboxes_age_while_nobody_hears_of_them(
    context: Context, http: httpx2.AsyncClient, clock: SetClock
) -> None:
    await add_account(context, "rosa", "block_leader")
    pen = Pen("rosa", "block_leader")
    code, _ = await context.enrolment.issue_code("rosa", "desk")
    await context.enrolment.enrol(code, proof(context, pen), None)
    told = {"pending": 3, "oldest": 100, "at": "2026-11-23T16:05:09.123Z"}
    await context.directory.update(f"device:{pen.id}", lambda doc: {**doc, "last": told})
    clock.advance(hours=1)
    text = (await http.get("/metrics")).text
    assert f'manzana_outbox_oldest_seconds{{installation="{pen.installation}"}} 3700.0' in text
    assert f'manzana_outbox_pending{{installation="{pen.installation}"}} 3.0' in text
    assert 'manzana_outbox_phones{seconds="3600"} 1.0' in text
    assert 'manzana_outbox_phones{seconds="21600"} 0.0' in text
    assert "rosa" not in text


async def test_uploads_under_way_are_counted(context: Context, http: httpx2.AsyncClient) -> None:
    assert "manzana_uploads_open 0.0" in (await http.get("/metrics")).text
    data = b"no picture, but whole"
    name = hashlib.sha256(data).hexdigest()
    ended, _ = [
        await context.uploads.create("rosa", "rosa~x", name, "image/png", f"event:{n}", len(data))
        for n in range(2)
    ]
    assert "manzana_uploads_open 2.0" in (await http.get("/metrics")).text

    async def body() -> AsyncIterator[bytes]:
        yield data

    await context.uploads.append(ended, 0, body(), None)
    assert "manzana_uploads_open 1.0" in (await http.get("/metrics")).text


async def test_the_inboxs_lag_and_mailboxes_are_counted(context: Context, http: httpx2.AsyncClient) -> None:
    await add_account(context, "rosa", "block_leader")
    for number in range(3):
        await context.databases.inbox.put({"_id": f"r{number}", "event": {}})
    box = await context.databases.mailbox("rosa", 1)
    await box.put({"_id": "profile"})
    await context.databases.cases.put({"_id": "quarantine:e1"})
    for number in range(2):
        await context.databases.cases.put({"_id": f"refusal:e{number}"})
    text = (await http.get("/metrics")).text
    assert "manzana_quarantined 1.0" in text
    assert "manzana_refused_events 2.0" in text
    assert "manzana_intake_lag_receipts 3.0" in text
    assert 'manzana_mailbox_documents{role="block_leader"} 1.0' in text


async def test_the_lan_authority_is_given_out_only_with_lan(
    context: Context, http: httpx2.AsyncClient
) -> None:
    assert (await http.get("/autoridad.crt")).status_code == 404
    from server.operations.tls import certificate

    context.authority = certificate(context.settings.data_dir / "tls").authority
    answer = await http.get("/autoridad.crt")
    assert answer.headers["content-type"] == "application/x-x509-ca-cert"
    assert answer.content[:1] == b"\x30"
