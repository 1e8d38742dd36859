"""Revision ids: ``<generation>-<hash>``.

Law: the same edit made twice on the same parent has the same id, so a repeated write is recognised and not
stored again. The hash covers all that makes the edit (CouchDB's ``couch_db:new_revid``); it names, it does
not protect, which is why MD5 is enough and why ids from CouchDB and PouchDB are accepted as they come.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from sync.errors import BadRequest

Rev = tuple[int, str]

#: CouchDB's hashes are 32 hexadecimal digits; other peers use other words. What would break a revision list
#: (comma, quote, backslash, space, control characters) is refused. Fifteen digits keep generations within a
#: double.
_REV = re.compile(r"([1-9][0-9]{0,14})-([!#-+\--Z\]-~]{1,128})")


def parse(rev: object) -> Rev:
    """``"2-abc"`` as ``(2, "abc")``. Raises ``BadRequest`` for anything else."""
    match = _REV.fullmatch(rev) if isinstance(rev, str) else None
    if match is None:
        raise BadRequest("Invalid rev format")
    return int(match[1]), match[2]


def is_hash(word: object) -> bool:
    """Whether ``word`` may stand after the generation and its hyphen."""
    return isinstance(word, str) and _REV.fullmatch("1-" + word) is not None


def text(rev: Rev) -> str:
    return f"{rev[0]}-{rev[1]}"


def next_rev(
    parent: str | None,
    body: bytes,
    *,
    deleted: bool = False,
    attachments: Iterable[tuple[str, str, str]] = (),
) -> str:
    """The id of the edit that puts ``body`` over ``parent``; attachments are (name, content type, digest)."""
    generation = 1
    md5 = hashlib.md5(b"deleted," if deleted else b"live,", usedforsecurity=False)
    if parent is not None:
        generation += int(parent[: parent.index("-")])
        md5.update(parent.encode())
    for parts in attachments:
        # Lengths before the words: no choice of names can make two different edits look alike.
        md5.update("".join(f",{len(part)}:{part}" for part in parts).encode())
    md5.update(b"\n")
    md5.update(body)
    return f"{generation}-{md5.hexdigest()}"
