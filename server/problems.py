"""The one catalogue of refusals: code, status, a sentence for the person, what it means for the developer.

Law: whatever is refused, anywhere, is refused with a code of this table and in this one shape:
``{"error": code, "message": Spanish sentence, "reason": why, for the developer}``.
A sentence says what happened and what to do; where work could seem lost it says that nothing was.
"""

# ruff: noqa: E501  (a table reads best with a sentence on one line)

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One refusal. ``reason`` is the developer's default; whoever raises may say it more precisely."""

    code: str
    status: int
    message: str
    reason: str


class Problem(Exception):
    """A refusal of the catalogue. ``headers`` (such as ``Retry-After``) travel with the answer."""

    def __init__(
        self, code: str, reason: str | None = None, *, headers: dict[str, str] | None = None
    ) -> None:
        entry = CATALOGUE[code]
        super().__init__(f"{code}: {reason or entry.reason}")
        self.entry = entry
        self.code = code
        self.status = entry.status
        self.message = entry.message
        self.reason = reason or entry.reason
        self.headers = headers or {}

    def as_json(self) -> dict[str, Any]:
        return {"error": self.code, "message": self.message, "reason": self.reason}


_TABLE: tuple[tuple[str, int, str, str], ...] = (
    # -- any request ---------------------------------------------------------------------------------
    (
        "bad_request",
        400,
        "La solicitud no se entendió. Actualice la aplicación e intente de nuevo.",
        "The request does not have the form the endpoint asks for.",
    ),
    ("not_found", 404, "No encontramos lo que busca.", "No such route or document, or not for this session."),
    (
        "paper_not_ready",
        409,
        "Ese documento todavía no se puede hacer: falta que el reporte llegue a ese punto.",
        "The report has not come to what the document tells: no closing, no action recorded.",
    ),
    (
        "paper_too_many",
        422,
        "Son más órdenes de las que caben en un archivo. Ponga un filtro, o imprima por partes.",
        "One file holds at most 200 orders.",
    ),
    (
        "month_not_over",
        409,
        "Ese mes todavía no termina. Se cierra desde el día primero del siguiente.",
        "A month is closed, and its draw made, only when it is over in the municipality's time.",
    ),
    (
        "close_damaged",
        409,
        "El cierre guardado no coincide con su huella. No lo use; avise al administrador.",
        "A stored close does not have its own hash: something wrote into the database by hand.",
    ),
    (
        "seed_missing",
        409,
        "No se publicó la semilla de ese mes: no hay sorteo.",
        "A draw needs the seed that was published for its month (docs/office.md).",
    ),
    (
        "rating_missing",
        422,
        "Elija cuántas estrellas, de 1 a 5.",
        "A rating is 1 to 5.",
    ),
    (
        "words_missing",
        422,
        "Cuéntenos con sus palabras.",
        "The form asks for words (or, where it is offered, a photo).",
    ),
    (
        "report_not_finished",
        409,
        "Este reporte no está terminado. Vea aquí cómo va.",
        'A rating and "no quedó" are of a finished report.',
    ),
    (
        "already_said",
        409,
        "Ya nos lo habían dicho: queda la primera respuesta.",
        'The report has its rating, or somebody\'s "no quedó" stands.',
    ),
    (
        "report_reserved",
        403,
        "De este reporte solo se dice cómo va.",
        "A confidential, unclassified or withdrawn report takes nothing on its folio page.",
    ),
    (
        "survey_over",
        409,
        "A esta persona ya no se le llama por esta encuesta.",
        "The drawn report has its answer, a refusal, or three calls.",
    ),
    (
        "call_not_owed",
        409,
        "A esta persona ya no hay que llamarle por ese reporte: alguien más lo hizo, o ya se habló con ella.",
        "The call was made, the matter is over, or the person was spoken to twice in thirty days.",
    ),
    (
        "host_unknown",
        421,
        "Esta no es la dirección del municipio. Abra la aplicación desde su enlace de siempre.",
        "The Host header is no name of this service: ORIGIN and HOSTS say which are (docs/operators.md).",
    ),
    ("method_not_allowed", 405, "Esta acción no existe aquí.", "The route does not take this method."),
    (
        "too_large",
        413,
        "El envío es demasiado grande. Nada se perdió: se enviará en partes.",
        "The body exceeds the endpoint's limit.",
    ),
    (
        "request_slow",
        408,
        "El envío se detuvo a medio camino. Nada se perdió: se enviará de nuevo.",
        "The request's head or body stopped coming; the connection was closed.",
    ),
    (
        "headers_too_large",
        431,
        "La solicitud no se entendió. Cierre y abra de nuevo la aplicación.",
        "The request line and headers exceed their limit.",
    ),
    (
        "unsupported_media",
        415,
        "El formato del envío no se reconoce.",
        "The content type is not one the endpoint reads.",
    ),
    (
        "too_many_requests",
        429,
        "Demasiados intentos seguidos. Espere un momento e intente de nuevo.",
        "A rate limit of this address or account; see Retry-After.",
    ),
    (
        "internal",
        500,
        "Algo falló de nuestro lado. Nada se perdió; intente de nuevo en un momento.",
        "An unexpected error; its trace is in the server's log under the request's id.",
    ),
    (
        "unavailable",
        503,
        "El servicio está ocupado. Nada se perdió; su teléfono volverá a intentar solo.",
        "Temporarily overloaded or without its engine; see Retry-After.",
    ),
    (
        "storage_full",
        507,
        "El servidor no tiene espacio. Nada se perdió: su trabajo sigue en este teléfono.",
        "The server's disk refused the write; nothing of the call was kept.",
    ),
    # -- sessions ------------------------------------------------------------------------------------
    (
        "session_missing",
        401,
        "Este teléfono necesita volver a identificarse. Nada se perdió.",
        "No bearer token or page cookie came with the request.",
    ),
    (
        "session_unknown",
        401,
        "La sesión terminó. Su trabajo sigue en este teléfono; se identificará de nuevo.",
        "The token is not of a live session.",
    ),
    (
        "session_expired",
        401,
        "La sesión venció. Su trabajo sigue en este teléfono; se identificará de nuevo.",
        "The session's time is over: renew it by challenge or password.",
    ),
    (
        "session_limited",
        403,
        "Este teléfono fue dado de baja. Aún puede entregar lo que no ha enviado.",
        "A phone revoked, out of office or from before a new password may only deliver and check in.",
    ),
    (
        "role_not_allowed",
        403,
        "Su cuenta no tiene permiso para esto.",
        "The session's role may not use this endpoint.",
    ),
    (
        "account_inactive",
        403,
        "Su cuenta no está en funciones. Pregunte en la oficina de atención.",
        "The account is not active or its term is over.",
    ),
    (
        "device_unknown",
        404,
        "Este teléfono no está dado de alta. Pida un código nuevo.",
        "No device with that id is enrolled.",
    ),
    ("device_not_yours", 403, "Ese teléfono es de otra cuenta.", "The device named is not the session's."),
    (
        "challenge_invalid",
        401,
        "No se pudo comprobar la identidad de este teléfono. Se intentará de nuevo.",
        "The challenge is unknown, expired, already used or of another device.",
    ),
    (
        "signature_wrong",
        401,
        "No se pudo comprobar la identidad de este teléfono. Pida un código nuevo.",
        "The challenge's signature does not verify under the device's enrolled key.",
    ),
    (
        "csrf_wrong",
        403,
        "La página estuvo abierta demasiado tiempo. Vuelva a cargarla e intente de nuevo.",
        "The form's token does not belong to this page session.",
    ),
    # -- enrolment -----------------------------------------------------------------------------------
    ("enrol_code_unknown", 404, "Ese código no existe. Revise los ocho números.", "No such enrolment code."),
    (
        "enrol_code_expired",
        410,
        "Ese código ya venció. Pida uno nuevo a quien se lo dio.",
        "The code's time is over.",
    ),
    (
        "enrol_code_used",
        409,
        "Ese código ya se usó en otro teléfono. Pida uno nuevo a quien se lo dio.",
        "Codes are one-time; only the installation that used it may repeat, by its key and while the code lasts.",
    ),
    (
        "key_invalid",
        400,
        "Este teléfono no pudo crear su llave. Cierre la aplicación y ábrala de nuevo.",
        "public_key must be a JWK of a P-256 point, without its private part.",
    ),
    (
        "installation_invalid",
        400,
        "La instalación no se reconoce. Cierre la aplicación y ábrala de nuevo.",
        "installation must be a lower-case UUID.",
    ),
    (
        "installation_taken",
        409,
        "Este teléfono ya está dado de alta con esa cuenta y otra llave. Pida ayuda.",
        "The device exists with another public key; a new installation id is needed.",
    ),
    (
        "password_wrong",
        401,
        "El usuario o la contraseña no son correctos.",
        "Unknown user or wrong password.",
    ),
    (
        "password_locked",
        429,
        "Demasiados intentos fallidos. Espere unos minutos e intente de nuevo.",
        "The account waits after failed passwords; see Retry-After.",
    ),
    (
        "password_weak",
        422,
        "La contraseña debe tener al menos 12 caracteres y no ser una palabra conocida.",
        "The password is too short, too long or equal to the account's own data.",
    ),
    (
        "password_not_for_role",
        403,
        "Esta cuenta entra con el código que le dio la oficina, no con contraseña.",
        "Field roles enrol by code; passwords are for desk, agency, auditor and admin.",
    ),
    ("account_unknown", 404, "Esa cuenta no existe.", "No such account."),
    ("account_exists", 409, "Ya hay una cuenta con ese nombre de usuario.", "The account id is taken."),
    (
        "account_invalid",
        422,
        "Los datos de la cuenta no están completos o no son válidos.",
        "The account's id, role or scope is not valid.",
    ),
    (
        "code_not_allowed",
        403,
        "Usted no puede dar códigos a esa cuenta.",
        "Sector leaders issue codes to leaders of their sector; desk and admin to those below.",
    ),
    ("demo_only", 404, "Esto sólo existe en la demostración.", "Not a demonstration, or not from loopback."),
    # -- evidence ------------------------------------------------------------------------------------
    (
        "tus_version",
        412,
        "La aplicación es demasiado vieja para enviar fotos. Actualícela; nada se perdió.",
        "Tus-Resumable must be 1.0.0.",
    ),
    (
        "upload_unknown",
        404,
        "Ese envío de foto ya no existe; se empezará de nuevo.",
        "No such upload, or it is another device's.",
    ),
    (
        "upload_length",
        400,
        "La foto no se pudo enviar; se intentará de nuevo.",
        "Upload-Length is missing, zero, not a number, or exceeded by the bytes sent.",
    ),
    (
        "upload_metadata",
        400,
        "La foto no se pudo enviar; se intentará de nuevo.",
        "Upload-Metadata must carry sha256, type and event, base64-encoded.",
    ),
    (
        "upload_offset",
        409,
        "El envío de la foto se reanudará donde quedó.",
        "Upload-Offset is not the upload's current offset.",
    ),
    ("upload_busy", 423, "La foto ya se está enviando.", "Another request is writing this upload."),
    (
        "upload_checksum",
        460,
        "Una parte de la foto llegó dañada; se enviará de nuevo.",
        "The chunk does not match Upload-Checksum; it was discarded.",
    ),
    (
        "upload_checksum_algorithm",
        400,
        "La foto no se pudo enviar; se intentará de nuevo.",
        "Upload-Checksum's algorithm must be one that OPTIONS lists.",
    ),
    (
        "photo_too_large",
        413,
        "La foto es demasiado grande (más de 20 MB).",
        "The file exceeds the limit in bytes.",
    ),
    (
        "photo_hash_wrong",
        422,
        "La foto llegó distinta de la que se tomó; vuelva a enviarla.",
        "The bytes' SHA-256 is not the one declared.",
    ),
    (
        "photo_type_unknown",
        422,
        "El archivo no es una foto JPEG, PNG o WebP.",
        "No decoder of the allowed types reads it.",
    ),
    (
        "photo_mislabelled",
        422,
        "El archivo dice ser de un tipo y es de otro.",
        "The file's real type is not the one declared in the event or upload.",
    ),
    (
        "photo_truncated",
        422,
        "La foto está incompleta o dañada.",
        "The decoder met the end of the data or broken data.",
    ),
    (
        "photo_pixels",
        422,
        "La foto tiene demasiados pixeles para revisarla.",
        "Width × height exceed the limit.",
    ),
    ("photo_undecodable", 422, "La foto no se pudo abrir.", "Decoding failed, crashed or took too long."),
    (
        "photo_not_visible",
        404,
        "No encontramos esa foto.",
        "No report this session may see carries that hash.",
    ),
    # -- events --------------------------------------------------------------------------------------
    (
        "event_invalid",
        422,
        "Este movimiento llegó con un error de la aplicación. No se perdió: la oficina lo revisará.",
        "The event does not have the form of its schema; the reason says where.",
    ),
    (
        "event_too_large",
        413,
        "Este movimiento es demasiado largo. No se perdió: la oficina lo revisará.",
        "An event's JSON exceeds its limit in bytes.",
    ),
    (
        "citizen_invalid",
        422,
        "Los datos de la persona llegaron con un error. El reporte sí se recibió.",
        "The citizen document does not have its schema's form, or its id does not cover its content.",
    ),
    # -- events, judged by intake ----------------------------------------------------------------------
    (
        "event_actor",
        403,
        "Este movimiento dice ser de otro cargo. No se perdió: la oficina lo revisará.",
        "The event's role is not the one the account had when it happened.",
    ),
    (
        "event_not_allowed",
        403,
        "Su cargo no permite esta acción en este reporte. La oficina conserva lo que envió.",
        "No relation of the actor to the report lets the role do this (schemas/authorization.v1.json).",
    ),
    (
        "report_exists",
        409,
        "Ese reporte ya existe. Lo que envió se conserva para revisión.",
        "The subject's id is already in use.",
    ),
    (
        "duplicate_target",
        403,
        "El reporte al que lo quiso unir no está a su alcance.",
        "The report to stay is unknown, confidential, or not in the actor's scope.",
    ),
    (
        "event_signature",
        403,
        "No se pudo comprobar que este movimiento es de este teléfono. La oficina lo revisará.",
        "The signature does not verify under the device's enrolled key.",
    ),
    (
        "event_device_unknown",
        403,
        "Viene de un teléfono que no está dado de alta. La oficina lo revisará.",
        "No device with that id is enrolled.",
    ),
    (
        "event_device_revoked",
        403,
        "Este teléfono fue dado de baja; la oficina revisará lo que entregó.",
        "The event came after its device was revoked.",
    ),
    (
        "event_content",
        409,
        "Llegó otra versión de algo ya recibido. La primera vale; la oficina revisará la otra.",
        "The event's id was already used with other content.",
    ),
    (
        "event_failed",
        500,
        "Un movimiento no se pudo procesar. No se perdió: la oficina lo revisará.",
        "Judging the event failed three times; see the reason.",
    ),
    (
        "request_invalid",
        422,
        "Lo que pidió la oficina no se pudo hacer porque su solicitud está mal formada. Pídalo de nuevo.",
        "A document of the inbox is no request.v1; the reason says where.",
    ),
    (
        "report_full",
        409,
        "Ese reporte ya tiene demasiados movimientos. No se perdió: la oficina revisará lo que envió.",
        "The report, or this device's part of it, is at its bound; manzana intake retry --force admits it.",
    ),
    (
        "report_unknown",
        404,
        "Espera a que llegue el reporte del que habla. No se perdió.",
        "The event's report is not known; it is judged again when its capture arrives.",
    ),
    (
        "basis_unknown",
        409,
        "Espera a que llegue algo que pasó antes en ese reporte. No se perdió.",
        "Its author may not do this by what is known; it names events that have not come, and is judged again when they do.",
    ),
    (
        "event_let_go",
        403,
        "La oficina lo revisó y no lo admitió. Conserva lo que envió.",
        "Somebody at the desk looked at what waited and refused it; manzana intake retry judges it anew.",
    ),
    (
        "incident_unknown",
        404,
        "Espera a que llegue el incidente del que habla. No se perdió.",
        "The incident is not known; the event is judged again when it is opened.",
    ),
    # -- sync ------------------------------------------------------------------------------------------
    (
        "feed_changed",
        409,
        "Los datos se prepararon de nuevo; el teléfono los descargará completos.",
        "The sequence token is of another feed: pull from 0 into a shadow store, then swap.",
    ),
    (
        "push_malformed",
        400,
        "El envío no se entendió. Nada se perdió: sigue en este teléfono.",
        "The push must be {docs: [...]} with at most 500 objects.",
    ),
    (
        "event_form",
        422,
        "Esto no se puede recibir así. Nada se perdió: sigue en este teléfono.",
        "Not a new signed event: it needs a well formed _id and a sig, and no other member that begins with _.",
    ),
    (
        "citizen_missing",
        409,
        "Faltan los datos de la persona; se enviarán juntos de nuevo.",
        "The event names a citizen document that neither came with it nor is stored.",
    ),
    # -- registry and pages --------------------------------------------------------------------------
    ("block_unknown", 404, "Esa manzana no está en el padrón.", "No such block."),
    ("proposal_unknown", 404, "Esa propuesta ya no existe.", "No such proposal."),
    (
        "proposal_decided",
        409,
        "Esa propuesta ya fue resuelta por otra persona.",
        "The proposal is not pending.",
    ),
    (
        "edit_conflict",
        409,
        "Otra persona cambió esto al mismo tiempo. Revise y guarde de nuevo.",
        "The document changed between reading and writing.",
    ),
    (
        "form_invalid",
        422,
        "Falta algún dato o no es válido. Revise lo señalado.",
        "A form field is missing or malformed.",
    ),
    # -- webhooks ------------------------------------------------------------------------------------
    (
        "webhook_refused",
        403,
        "Ese aviso no viene de quien dice.",
        "The webhook's signature or verification word is not the one agreed.",
    ),
    # -- courier file --------------------------------------------------------------------------------
    (
        "courier_unreadable",
        400,
        "El archivo no es de esta aplicación o está dañado. El teléfono que lo hizo aún tiene todo.",
        "Not a courier.v1 file, or its encrypted part does not open with a municipal key.",
    ),
    (
        "courier_key_unknown",
        409,
        "El archivo se hizo para otro municipio o con una llave retirada.",
        "The file's key id is not one of this municipality's.",
    ),
)

CATALOGUE: dict[str, Entry] = {row[0]: Entry(*row) for row in _TABLE}


def page() -> str:
    """docs/problems.md: the catalogue as a table."""
    lines = [
        "# Refusals",
        "",
        "Every refusal of the service, from `server/problems.py` (`python -m server.problems` prints this page). The",
        'answer is `{"error", "message", "reason"}`: the code, the sentence for the person, why for the developer.',
        "`GET /api/problems` gives the same list.",
        "",
        "| code | status | for the person | for the developer |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{e.code}` | {e.status} | {e.message} | {e.reason} |" for e in CATALOGUE.values()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
