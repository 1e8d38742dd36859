"""What a replication has done so far."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Counts of this run. ``bytes`` are document bodies and attachments as they travelled.

    ``refused`` names (id, revision, reason) of what the target refused for good; it is not written and the
    replication goes on. ``source_seq`` is the last sequence read, ``checkpointed_seq`` the last one recorded.
    """

    missing_checked: int = 0
    missing_found: int = 0
    docs_read: int = 0
    docs_written: int = 0
    doc_write_failures: int = 0
    bytes: int = 0
    pending: int = 0
    source_seq: str = "0"
    checkpointed_seq: str = "0"
    retries: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)

    def refuse(self, doc_id: str, rev: str, reason: str) -> None:
        self.doc_write_failures += 1
        # All are counted; enough are named to find the cause.
        if len(self.refused) < 1000:
            self.refused.append((doc_id, rev, reason))

    def as_json(self) -> dict[str, int]:
        """The counts, as CouchDB names them."""
        return {
            "missing_checked": self.missing_checked,
            "missing_found": self.missing_found,
            "docs_read": self.docs_read,
            "docs_written": self.docs_written,
            "doc_write_failures": self.doc_write_failures,
        }
