"""Every page's frame: the session behind it, its form token, its roles, its errors as a page.

Law: a page is given only to the roles it names; whatever changes something is a POST with the session's
token; a refusal is shown with the catalogue's sentence, and the way back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.accounts.model import ROLE_NAMES, SUPERVISED, Account
from server.accounts.sessions import Session
from server.context import Context
from server.instants import parse as parse_instant
from server.problems import Problem
from server.web.bodies import read_body
from server.web.browsing import check_form, form_token, page_session
from server.web.edge import problem_of
from server.web.state import Request
from sync.errors import EngineError

Json = Any
OFFICE = frozenset({"desk", "agency", "auditor", "admin"})
LOGIN = "/gestion/entrar"

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    # Documents are others': a member that one lacks is left blank, not a page that fails.
    undefined=ChainableUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(slots=True)
class Page:
    """What a page's handler is given. ``form`` holds a POST's fields, the last of each name."""

    request: Request
    context: Context
    session: Session
    account: Account
    zone: ZoneInfo
    municipality: str
    form: dict[str, str]

    @property
    def today(self) -> str:
        return self.context.clock.now().astimezone(self.zone).date().isoformat()

    def field(self, name: str, limit: int = 200, *, required: bool = True) -> str:
        """A form's field, trimmed. Raises ``form_invalid``."""
        text = self.form.get(name, "").strip()
        if len(text) > limit or any(ord(sign) < 32 and sign not in "\n\t" for sign in text):
            raise Problem("form_invalid", f"{name}: too long, or with control characters")
        if required and not text:
            raise Problem("form_invalid", f"{name} is missing")
        return text

    def date_field(self, name: str) -> str | None:
        """A date field, ``YYYY-MM-DD`` or None. Raises ``form_invalid``."""
        text = self.field(name, 10, required=False)
        if not text:
            return None
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise Problem("form_invalid", f"{name}: {text} is no date") from None

    def show(self, template: str, http_status: int = 200, **values: Any) -> Response:
        """A template of ``templates/``, with the frame around it."""
        text = _templates.get_template(template).render(
            municipality=self.municipality,
            me=self.account,
            token=form_token(self.context.secret, self.session),
            path=self.request.url.path,
            roles=ROLE_NAMES,
            today=self.today,
            say=lambda text: say_instant(text, self.zone),
            may=lambda *roles: self.account.role in roles,
            supervises=self.account.supervisor,
            **values,
        )
        return HTMLResponse(text, http_status, {"Cache-Control": "no-store"})

    def go(self, path: str) -> Response:
        """After a POST: see the result (RFC 9110 §15.4.4)."""
        return RedirectResponse(path, 303)


Handler = Callable[[Page], Awaitable[Response]]


def say_instant(text: str | None, zone: ZoneInfo) -> str:
    """``23/11/2026 10:05`` in the municipality's time; a dash for none."""
    if not text:
        return "—"
    return parse_instant(text).astimezone(zone).strftime("%d/%m/%Y %H:%M")


async def municipality_of(context: Context) -> tuple[str, ZoneInfo]:
    settings = await context.reference_settings()
    return (
        settings.get("municipality") or "Manzana",
        ZoneInfo(settings.get("timezone") or "America/Mexico_City"),
    )


async def show_outside(context: Context, template: str, status: int = 200, **values: Any) -> Response:
    """A page for who has no session: the login, or an error."""
    municipality, zone = await municipality_of(context)
    today = datetime.now(UTC).astimezone(zone).date().isoformat()
    text = _templates.get_template(template).render(
        municipality=municipality,
        me=None,
        token="",
        path="",
        roles=ROLE_NAMES,
        today=today,
        may=lambda *roles: False,
        **values,
    )
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})


def same_origin(request: Request) -> bool:
    """Whether the browser says that a form comes from these pages (Fetch metadata, else ``Origin``)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def read_form(request: Request) -> dict[str, str]:
    """The fields of an ``application/x-www-form-urlencoded`` body. Raises ``bad_request``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Problem("unsupported_media", "a form is needed")
    try:
        text = (await read_body(request)).decode()
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200, strict_parsing=bool(text)))
    except ValueError as error:
        raise Problem("bad_request", str(error)) from None


def page(
    *roles: str, own_form: bool = False, looks: str | None = None, supervisors: bool = False
) -> Callable[[Handler], Callable[[Request], Awaitable[Response]]]:
    """A page of these roles (none: every office role).

    ``looks``: the word under which each look is on record before the page is made; a page that shows
    people's data has one, or its handler records by itself. ``own_form``: the handler reads the body itself,
    and checks its token itself. ``supervisors``: of desk and agency, those who have that right alone.
    """
    allowed = frozenset(roles) or OFFICE

    def wrap(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            context = request.state["context"]
            try:
                session = await page_session(request)
            except Problem:
                if request.method != "GET":
                    return RedirectResponse(LOGIN, 303)
                after = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return RedirectResponse(f"{LOGIN}?despues={quote(after)}", 303)
            account = context.directory.account(session.account)
            if account is None:
                return RedirectResponse(LOGIN, 303)
            municipality, zone = await municipality_of(context)
            view = Page(request, context, session, account, zone, municipality, {})
            try:
                if account.role not in allowed:
                    raise Problem("role_not_allowed")
                if supervisors and account.role in SUPERVISED and not account.supervisor:
                    raise Problem("role_not_allowed", "for supervisors")
                if request.method == "POST" and not own_form:
                    view.form = await read_form(request)
                    check_form(request, context.secret, session, view.form.get("token"))
                if looks is not None:
                    await context.audit.record(account.id, looks, request.url.path)
                return await handler(view)
            except (Problem, EngineError) as error:
                problem = problem_of(error)
                if problem.status >= 500:
                    raise
                context.metrics.refusals.labels(problem.code).inc()
                answer = view.show("error.html", problem.status, problem=problem)
                for name, value in problem.headers.items():
                    answer.headers[name] = value
                return answer

        endpoint.looks = looks  # type: ignore[attr-defined]
        return endpoint

    return wrap
