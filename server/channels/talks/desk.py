"""A person of the desk in a conversation: sees it, answers in it, gives it back or ends it.

Law: who answers is in the talk's document; two of the desk never answer unseen by each other: what one sends
is under the talk's revision as any message is.
"""

from __future__ import annotations

from server.channels.conversation.machine import given_back
from server.channels.conversation.state import read, write
from server.channels.talks import documents
from server.channels.talks.talks import Talks
from server.documents import reading
from server.documents.shapes import Said, Talk
from server.instants import say
from server.problems import Problem
from server.store import epoch
from sync.errors import Conflict
from sync.interface import Doc

#: Letters of one answer: what WhatsApp takes in one message (Cloud API, text.body).
MOST = 4_096
_ATTEMPTS = 5


class Desk:
    """One per process."""

    def __init__(self, talks: Talks) -> None:
        self._talks = talks

    async def answer(self, talk: str, account: str, text: str, own: str) -> None:
        """Answer, and take the talk over from the machine. ``own``: the form's uuid; sent twice it is one.

        Raises ``not_found``, ``form_invalid``, and ``edit_conflict`` where the talk changes too often.
        """
        if not text.strip() or len(text) > MOST:
            raise Problem("form_invalid", f"an answer of 1 to {MOST} letters")
        async with self._talks.lock(talk):
            for _ in range(_ATTEMPTS):
                doc, now = await self._doc(talk), say(self._talks.clock.now())
                name = documents.said_id(talk, documents.message_key(f"desk:{own}"))
                if name in await self._talks.office.get_many([name]):
                    return
                state = read(doc["state"])
                state.mode = "desk"
                state.asked_at = now
                doc["mode"], doc["desk"], doc["unread"], doc["state"] = "desk", account, 0, write(state)
                doc["number"] += 1
                said = documents.reply(name, account, now, doc["number"], text.strip(), [], "text")
                new: list[Doc] = [said]
                if doc["channel"] in self._talks.pushing:
                    current = (await epoch.read(self._talks.databases.cases)).epoch
                    said["sending"] = documents.waits(current)
                    new.append(documents.due_send(name, now, doc["number"]))
                if await self._talks.write(doc, new, [], []):
                    return
        raise Conflict("a conversation changes too often")

    async def give_back(self, talk: str, *, closed: bool) -> None:
        """Let the machine go on, or end the talk. Raises ``not_found``; nothing where it is the machine's."""
        async with self._talks.lock(talk):
            for _ in range(_ATTEMPTS):
                doc, now = await self._doc(talk), say(self._talks.clock.now())
                state = read(doc["state"])
                if state.mode == "bot":
                    return
                known = await self._talks.knowing.now()
                turn = given_back(state, self._talks.town(doc, known), now, closed=closed)
                doc["desk"], doc["unread"] = None, 0
                if await self._talks.commit(doc, turn, known, now, documents.message_key(f"back:{now}")):
                    return
        raise Conflict("a conversation changes too often")

    async def read(self, talk: str) -> tuple[Talk, list[Said]]:
        """The talk and all that was said. Raises ``not_found``."""
        doc, said = await self._talks.read(talk)
        if doc is None:
            raise Problem("not_found")
        return doc, said

    async def note_read(self, talk: str) -> None:
        """Somebody of the desk has seen what was written."""
        async with self._talks.lock(talk):
            doc = await self._doc(talk)
            if doc["unread"]:
                await self._talks.write({**doc, "unread": 0}, [], [], [])

    async def _doc(self, talk: str) -> Talk:
        found = await self._talks.office.get_many([talk])
        if talk not in found:
            raise Problem("not_found")
        return reading.talk(found[talk])
