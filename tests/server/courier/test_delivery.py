"""A colleague's phone, or the desk, delivers a sealed file."""

from __future__ import annotations

import base64
import re
from typing import Any

import httpx2
import orjson
import pytest

from server.accounts.passwords import hash_password
from server.context import Context
from server.courier.delivery import ensure_key
from server.courier.envelope import seal
from sync.interface import AllDocsQuery
from tests.device import Pen, citizen_document
from tests.server.conftest import SetClock, add_account, proof
from tests.server.evidence.pictures import picture, sha256

pytestmark = pytest.mark.anyio
Json = dict[str, Any]


async def phone(context: Context, account: str) -> tuple[Pen, dict[str, str]]:
    await add_account(context, account, "block_leader", blocks=["m-1"])
    pen = Pen(account, "block_leader", context.clock.now)
    code, _ = await context.enrolment.issue_code(account, "desk")
    done = await context.enrolment.enrol(code, proof(context, pen), None)
    return pen, {"Authorization": f"Bearer {done.token}"}


async def sealed(context: Context, pen: Pen) -> tuple[bytes, Json, bytes]:
    """A file with a report, its citizen and its photo."""
    await context.databases.reference.put(
        {
            "_id": "settings",
            "municipality": "San Jacinto",
            "timezone": "America/Mexico_City",
            "folio_prefix": "SJ",
        }
    )
    await ensure_key(context.databases.accounts, context.databases.reference)
    settings = await context.databases.reference.get("settings")
    photo = picture(seed=3)
    citizen = citizen_document(context.clock.now(), name="Eva", phone="662 1")
    listed = [{"sha256": sha256(photo), "origin": "camera", "bytes": len(photo), "type": "image/jpeg"}]
    event = pen.capture("bache", photos=listed, citizen=citizen["_id"], text="Secreto de la cuadra")
    content = {
        "docs": [citizen, event, {"_id": "basura"}],
        "photos": [
            {
                "sha256": sha256(photo),
                "type": "image/jpeg",
                "event": event["_id"],
                "data": base64.b64encode(photo).decode(),
            },
            {
                "sha256": "0" * 64,
                "type": "image/jpeg",
                "event": event["_id"],
                "data": base64.b64encode(photo).decode(),
            },
            "basura",
        ],
    }
    file = seal(content, settings["courier_key"], "2026-11-23T16:00:00.000Z", bytes(12))
    return orjson.dumps(file), event, photo


async def test_a_colleague_delivers_and_learns_only_counts(
    context: Context, http: httpx2.AsyncClient
) -> None:
    pen, _ = await phone(context, "rosa")
    file, event, photo = await sealed(context, pen)
    assert b"Secreto" not in file
    _, luis = await phone(context, "luis")
    answer = await http.post("/api/courier", content=file, headers=luis)
    assert answer.status_code == 201
    assert answer.json() == {"received": 2, "refused": 1, "photos": 1, "photos_refused": 2}
    page = await context.databases.inbox.all_docs(AllDocsQuery(include_docs=True))
    receipts = [orjson.loads(row.doc) for row in page.rows if row.doc]
    assert [receipt["event"] for receipt in receipts] == [event]
    assert receipts[0]["session"]["account"] == "luis"
    await context.examination.settled()
    assert (await context.databases.evidence.get(f"blob:{sha256(photo)}"))["verdict"] == "ok"
    again = await http.post("/api/courier", content=file, headers=luis)
    assert again.json() == answer.json()


async def test_the_desk_delivers_a_file_by_page(context: Context, http: httpx2.AsyncClient) -> None:
    pen, _ = await phone(context, "rosa")
    file, _, _ = await sealed(context, pen)
    await add_account(context, "marta", "desk", password=await hash_password("nopal azul 2026 !"))
    await http.post("/gestion/entrar", data={"usuario": "marta", "clave": "nopal azul 2026 !"})
    token = re.search(r'name="token" value="([0-9a-f]+)"', (await http.get("/gestion/correo")).text)
    assert token
    for given, status in ((token[1], 200), ("0" * 64, 403)):
        answer = await http.post(
            "/gestion/correo", data={"token": given}, files={"archivo": ("envios", file)}
        )
        assert answer.status_code == status
    answer = await http.post(
        "/gestion/correo", data={"token": token[1]}, files={"archivo": ("x", b"otra cosa")}
    )
    assert answer.status_code == 400
    assert "aún tiene todo" in answer.text


async def test_the_key_is_made_once_and_kept(context: Context, clock: SetClock) -> None:
    await context.databases.reference.put({"_id": "settings", "municipality": "X"})
    databases = context.databases
    await ensure_key(databases.accounts, databases.reference)
    first = (await databases.reference.get("settings"))["courier_key"]
    await ensure_key(databases.accounts, databases.reference)
    settings = await databases.reference.get("settings")
    assert settings["courier_key"] == first
    assert "d" not in first
    settings.pop("courier_key")
    await databases.reference.put(settings)
    await ensure_key(databases.accounts, databases.reference)
    assert (await databases.reference.get("settings"))["courier_key"] == first
