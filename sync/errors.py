"""Every refusal of the engine, in CouchDB's shape.

Law: an error raised here means that nothing was changed by the call that raised it.
The names and statuses are CouchDB's own (its HTTP API reference, "HTTP Status Codes" and
``chttpd:error_info``), so that a client of CouchDB reads them without knowing us.
"""

from __future__ import annotations

from typing import ClassVar


class EngineError(Exception):
    """A refusal with CouchDB's ``error`` word, its HTTP ``status`` and a ``reason`` for the developer."""

    status: ClassVar[int] = 500
    error: ClassVar[str] = "internal_server_error"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def as_json(self) -> dict[str, str]:
        return {"error": self.error, "reason": self.reason}


class BadRequest(EngineError):
    status = 400
    error = "bad_request"


class DocValidation(BadRequest):
    """A reserved member of a document is unknown or malformed."""

    error = "doc_validation"


class IllegalDatabaseName(EngineError):
    status = 400
    error = "illegal_database_name"


class IllegalDocumentId(EngineError):
    status = 400
    error = "illegal_docid"


class Unauthorized(EngineError):
    status = 401
    error = "unauthorized"


class Forbidden(EngineError):
    status = 403
    error = "forbidden"


class NotFound(EngineError):
    """``reason`` is ``missing``, ``deleted`` or ``Database does not exist.`` as CouchDB words them."""

    status = 404
    error = "not_found"


class DatabaseNotFound(NotFound):
    def __init__(self, reason: str = "Database does not exist.") -> None:
        super().__init__(reason)


class Conflict(EngineError):
    status = 409
    error = "conflict"

    def __init__(self, reason: str = "Document update conflict.") -> None:
        super().__init__(reason)


class PreconditionFailed(EngineError):
    """A digest that is another, or (``MissingStub``) a stub of what is not here."""

    status = 412
    error = "precondition_failed"


class MissingStub(PreconditionFailed):
    """A stub names an attachment that the revisions before do not have."""

    error = "missing_stub"


class DatabaseExists(EngineError):
    status = 412
    error = "file_exists"

    def __init__(self, reason: str = "The database could not be created, the file already exists.") -> None:
        super().__init__(reason)


class TooLarge(EngineError):
    status = 413
    error = "too_large"


class UnsupportedMedia(EngineError):
    status = 415
    error = "bad_content_type"


class RangeNotSatisfiable(EngineError):
    status = 416
    error = "requested_range_not_satisfiable"


class NotImplementedHere(EngineError):
    """A part of CouchDB's API that this engine does not offer; ``reason`` says which."""

    status = 501
    error = "not_implemented"


class StorageFull(EngineError):
    """The disk refused a write. Nothing of the call was kept; it may be repeated when there is room."""

    status = 507
    error = "insufficient_storage"


class Unavailable(EngineError):
    """The engine cannot answer now (closing, upstream away). The call may be repeated."""

    status = 503
    error = "service_unavailable"


def refusal(error: str, reason: str) -> EngineError:
    """The error that a row of a bulk answer stands for."""
    kinds = {
        kind.error: kind
        for kind in (
            Conflict,
            MissingStub,
            PreconditionFailed,
            NotFound,
            DocValidation,
            BadRequest,
            Forbidden,
        )
    }
    return kinds.get(error, EngineError)(reason)
