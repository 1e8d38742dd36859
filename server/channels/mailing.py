"""Mail by SMTP, and an operator's hook for text messages: the other ways out.

Law: a mail says no more than a text message does. What the server refuses for good is not tried again, what
it cannot take now is; a connection that breaks after the text was given is nobody's word. (RFC 5321 §4.2.1,
§4.5.4.)
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import httpx2

from server.channels.carrying import NotTaken, Outgoing, TryLater, Unknown

_PATIENCE = 20.0


class Mail:
    """``url``: ``smtp://user:password@host:587`` (STARTTLS where offered) or ``smtps://…:465``."""

    def __init__(self, url: str, sender: str, municipality: str = "Atención ciudadana") -> None:
        parts = urlsplit(url)
        self._host, self._tls = parts.hostname or "", parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender
        self._subject = f"Su reporte · {municipality}"

    async def send(self, message: Outgoing) -> str | None:
        """Raises ``NotTaken``, ``TryLater``, ``Unknown``."""
        return await asyncio.to_thread(self._send, message)

    def _send(self, message: Outgoing) -> str | None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, message.to, self._subject
        # The same at every try, so that a mail system may see that it is one.
        mail["Message-ID"] = f"<{message.id.replace(':', '.')}@{self._sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: nobody's holiday answers.
        mail.set_content(message.text)
        begun = False
        try:
            with self._connected() as server:
                begun = True
                server.send_message(mail)
                begun = False
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            self._refused(max(codes, default=550), "destinatario")
        except smtplib.SMTPResponseException as error:
            self._refused(error.smtp_code, type(error).__name__)
        except (OSError, smtplib.SMTPException) as error:
            if begun:
                raise Unknown(f"la conexión se cortó: {type(error).__name__}") from None
            raise TryLater(f"sin conexión: {type(error).__name__}") from None
        return str(mail["Message-ID"])

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=_PATIENCE, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=_PATIENCE)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
        if self._user:
            server.login(self._user, self._password)
        return server

    @staticmethod
    def _refused(code: int, what: str) -> None:
        if 500 <= code < 600:
            raise NotTaken(f"{code} {what}")
        raise TryLater(f"{code} {what}")


class Hook:
    """The operator's own way (an SMS gateway, another chat): one POST of ``{id, to, text, step}``."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx2.AsyncClient(timeout=_PATIENCE, follow_redirects=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def send(self, message: Outgoing) -> str | None:
        """Raises ``NotTaken`` (4xx), ``TryLater`` (429, 503, no connection), ``Unknown``."""
        body = {"id": message.id, "to": message.to, "text": message.text, "step": message.step}
        try:
            answer = await self._http.post(self._url, json=body)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise TryLater(f"sin conexión: {type(error).__name__}") from None
        except httpx2.HTTPError as error:
            raise Unknown(f"la conexión se cortó: {type(error).__name__}") from None
        if answer.is_success:
            return None
        if answer.status_code in (429, 503):
            raise TryLater(str(answer.status_code))
        if answer.status_code >= 500:
            raise Unknown(str(answer.status_code))
        raise NotTaken(str(answer.status_code))
