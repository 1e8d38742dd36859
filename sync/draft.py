"""A document as it arrives: checked, its reserved members taken apart, its own members kept as bytes.

Law: what passes here can be stored and given back unchanged; what cannot is refused before anything is
written. The members that may begin with an underscore are CouchDB's ("Documents", "Special Fields"); any
other is refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync import jsontext, revision
from sync.errors import BadRequest, DocValidation, IllegalDocumentId

#: Members a client may send back because a read gave them; they say nothing about the edit.
_IGNORED = frozenset({"_revs_info", "_conflicts", "_deleted_conflicts", "_local_seq"})
#: What a replicator writes into its documents. A CouchDB keeps them in every database.
_KEPT = frozenset(f"_replication_{word}" for word in ("state", "state_time", "state_reason", "id", "stats"))
_ATTACHMENT = {
    "content_type": str,
    "digest": str,
    "encoding": str,
    "length": int,
    "encoded_length": int,
    "revpos": int,
}
_TAKEN = frozenset({"_id", "_rev", "_deleted", "_attachments", "_revisions"})


@dataclass(slots=True)
class Given:
    """An attachment as a document brings it: bytes, a stub of one that is here, or a stream that ``follows``.

    What is None was not said. ``length`` is the content's; of a gzip-encoded one ``digest`` and
    ``encoded_length`` are those of the bytes as they travel.
    """

    content_type: str = "application/octet-stream"
    data: bytes | None = None
    stub: bool = False
    follows: bool = False
    digest: str | None = None
    length: int | None = None
    revpos: int | None = None
    encoding: str | None = None
    encoded_length: int | None = None


@dataclass(slots=True)
class Draft:
    """``rev`` is the parent of a new edit or the id of a replicated one, whose known branch is then ``ids``.

    ``body`` is the document's own members without the opening brace: ``"a":1}``, or ``}`` alone.
    """

    id: str
    rev: str | None
    body: bytes
    deleted: bool = False
    start: int = 0
    ids: Sequence[str] = ()
    attachments: dict[str, Given] | None = None
    #: Whether the revision it replaces stays until compaction.
    keep: bool = True
    #: The revision it makes as a new document, once worked out: many databases may take the same draft.
    first_rev: str | None = None


def check_id(doc_id: object) -> str:
    """Raises ``IllegalDocumentId`` with CouchDB's words."""
    if not isinstance(doc_id, str):
        raise IllegalDocumentId("Document id must be a string")
    if not doc_id:
        raise IllegalDocumentId("Document id must not be empty")
    if doc_id[0] == "_" and not (
        (doc_id.startswith("_design/") and len(doc_id) > 8)
        or (doc_id.startswith("_local/") and len(doc_id) > 7)
    ):
        raise IllegalDocumentId("Only reserved document ids may start with underscore.")
    if not _is_text(doc_id):
        raise IllegalDocumentId("Document id must be valid UTF-8")
    return doc_id


def read(
    doc: Mapping[str, Any] | bytes,
    *,
    new_edits: bool = True,
    new_id: Callable[[], str] | None = None,
    also: Collection[str] = (),
) -> Draft:
    """Take a document apart. ``also`` names further underscore members to keep (the replicator's own).

    Raises ``BadRequest``, ``DocValidation`` or ``IllegalDocumentId``.
    """
    parsed = jsontext.loads(doc) if isinstance(doc, bytes | bytearray | memoryview) else doc
    if not isinstance(parsed, Mapping):
        raise BadRequest("Document must be a JSON object")
    doc_id = parsed.get("_id")
    if doc_id is None and "_id" not in parsed and new_id is not None:
        doc_id = new_id()
    elif type(doc_id) is not str or not doc_id or doc_id[0] == "_" or not doc_id.isascii():
        doc_id = check_id(doc_id)
    try:
        own = {name: value for name, value in parsed.items() if name[:1] != "_"}
    except TypeError as error:
        raise BadRequest("invalid UTF-8 JSON: member names must be strings") from error
    draft = Draft(doc_id, None, b"")
    if len(own) + 1 < len(parsed) or "_id" not in parsed:
        _take_reserved(draft, parsed, own, new_edits=new_edits, also=also)
    elif not new_edits:
        raise BadRequest("When `new_edits: false`, the document needs `_rev` or `_revisions` specified")
    draft.body = jsontext.dumps(own)[1:]
    return draft


def _take_reserved(
    draft: Draft, parsed: Mapping[str, Any], own: dict[str, Any], *, new_edits: bool, also: Collection[str]
) -> None:
    for name in parsed:
        if name[:1] == "_" and name not in _TAKEN and name not in _IGNORED:
            if name not in _KEPT and name not in also:
                raise DocValidation(f"Bad special document member: {name}")
            own[name] = parsed[name]
    rev = parsed.get("_rev")
    if rev is None and "_rev" in parsed:
        raise BadRequest("Invalid rev format")
    if rev is not None and draft.id.startswith("_local/"):
        draft.rev = rev if isinstance(rev, str) else str(rev)
    elif rev is not None:
        draft.start, word = revision.parse(rev)
        draft.rev, draft.ids = rev, [word]
    deleted = parsed.get("_deleted", False)
    if not isinstance(deleted, bool):
        raise DocValidation("_deleted must be a boolean")
    draft.deleted = deleted
    if "_revisions" in parsed and not new_edits:
        _take_revisions(draft, parsed["_revisions"])
    if not new_edits and not draft.ids and not draft.id.startswith("_local/"):
        raise BadRequest("When `new_edits: false`, the document needs `_rev` or `_revisions` specified")
    if "_attachments" in parsed:
        draft.attachments = _take_attachments(parsed["_attachments"]) or None
        if new_edits and draft.attachments:
            # What a new edit brings is as old as that edit, whatever its sender believes.
            for given in draft.attachments.values():
                if not given.stub:
                    given.revpos = None


def _take_revisions(draft: Draft, value: Any) -> None:
    start = value.get("start") if isinstance(value, Mapping) else None
    ids = value.get("ids") if isinstance(value, Mapping) else None
    if isinstance(start, bool) or not isinstance(start, int):
        raise DocValidation("_revisions.start isn't an integer.")
    if not isinstance(ids, list) or not ids or not all(map(revision.is_hash, ids)):
        raise DocValidation("_revisions.ids isn't an array of revision hashes.")
    if len(ids) > start or start >= 10**15:
        raise DocValidation("_revisions.start is below the number of ids.")
    named = f"{start}-{ids[0]}"
    if draft.rev is not None and draft.rev != named:
        raise DocValidation("_rev and _revisions name different revisions.")
    draft.rev, draft.start, draft.ids = named, start, ids


def _take_attachments(value: Any) -> dict[str, Given]:
    if not isinstance(value, Mapping):
        raise DocValidation("Attachments must be a JSON object")
    taken = {}
    for name, member in value.items():
        if not isinstance(name, str) or not name or not _is_text(name):
            raise BadRequest("Attachment name must be a non-empty UTF-8 string")
        if name.startswith("_"):
            raise BadRequest(f"Attachment name '{name}' starts with prohibited character '_'")
        if not isinstance(member, Mapping):
            raise DocValidation(f"Attachment '{name}' must be a JSON object")
        taken[name] = _take_attachment(name, member)
    return taken


def _take_attachment(name: str, member: Mapping[str, Any]) -> Given:
    given = Given(stub=member.get("stub") is True, follows=member.get("follows") is True)
    for label, kind in _ATTACHMENT.items():
        value = member.get(label)
        if value is None or (label == "encoding" and value == "identity"):
            continue
        if (
            not isinstance(value, kind)
            or isinstance(value, bool)
            or (isinstance(value, str) and not _is_text(value))
        ):
            raise DocValidation(f"Attachment '{name}' has a bad {label}")
        setattr(given, label, value)
    if given.encoding not in (None, "gzip"):
        raise DocValidation(f"Attachment '{name}' has an unknown encoding")
    if not given.stub and not given.follows:
        try:
            data = member.get("data", None)
            # Encoders break lines; blanks mean nothing (RFC 2045 section 6.8), and CouchDB passes over them.
            text = "".join(data.split()) if isinstance(data, str) and not data.isalnum() else data
            given.data = base64.b64decode(text, validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise BadRequest(f"Attachment '{name}' has invalid base64 data") from error
        # Who replaces bytes in a document that was read sends the old ones' digest along: it says nothing.
        given.digest = None
    return given


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
