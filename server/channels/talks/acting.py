"""What a conversation makes happen: a report sealed by a channel's pen, a photo delivered, a folio told.

Law: an act done twice is one act: a report and its event bear the ids that the draft had from its beginning.
What intake has not decided yet is told as received, never as done.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable

from server.accounts.directory import Directory
from server.accounts.model import CHANNEL, Account
from server.cases.folio import provisional
from server.channels.citizens import citizen
from server.channels.conversation.message import LookedUp, Registered
from server.channels.conversation.state import Draft
from server.channels.conversation.turn import AddPhoto
from server.channels.pen import Pen
from server.channels.photos import deliver
from server.channels.registration import content_of, payload_of, position_of
from server.channels.talks.knowing import Known
from server.channels.tickets import code_of
from server.clock import Clock
from server.documents.shapes import Photo
from server.evidence.uploads import Uploads
from server.instants import parse, say
from server.store.databases import Databases
from sync.errors import Conflict

#: Asked with the talk's id (for the limits of guessing) and the folio as it was written.
LookUpFolio = Callable[[str, str], Awaitable[LookedUp]]

#: Accounts of channels, by the channel their reports say; none can be a person's by accident.
ACCOUNTS = {"web": "canal-web", "whatsapp": "canal-whatsapp"}
_NAMES = {"web": "Portal web", "whatsapp": "WhatsApp"}


async def nothing_known(talk: str, folio: str) -> LookedUp:
    return LookedUp(folio)


class Acting:
    """One per process. ``look_up`` is given by whoever can answer it."""

    def __init__(
        self,
        databases: Databases,
        directory: Directory,
        pen: Pen,
        uploads: Uploads,
        clock: Clock,
        secret: bytes,
    ) -> None:
        self._databases = databases
        self._directory = directory
        self._pen = pen
        self._uploads = uploads
        self._clock = clock
        self._secret = secret
        self.look_up: LookUpFolio = nothing_known

    async def account(self, channel: str) -> Account:
        """The channel's account, made the first time."""
        account_id = ACCOUNTS[channel]
        found = self._directory.account(account_id)
        if found is None:
            doc = {
                "_id": f"account:{account_id}",
                "schema": "account.v1",
                "name": _NAMES[channel],
                "role": CHANNEL,
                "active": True,
                "generation": 1,
            }
            try:
                await self._directory.create(doc)
            except Conflict:
                await self._directory.refresh()
            found = self._directory.account(account_id)
        assert found is not None
        return found

    async def deliver(self, channel: str, event: str, data: bytes) -> Photo:
        """A photo for an event that is not sealed yet. Raises ``photo_type_unknown``, ``storage_full``."""
        account = await self.account(channel)
        device = await self._pen.device(account.id)
        return await deliver(self._uploads, account.id, device, event, data)

    async def register(
        self, channel: str, draft: Draft, number: str | None, known: Known
    ) -> tuple[Registered, str | None]:
        """The report, and the citizen document's id where there is one. Raises ``storage_full``."""
        notice = str(known.settings.get("notice") or "") or None
        content = content_of(draft, number)
        now = say(self._clock.now())
        citizens = [citizen(content, self._salt(draft), notice or "1", now, draft.own)] if content else []
        named = str(citizens[0]["_id"]) if citizens else None
        word = await self._pen.act(
            await self.account(channel),
            "captured",
            draft.report,
            payload_of(draft, channel, named),
            own=draft.own,
            position=position_of(draft),
            photos=draft.photos,
            citizens=citizens,
            notice=notice,
        )
        report = f"report:{draft.report}"
        due = (await self._databases.cases.get_many([report])).get(report, {}).get("due_at")
        trouble = word.message or "espera revisión." if word.state in ("refused", "quarantined") else None
        outcome = Registered(
            draft.report,
            draft.event,
            word.folio,
            provisional(draft.report),
            code_of(self._secret, draft.report),
            parse(due).astimezone(known.zone).strftime("%d/%m/%Y") if due else None,
            trouble,
        )
        return outcome, named

    def _salt(self, draft: Draft) -> str:
        """The same at every try, so that a draft registered again names the same document; nobody's guess."""
        return hmac.new(self._secret, b"citizen:" + draft.own.encode(), hashlib.sha256).hexdigest()[:32]

    async def add_photo(self, channel: str, act: AddPhoto) -> None:
        """A photo for a report that this channel took. Raises ``storage_full``."""
        await self._pen.act(
            await self.account(channel), "evidence_added", act.report, {"of": act.of}, own=act.own,
            based_on=[act.of], photos=[act.photo], patience=0.0,
        )  # fmt: skip
