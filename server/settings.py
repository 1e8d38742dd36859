"""What an operator may set: one table, read from the environment, overridden by the command line.

Law: every setting is listed in ``SETTINGS`` with its default and its meaning; nothing else reads the
environment. A value that cannot be understood stops the start with one sentence.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class SettingError(ValueError):
    """A setting's value cannot be used; the text is the sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Setting:
    """``env`` is the variable's name; ``parse`` turns its text into the value or raises ``ValueError``.

    The default is that of the field of ``Settings``.
    """

    field: str
    env: str
    parse: Callable[[str], Any]
    meaning: str


def _boolean(text: str) -> bool:
    if text.lower() in {"1", "yes", "true", "on"}:
        return True
    if text.lower() in {"", "0", "no", "false", "off"}:
        return False
    raise ValueError("must be 1 or 0")


def _port(text: str) -> int:
    if not _is_whole(text) or int(text) > 65535:
        raise ValueError("must be a whole number between 0 and 65535")
    return int(text)


def _positive(text: str) -> int:
    if not _is_whole(text) or int(text) < 1:
        raise ValueError("must be a whole number of at least 1")
    return int(text)


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _log_level(text: str) -> str:
    if text.lower() not in {"debug", "info", "warning", "error"}:
        raise ValueError("must be debug, info, warning or error")
    return text.lower()


def _http_url(text: str) -> str:
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address such as http://user:password@host:5984")
    return text.rstrip("/")


def _mail_url(text: str) -> str:
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("must be an address such as smtp://user:password@host:587")
    return text.rstrip("/")


def without_password(url: str) -> str:
    """A URL that may be shown and logged."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _intake(text: str) -> str:
    if text not in {"inside", "apart", "only"}:
        raise ValueError("must be inside, apart or only")
    return text


def _hosts(text: str) -> tuple[str, ...]:
    names = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    for name in names:
        if not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", name):
            raise ValueError("must be names or addresses without port, such as manzana.local,192.168.1.7")
    return names


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force; the fields are those of ``SETTINGS``."""

    data_dir: Path = Path(".data")
    host: str = "127.0.0.1"
    port: int = 8000
    couchdb_url: str = ""
    couchdb_prefix: str = "manzana-"
    origin: str = ""
    hosts: tuple[str, ...] = ()
    proxy: bool = False
    lan: bool = False
    intake: str = "inside"
    app_dir: Path = Path(__file__).resolve().parent.parent / "pwa" / "dist"
    session_days: int = 30
    page_minutes: int = 480
    code_hours: int = 72
    upload_days: int = 7
    photo_bytes: int = 20_000_000
    photo_pixels: int = 50_000_000
    escalation_url: str = ""
    whatsapp_url: str = "https://graph.facebook.com/v23.0"
    whatsapp_number: str = ""
    whatsapp_token: str = ""
    whatsapp_secret: str = ""
    whatsapp_verify: str = ""
    notice_url: str = ""
    mail_url: str = ""
    mail_from: str = ""
    metrics_token: str = ""
    couch_api: bool = False
    image_workers: int = 1
    log_level: str = "info"


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "data_dir",
        "DATA_DIR",
        Path,
        "Folder of the embedded engine, the photos, the folio ledger and the locks.",
    ),
    Setting(
        "host",
        "HOST",
        str,
        "Address to listen on; with LAN=1 every address unless one is named.",
    ),
    Setting(
        "port",
        "PORT",
        _port,
        "Port to listen on; 0 takes a free one.",
    ),
    Setting(
        "couchdb_url",
        "COUCHDB_URL",
        _http_url,
        "A CouchDB with its credentials; with it nothing is stored in the embedded engine.",
    ),
    Setting(
        "couchdb_prefix",
        "COUCHDB_PREFIX",
        str,
        "Prefix of this municipality's databases on CouchDB.",
    ),
    Setting(
        "origin",
        "ORIGIN",
        _http_url,
        "Public address (https://manzana.example.gob.mx): printed in QR codes, and its name is answered.",
    ),
    Setting(
        "hosts",
        "HOSTS",
        _hosts,
        "Other names or addresses that are answered, with commas between them.",
    ),
    Setting(
        "proxy",
        "PROXY",
        _boolean,
        "1 behind a TLS proxy on this machine or network: trust its X-Forwarded-* headers.",
    ),
    Setting(
        "lan",
        "LAN",
        _boolean,
        "1 serves TLS on the local network with an authority of its own.",
    ),
    Setting(
        "intake",
        "INTAKE",
        _intake,
        "inside: this process runs the intake; apart: another one does; only: nothing else runs.",
    ),
    Setting(
        "app_dir",
        "APP_DIR",
        Path,
        "Folder of the built app.",
    ),
    Setting(
        "session_days",
        "SESSION_DAYS",
        _positive,
        "Days a device's session lasts before it is renewed by challenge.",
    ),
    Setting(
        "page_minutes",
        "PAGE_MINUTES",
        _positive,
        "Minutes a page session lasts since it was opened.",
    ),
    Setting(
        "code_hours",
        "CODE_HOURS",
        _positive,
        "Hours an enrolment code may be used.",
    ),
    Setting(
        "upload_days",
        "UPLOAD_DAYS",
        _positive,
        "Days an unfinished upload, or a photo that no report declares, is kept.",
    ),
    Setting(
        "photo_bytes",
        "PHOTO_BYTES",
        _positive,
        "Largest photo accepted, in bytes.",
    ),
    Setting(
        "photo_pixels",
        "PHOTO_PIXELS",
        _positive,
        "Most pixels of a photo accepted.",
    ),
    Setting(
        "escalation_url",
        "ESCALATION_URL",
        _http_url,
        "Webhook called when an emergency is not taken within five minutes.",
    ),
    Setting(
        "whatsapp_url",
        "WHATSAPP_URL",
        _http_url,
        "Address of the WhatsApp Cloud API, with its version.",
    ),
    Setting(
        "whatsapp_number",
        "WHATSAPP_NUMBER",
        str,
        "Id of the WhatsApp telephone number; without number, token and secret there is no WhatsApp.",
    ),
    Setting(
        "whatsapp_token",
        "WHATSAPP_TOKEN",
        str,
        "Permanent token of the system user that sends.",
    ),
    Setting(
        "whatsapp_secret",
        "WHATSAPP_SECRET",
        str,
        "The Meta app's secret, which signs the webhook.",
    ),
    Setting(
        "whatsapp_verify",
        "WHATSAPP_VERIFY",
        str,
        "The word agreed for the webhook's verification.",
    ),
    Setting(
        "notice_url",
        "NOTICE_URL",
        _http_url,
        "Webhook for notices to a telephone (an SMS gateway): one POST of {id, to, text, step} each.",
    ),
    Setting(
        "mail_url",
        "MAIL_URL",
        _mail_url,
        "Mail server for notices: smtp://user:password@host:587 or smtps://host:465.",
    ),
    Setting(
        "mail_from",
        "MAIL_FROM",
        str,
        "Sender of notices by mail; without it none is sent.",
    ),
    Setting(
        "metrics_token",
        "METRICS_TOKEN",
        str,
        "Bearer token for /metrics; without it only loopback may read them.",
    ),
    Setting(
        "couch_api",
        "COUCH_API",
        _boolean,
        "1 serves the CouchDB HTTP API at /couch/ to admin accounts. It bypasses scope.",
    ),
    Setting(
        "image_workers",
        "IMAGE_WORKERS",
        _positive,
        "Processes that decode photos.",
    ),
    Setting(
        "log_level",
        "LOG_LEVEL",
        _log_level,
        "debug, info, warning or error.",
    ),
)


def read(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """The settings of this process. ``overrides`` (None = not given) win over the environment.

    Raises ``SettingError`` with one sentence naming the variable and its value.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = environ.get(setting.env)
        if text is None or (text == "" and setting.parse is not str):
            continue
        try:
            values[setting.field] = setting.parse(text.strip())
        except ValueError as error:
            raise SettingError(f"{setting.env}={text!r} cannot be used: {error}") from None
    known = {field.name for field in fields(Settings)}
    for name, value in overrides.items():
        if name not in known:
            raise TypeError(name)
        if value is not None:
            values[name] = value
    if values.get("lan"):
        values.setdefault("host", "0.0.0.0")  # Phones are to reach it; an address that was named is kept.
    return Settings(**values)
