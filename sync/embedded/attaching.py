"""A document's attachments inside a write transaction: stubs found, files kept, references counted.

Law: a revision that names a file has a row in ``blob_refs`` for as long as its body is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw
import orjson

from sync.draft import Draft, Given
from sync.embedded.blobs import Blobs, Staged
from sync.errors import BadRequest, MissingStub, PreconditionFailed


class Staging:
    """The files that belong to one piece of work, by document index and attachment name."""

    def __init__(self, blobs: Blobs) -> None:
        self.blobs = blobs
        self.files: dict[tuple[int, str], Staged] = {}
        self.owners: tuple[Draft, ...] = ()

    def take(self, draft: Draft) -> None:
        """Put the inline bytes of a draft on disk. Runs outside the transaction. Raises
        ``PreconditionFailed``.
        """
        for name, given in (draft.attachments or {}).items():
            if given.data is not None:
                self.add(draft, name, self.blobs.stage(given.data))
                given.data = None

    def add(self, draft: Draft, name: str, staged: Staged) -> None:
        self.files[id(draft), name] = staged
        given = (draft.attachments or {})[name]
        announced = given.length if given.encoding is None else given.encoded_length
        if given.follows and announced is not None and announced != staged.length:
            raise BadRequest(f"Attachment '{name}' has {staged.length} bytes, not {announced}.")
        # Clients of CouchDB may give other kinds of digest; only its own can be compared.
        if given.digest is not None and given.digest.startswith("md5-") and given.digest != staged.digest:
            raise PreconditionFailed(f"Attachment '{name}' does not have the digest that was named.")

    def adopt(self, draft: Draft, probe: Draft) -> None:
        """What was received for ``probe`` belongs to ``draft``."""
        self.files.update({(id(draft), name): staged for (_, name), staged in list(self.files.items())})
        self.owners = (draft, probe)

    def done(self) -> None:
        for staged in self.files.values():
            self.blobs.done(staged)


class Attaching:
    def __init__(self, db: apsw.Connection, number: int, staging: Staging) -> None:
        self._db = db
        self._number = number
        self._staging = staging

    def resolve(
        self, draft: Draft, parents: Sequence[str] | None, generation: int, *, new_edit: bool = False
    ) -> tuple[bytes | None, list[tuple[str, str, str]]]:
        """What to keep beside the body, and (name, type, digest) for the revision's hash.

        ``parents`` are the revisions whose attachments a stub may mean, nearest first; a new edit's one
        parent is what its author read, so there the name tells enough. Raises
        ``MissingStub`` for a stub of what is not here.
        """
        if draft.attachments is None:
            return None, []
        known = self._known(draft, parents) if any(g.stub for g in draft.attachments.values()) else []
        kept: dict[str, dict[str, Any]] = {}
        for name, given in draft.attachments.items():
            staged = self._staging.files.get((id(draft), name))
            if staged is not None:
                self._staging.blobs.keep(staged)
                kept[name] = _fresh(given, staged, generation)
            else:
                kept[name] = _inherited(draft.id, name, given, known, sure=new_edit)
        names = [(name, one["content_type"], one["digest"]) for name, one in sorted(kept.items())]
        return orjson.dumps(kept), names

    def refer(self, doc_id: str, rev: str, atts: bytes | None) -> None:
        if atts is None:
            return
        for one in orjson.loads(atts).values():
            self._db.execute(
                "INSERT INTO blobs (hash, length) VALUES (?, ?)"
                " ON CONFLICT (hash) DO UPDATE SET idle_since = NULL",
                (one["hash"], one.get("encoded_length", one["length"])),
            )
            self._db.execute(
                "INSERT OR IGNORE INTO blob_refs (db, id, rev, hash) VALUES (?, ?, ?, ?)",
                (self._number, doc_id, rev, one["hash"]),
            )

    def _known(self, draft: Draft, parents: Sequence[str] | None) -> list[dict[str, dict[str, Any]]]:
        found = []
        for table in ("docs", "bodies"):
            for rev, atts in self._db.execute(
                f"SELECT rev, atts FROM {table} WHERE db = ? AND id = ? AND atts IS NOT NULL",
                (self._number, draft.id),
            ):
                if parents is not None and rev in parents:
                    found.append((parents.index(rev), orjson.loads(atts)))
        return [atts for _, atts in sorted(found, key=lambda pair: pair[0])]


def _fresh(given: Given, staged: Staged, generation: int) -> dict[str, Any]:
    one: dict[str, Any] = {
        "content_type": given.content_type,
        "revpos": generation if given.revpos is None else min(given.revpos, generation),
        "digest": staged.digest,
        "length": staged.length,
        "hash": staged.hash,
    }
    if given.encoding is not None:
        one.update(
            encoding=given.encoding,
            encoded_length=staged.length,
            length=staged.length if given.length is None else given.length,
        )
    return one


def _inherited(
    doc_id: str, name: str, given: Given, known: list[dict[str, dict[str, Any]]], *, sure: bool
) -> dict[str, Any]:
    """The attachment a stub means: of that name, brought by the revision it names, and the same bytes.

    ``sure`` asks for no proof of the bytes. Names and ``revpos`` are none: a document made anew on a CouchDB
    calls its attachments as old as its first life's.
    """
    for atts in known:
        one = atts.get(name)
        if one is None:
            continue
        same = given.revpos in (None, one["revpos"]) and (sure or _packed_otherwise(given, one))
        if same or (not sure and given.digest in (None, one["digest"])):
            return one
    raise MissingStub(f"Invalid attachment stub in {doc_id} for {name}")


def _packed_otherwise(given: Given, one: dict[str, Any]) -> bool:
    """Whether only compression can be why the digests differ: each is over the bytes as stored."""
    return given.length == one["length"] and given.encoding != one.get("encoding")
