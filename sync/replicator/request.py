"""A replication as it is asked for: by ``POST /_replicate`` or a document of ``_replicator``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sync import jsontext
from sync.errors import BadRequest, NotImplementedHere
from sync.replicator.endpoint import Endpoint, parse_endpoint
from sync.replicator.replication import Options
from sync.selector import compile_selector


@dataclass(frozen=True, slots=True)
class ReplicationRequest:
    source: Endpoint
    target: Endpoint
    options: Options
    create_target: bool = False

    @property
    def job_id(self) -> str:
        """The same for the same request, so that a second one finds the first running."""
        options = self.options
        identity = [
            self.source.shown, self.target.shown, options.doc_ids, options.continuous,
            None if options.selector is None else jsontext.dumps(options.selector).decode(),
        ]  # fmt: skip
        digest = sha256(jsontext.dumps(identity)).hexdigest()[:32]
        return f"{digest}+continuous" if options.continuous else digest


def parse_request(body: Mapping[str, Any], *, tries: int | None = 6) -> ReplicationRequest:
    """Raises ``BadRequest``, or ``NotImplementedHere`` for a filter function."""
    for name in ("source", "target"):
        if name not in body:
            raise BadRequest(f"`{name}` is missing")
    if body.get("filter") not in (None, "_doc_ids", "_selector"):
        raise NotImplementedHere("Filter functions are not run here; use doc_ids or selector")
    doc_ids = body.get("doc_ids")
    if doc_ids is not None:
        if not isinstance(doc_ids, list) or not all(isinstance(doc_id, str) for doc_id in doc_ids):
            raise BadRequest("`doc_ids` must be an array of strings.")
        doc_ids = tuple(sorted(set(doc_ids)))
    selector = body.get("selector")
    if selector is not None:
        compile_selector(selector)
        if doc_ids is not None:
            raise BadRequest("`doc_ids` and `selector` exclude each other")
    options = Options(
        continuous=_flag(body, "continuous", False),
        doc_ids=doc_ids,
        selector=selector,
        tries=tries,
        use_checkpoints=_flag(body, "use_checkpoints", True),
        since=_since(body.get("since_seq")),
    )
    return ReplicationRequest(
        parse_endpoint(body["source"], "source"),
        parse_endpoint(body["target"], "target"),
        options,
        _flag(body, "create_target", False),
    )


def _flag(body: Mapping[str, Any], name: str, default: bool) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise BadRequest(f"`{name}` must be true or false")
    return value


def _since(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadRequest("`since_seq` must be a sequence")
