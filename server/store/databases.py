"""The municipality's databases, by name, on any engine.

Law: nobody else spells a database's name. An account id may hold a full stop, which CouchDB allows in no
name; it is written ``$``, which no account id holds, so that two accounts never share a mailbox.
"""

from __future__ import annotations

from dataclasses import dataclass

from sync.errors import DatabaseNotFound
from sync.interface import Database, Engine

#: Databases that hold the truth: backed up, migrated and never derived from one another.
TRUTH = ("inbox", "cases", "citizens", "registry", "accounts", "reference", "evidence", "office")

MAILBOX = "mailbox-"


@dataclass(frozen=True, slots=True)
class Databases:
    """The open databases of one municipality; ``prefix`` precedes each name (``manzana-`` on CouchDB)."""

    engine: Engine
    prefix: str
    inbox: Database
    cases: Database
    citizens: Database
    registry: Database
    accounts: Database
    reference: Database
    evidence: Database
    office: Database
    wake: Database

    @classmethod
    async def open(cls, engine: Engine, prefix: str = "") -> Databases:
        """Open every database, creating those that are missing. Raises the engine's errors."""
        named = {name: await engine.ensure(prefix + name) for name in (*TRUTH, "wake")}
        return cls(engine=engine, prefix=prefix, **named)

    def mailbox_name(self, account: str, generation: int) -> str:
        """The name of one account's mailbox of one generation."""
        return f"{self.prefix}{MAILBOX}{account.replace('.', '$')}-{generation}"

    def mailbox_owner(self, name: str) -> tuple[str, int]:
        """Account and generation of a mailbox's name: the inverse of ``mailbox_name``.

        Raises ``ValueError`` for any other name.
        """
        head = self.prefix + MAILBOX
        account, dash, generation = name.removeprefix(head).rpartition("-")
        if not name.startswith(head) or not dash or not account or not generation.isdecimal():
            raise ValueError(f"{name} is no mailbox")
        return account.replace("$", "."), int(generation)

    async def mailbox(self, account: str, generation: int) -> Database:
        """The mailbox, created if it was not there."""
        return await self.engine.ensure(self.mailbox_name(account, generation))

    async def open_mailbox(self, account: str, generation: int) -> Database:
        """The mailbox; raises ``DatabaseNotFound`` where there is none."""
        return await self.engine.open(self.mailbox_name(account, generation))

    async def mailboxes(self) -> list[tuple[str, int]]:
        """Account and generation of every mailbox there is, in the order of their names."""
        names = await self.engine.names(prefix=self.prefix + MAILBOX)
        return [self.mailbox_owner(name) for name in names]

    async def drop_mailbox(self, account: str, generation: int) -> None:
        """Delete a mailbox; one that is already gone is no error."""
        try:
            await self.engine.delete(self.mailbox_name(account, generation))
        except DatabaseNotFound:
            return
