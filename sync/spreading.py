"""What ``Engine.spread`` takes: edits for many databases, in steps. Part of ``interface.py``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sync.interface import Database, Doc, Json, JsonBytes


class Write(NamedTuple):
    """A new edit for one of many databases. ``doc`` has no ``_rev``, ``_deleted`` or ``_attachments``.

    One ``doc`` object may stand in many writes and is then read once; it must not change meanwhile. ``body``
    is its own members (all but ``_id``) as JSON text, where the caller has written them anyway. Without
    ``keep`` nobody will ask for the revision it replaces: an engine may drop its body before compaction.
    """

    database: Database
    doc: Doc
    rev: str | None = None
    deleted: bool = False
    body: JsonBytes | None = None
    keep: bool = True

    def whole(self) -> Json:
        """The document as ``bulk_docs`` takes it."""
        rev = {"_rev": self.rev} if self.rev is not None else {}
        return {**self.doc, **rev, **({"_deleted": True} if self.deleted else {})}


class Step(NamedTuple):
    """Writes that go together. Where a row of a ``strict`` one is refused, no later step is written."""

    writes: Sequence[Write]
    strict: bool = False
