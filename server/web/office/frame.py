"""Every page's frame: the session behind it, its form token, its roles, its errors as a page.

Law: a page is given only to the roles it names; whatever changes something is a POST with the session's
token; a refused form comes back with what was typed and the field marked; any other refusal is shown with the
catalogue's sentence, and the way back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.accounts.model import ROLE_NAMES, SUPERVISED, Account
from server.accounts.sessions import Session
from server.context import Context
from server.documents.dates import brief, day_in_words, moment_in_words
from server.instants import parse as parse_instant
from server.problems import Problem
from server.web.bodies import read_form
from server.web.browsing import check_form, form_token, page_session
from server.web.edge import problem_of
from server.web.office.resuming import PREFIX, typed
from server.web.state import Request
from sync.errors import EngineError

OFFICE = frozenset({"desk", "agency", "auditor", "admin"})
LOGIN = "/gestion/entrar"
#: Refusals that whoever sent the form can mend in it.
_TRY_AGAIN = frozenset({401, 404, 409, 422})
#: What says nothing about a field: the way back is better than the form.
_NO_FORM = frozenset({"not_found", "csrf_wrong", "session_missing"})

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    # Documents are others': a member that one lacks is left blank, not a page that fails.
    undefined=ChainableUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Wrong(Problem):
    """A field of a form cannot be taken: its name, and a sentence that says what to do (es-MX)."""

    def __init__(self, field: str, sentence: str, code: str = "form_invalid") -> None:
        super().__init__(code, f"{field}: {sentence}")
        self.field = field
        self.message = sentence


@dataclass(slots=True)
class Page:
    """What a page's handler is given. ``form`` holds a POST's fields, the last of each name; ``refused`` is
    why the form that is shown again was not taken.
    """

    request: Request
    context: Context
    session: Session
    account: Account
    zone: ZoneInfo
    municipality: str
    form: dict[str, str]
    refused: Problem | None = None

    @property
    def today(self) -> str:
        return self.context.clock.now().astimezone(self.zone).date().isoformat()

    @property
    def year(self) -> int:
        """The municipality's year: dates of another one say theirs."""
        return self.context.clock.now().astimezone(self.zone).year

    def field(self, name: str, limit: int = 200, *, required: bool = True) -> str:
        """A form's field, trimmed. Raises ``Wrong``."""
        text = self.form.get(name, "").strip()
        if len(text) > limit:
            raise Wrong(name, f"Es muy largo: a lo más {limit} letras.")
        if any(ord(sign) < 32 and sign not in "\n\t" for sign in text):
            raise Wrong(name, "Tiene caracteres que no se pueden guardar. Escríbalo de nuevo.")
        if required and not text:
            raise Wrong(name, "Falta este dato.")
        return text

    def date_field(self, name: str) -> str | None:
        """A date field, ``YYYY-MM-DD`` or None. Raises ``Wrong``."""
        text = self.field(name, 10, required=False)
        if not text:
            return None
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise Wrong(name, "No es una fecha. Escríbala como 2026-11-23.") from None

    def typed(self, name: str, otherwise: object = "") -> str:
        """What to put into a form's field: what was typed where the form comes back, else ``otherwise``."""
        if self.refused is not None and name in self.form:
            return self.form[name]
        return "" if otherwise is None else str(otherwise)

    def show(self, template: str, http_status: int = 200, **values: Any) -> Response:
        """A template of ``templates/``, with the frame around it."""
        text = _templates.get_template(template).render(
            municipality=self.municipality,
            me=self.account,
            token=form_token(self.context.secret, self.session),
            path=self.request.url.path,
            roles=ROLE_NAMES,
            today=self.today,
            say=lambda text: say_instant(text, self.zone, self.year),
            brief=lambda text: say_instant(text, self.zone, self.year, brief),
            say_day=say_day,
            amiss=self.refused,
            typed=self.typed,
            may=lambda *roles: self.account.role in roles,
            supervises=self.account.supervisor,
            **values,
        )
        return HTMLResponse(text, http_status, {"Cache-Control": "no-store"})

    def go(self, path: str) -> Response:
        """After a POST: see the result (RFC 9110 §15.4.4)."""
        return RedirectResponse(path, 303)


Handler = Callable[[Page], Awaitable[Response]]


def say_instant(
    text: str | None, zone: ZoneInfo, year: int, words: Callable[[datetime, int], str] = moment_in_words
) -> str:
    """``23 de noviembre, 10:05`` in the municipality's time; a dash for none."""
    if not text:
        return "—"
    return words(parse_instant(text).astimezone(zone), year)


def say_day(text: str | None) -> str:
    """``23 de noviembre de 2026``; a dash for none."""
    return day_in_words(date.fromisoformat(text)) if text else "—"


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


def page(
    *roles: str,
    own_form: bool = False,
    looks: str | None = None,
    again: Callable[[Request], Awaitable[Response]] | None = None,
    supervisors: bool = False,
) -> Callable[[Handler], Callable[[Request], Awaitable[Response]]]:
    """A page of these roles (none: every office role).

    ``looks``: the word under which each look is on record before the page is made; a page that shows
    people's data has one, or its handler records by itself. ``own_form``: the handler reads the body itself,
    and checks its token itself. ``supervisors``: of desk and agency, those who have that right alone.
    ``again``: the page that has the form; it is shown once more where the form cannot be taken.
    """
    allowed = frozenset(roles) or OFFICE

    def wrap(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            context = request.state["context"]
            try:
                session = await page_session(request)
            except Problem:
                if request.method != "GET":
                    return await _kept(request, context) or RedirectResponse(LOGIN, 303)
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
                if again is not None and problem.status in _TRY_AGAIN and problem.code not in _NO_FORM:
                    return await _again(view, again, problem)
                answer = view.show("error.html", problem.status, problem=problem)
                for name, value in problem.headers.items():
                    answer.headers[name] = value
                return answer

        endpoint.looks = looks  # type: ignore[attr-defined]
        endpoint.handler = handler  # type: ignore[attr-defined]
        return endpoint

    return wrap


async def _kept(request: Request, context: Context) -> Response | None:
    """The login with what was typed in it, where a session ended meanwhile."""
    words = await typed(request)
    if not words:
        return None
    return await show_outside(
        context, "login.html", 401, target="/gestion/", problem=None, username="",
        kept=words, sent_to=request.url.path, prefix=PREFIX,
    )  # fmt: skip


async def _again(view: Page, form: Any, problem: Problem) -> Response:
    """The form's page with what was typed and why it was not taken; a look at it is a look."""
    view.refused = problem
    if form.looks is not None:
        await view.context.audit.record(view.account.id, form.looks, view.request.url.path)
    answer: Response = await form.handler(view)
    answer.status_code = problem.status
    answer.headers.update(problem.headers)
    return answer


@page()
async def nowhere(view: Page) -> Response:
    """A path of these pages that leads nowhere is told as a page."""
    raise Problem("not_found")
