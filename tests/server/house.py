"""Everybody at the door: a municipality after its busy day, its application, and one asker of each kind.

Law: whoever asks, asks as they would: phones by their token, offices by their cookie and their forms' token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2

from server.accounts.passwords import hash_password
from server.context import Context, Limits
from server.evidence.blobstore import derivative
from server.web.app import make_app
from tests.device import Pen, photo
from tests.server.evidence.pictures import picture
from tests.server.intake.day import CITIZEN, SECRETS, busy_day
from tests.server.intake.municipality import Municipality, inside
from tests.server.web.office.office import PASSWORD
from tests.server.web.phones.test_tus import OFFSET, metadata

Json = dict[str, Any]

#: Who asks. Phones by bearer token, offices by page cookie; a desk and an agency have both.
PHONES = {
    "block_leader": "lucia", "sector_leader": "norma", "brigade": "luz1", "civil_protection": "pc",
    "desk_phone": "mesa", "agency_phone": "obras",
}  # fmt: skip
STRANGERS = {"other_leader": "pedro", "other_brigade": "bache1"}
PAGES = {"desk": "mesa", "agency": "obras", "auditor": "irma", "admin": "jefa"}
NOBODY = ("nobody", "revoked", "expired", "lapsed")
ACTORS = (*PHONES, *STRANGERS, *PAGES, *NOBODY)

#: Stands for whoever asks: repeated wrong passwords of one name are locked out.
ACTOR = "actor"
CHECKIN = {"device": "", "since": {}, "last_seq": 0, "pending": 0}
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True, slots=True)
class Row:
    """One request. ``expect``: status by actor; whoever is not named gets ``otherwise``."""

    method: str
    route: str
    path: str
    expect: dict[str, int]
    otherwise: int
    body: Any = None
    form: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)


class House:
    """The municipality after its busy day, its application, and everybody at its door."""

    def __init__(self, context: Context, town: Municipality) -> None:
        self.context, self.town = context, town
        self.app = make_app(context)
        self.made: dict[str, str] = {}
        self.words: dict[str, list[bytes]] = {name: [word.encode()] for name, word in SECRETS.items()}
        self.tokens: dict[str, str] = {}
        self.devices: dict[str, str] = {}

    def client(self) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.app, client=("127.0.0.1", 50_000))
        return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")

    async def furnish(self) -> None:
        """What the day leaves behind, a photo, a confidential one, an event that is held, and sessions."""
        context, town = self.context, self.town
        hashed = await hash_password(PASSWORD)
        for account, role in (("irma", "auditor"), ("irma2", "auditor"), ("jefa", "admin")):
            members = {"name": account.title(), "role": role, "active": True, "generation": 1}
            await context.directory.create({"_id": f"account:{account}", "password": hashed, **members})
        right = {"password": hashed, "supervisor": True}
        for account in ("mesa", "obras"):
            await context.directory.update(f"account:{account}", lambda doc: {**doc, **right})
        await context.directory.update("account:lucia", lambda doc: {**doc, "sector": "norte"})
        self.made |= await busy_day(town)
        self.made["citizen"] = str((await town.report(self.made["lamp"]))["citizen"]).split(":")[1]
        lucia = await town.pen("lucia")
        self.made["device"] = lucia.id
        for name, type_id, seed in (("photo", "lampara", 1), ("secret photo", "denuncia", 2)):
            data = picture(seed=seed)
            listed = photo(data)
            event = lucia.capture(type_id, photos=[listed], text=name, **inside(1))
            await town.push(event)
            self.made[name] = listed["sha256"]
            await self.bring(lucia, data, event["_id"])
            shown = derivative(listed["sha256"], 320)
            shown_bytes = b"".join([part async for part in context.blobs.read(shown)])
            self.words["shown photo" if name == "photo" else name] = [shown_bytes]
            if name == "photo":
                self.words["original"] = [data]
        stranger = Pen("lucia", "block_leader", town.clock.now, lucia.installation)
        held = stranger.event("noted", self.made["lamp"], {"text": "obsidiana"})
        await town.push(held)
        self.made["held"] = held["_id"].rpartition(":")[2]
        self.words |= {"held": [b"obsidiana"], "citizen": [word.encode() for word in CITIZEN.values()]}
        await town.intake.run_until_idle()
        await self.context.directory.refresh()

    async def bring(self, pen: Pen, data: bytes, event: str) -> None:
        """Deliver a photo by tus, let it be judged and let intake record the verdict."""
        token, _, _ = await self.context.sessions.open(pen.account, pen.id, "device", timedelta(hours=1))
        headers = {"Authorization": f"Bearer {token}", **TUS}
        about = metadata(sha256=photo(data)["sha256"], type="image/jpeg", event=event)
        async with self.client() as http:
            made = await http.post(
                "/sync/evidence",
                headers={**headers, "Upload-Length": str(len(data)), "Upload-Metadata": about},
            )
            assert made.status_code == 201, made.text
            sent = await http.patch(
                made.headers["location"], content=data, headers={**headers, **OFFSET, "Upload-Offset": "0"}
            )
            assert sent.status_code == 204, sent.text
        await self.context.examination.settled()
        await self.town.intake.run_until_idle()

    async def let_in(self) -> None:
        """A session for everybody who has one, as they would have it."""
        context, town = self.context, self.town
        sessions, lucia = context.sessions, await town.pen("lucia")
        lost = await town.pen("lucia", "018f0000-0000-7000-8000-00000000dead")
        self.devices = {actor: (await town.pen(name)).id for actor, name in (PHONES | STRANGERS).items()}
        self.devices["revoked"] = lost.id
        await context.directory.refresh()
        day, past = timedelta(days=1), timedelta(seconds=-1)
        for actor, device in self.devices.items():
            account = device.partition("~")[0]
            self.tokens[actor], _, _ = await sessions.open(account, device, "device", day)
        for actor, account in PAGES.items():
            self.tokens[actor], _, _ = await sessions.open(account, None, "page", day)
        await context.enrolment.revoke(lost.id, "mesa")
        self.tokens["expired"], _, _ = await sessions.open("lucia", lucia.id, "device", past)
        self.tokens["lapsed"], _, _ = await sessions.open("mesa", None, "page", past)

    async def open_upload(self) -> str:
        """A fresh upload of the block leader's, with nothing in it yet."""
        about = metadata(
            sha256="b" * 64, type="image/jpeg", event=f"event:{self.made['lamp']}:{self.made['held']}"
        )
        headers = {"Authorization": f"Bearer {self.tokens['block_leader']}", **TUS, "Upload-Length": "9"}
        async with self.client() as http:
            made = await http.post("/sync/evidence", headers={**headers, "Upload-Metadata": about})
        assert made.status_code == 201, made.text
        return made.headers["location"].removeprefix("http://127.0.0.1:8000")

    async def ask(self, actor: str, row: Row) -> httpx2.Response:
        """One row's request by one actor, forms with their own session's token."""
        headers, fields = dict(row.headers), row.form
        token = self.tokens.get(actor, "")
        async with self.client() as http:
            if actor in PAGES or actor == "lapsed":
                http.cookies.set("manzana-pagina", token)
                if fields is not None:
                    page = await http.get("/gestion/")
                    found = re.search(r'name="token" value="([0-9a-f]+)"', page.text)
                    fields = {**fields, "token": found[1] if found else ""}
            elif token:
                headers["Authorization"] = f"Bearer {token}"
            body = row.body
            if isinstance(body, dict) and body.get("username") == ACTOR:
                body = {**body, "username": actor}
            if fields is not None and fields.get("usuario") == ACTOR:
                fields = {**fields, "usuario": actor}
            if body == CHECKIN and actor in self.devices:
                body = {**CHECKIN, "device": self.devices[actor]}
            self.context.limits = Limits()  # Doors where guessing pays have tests of their own.
            if fields is not None:
                return await http.request(row.method, row.path, data=fields or {"x": ""}, headers=headers)
            return await http.request(row.method, row.path, json=body, headers=headers)
