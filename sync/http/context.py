"""What every handler needs besides the request: the engine, the limits, and where ids and time come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sync.http.session import Sessions
from sync.interface import Engine
from sync.replicator.jobs import Jobs


@dataclass(frozen=True, slots=True)
class Limits:
    """In bytes. A document's limit counts its JSON without inline attachments, as CouchDB's does."""

    #: One JSON request body, decompressed; held in memory while it is parsed.
    body: int = 256 * 1024 * 1024
    #: CouchDB 3's default ``max_document_size``.
    document: int = 8_000_000
    #: One attachment; streamed, so only the disk bounds it. CouchDB 3's ``max_attachment_size`` is 1 GiB.
    attachment: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Context:
    engine: Engine
    sessions: Sessions
    jobs: Jobs
    #: A new random document id or uuid: 32 hex digits.
    new_id: Callable[[], str]
    #: Identifies this server to replicators; 32 hex digits.
    uuid: str
    limits: Limits = field(default_factory=Limits)
