"""Entering and leaving the office's pages."""

from __future__ import annotations

import time
from datetime import timedelta

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.problems import Problem
from server.web.bodies import read_form
from server.web.browsing import clear_cookie, form_token, known_browser, remember_browser, set_cookie
from server.web.office.frame import LOGIN, Page, page, same_origin, show_outside
from server.web.office.resuming import PREFIX, kept
from server.web.phones.accounts import client_network
from server.web.state import Request

HOME = "/gestion/"


def safe_target(text: str | None) -> str:
    """Where to go after entering: a path of these pages, never another site."""
    if text and text.startswith(HOME) and "\\" not in text and not any(ord(sign) < 33 for sign in text):
        return text
    return HOME


async def login(request: Request) -> Response:
    context = request.state["context"]
    target = safe_target(request.query_params.get("despues"))
    if request.method != "POST":
        return await show_outside(context, "login.html", target=target, problem=None, username="")
    form: dict[str, str] = {}
    try:
        if not same_origin(request):
            raise Problem("csrf_wrong", "the form comes from another site")
        form = await read_form(request)
        target = safe_target(form.get("despues"))
        username, now = form.get("usuario", ""), time.monotonic()
        network, browser = client_network(request), known_browser(request, username)
        if browser is None:
            context.limits.password.take(network, now)
            context.limits.password_overall.take("", now)
        else:
            context.limits.password.take(f"browser {browser}", now)
        account = await context.enrolment.check_password(
            username, form.get("clave", ""), network=network, browser=browser
        )
        if browser is None:
            context.limits.password_overall.give_back("")
    except Problem as problem:
        context.metrics.refusals.labels(problem.code).inc()
        username = form.get("usuario", "")[:64]
        answer = await show_outside(
            context, "login.html", problem.status, target=target, problem=problem, username=username,
            kept=kept(form), sent_to=form.get("enviado_a", ""), prefix=PREFIX,
        )  # fmt: skip
        answer.headers.update(problem.headers)
        return answer
    life = timedelta(minutes=context.settings.page_minutes)
    token, _, session = await context.sessions.open(
        account.id, None, "page", life, password_turn=account.password_turn
    )
    entered: Response = RedirectResponse(target, 303)
    if words := kept(form):
        entered = await show_outside(
            context, "resume.html", kept=words, sent_to=safe_target(form.get("enviado_a")),
            form_token=form_token(context.secret, session),
        )  # fmt: skip
    set_cookie(request, entered, token, life)
    remember_browser(request, entered, account.id)
    return entered


@page()
async def logout(view: Page) -> Response:
    await view.context.sessions.end(view.session)
    answer = RedirectResponse(LOGIN, 303)
    clear_cookie(view.request, answer)
    return answer


ROUTES = [
    Route(LOGIN, login, methods=["GET", "POST"]),
    Route("/gestion/salir", logout, methods=["POST"]),
]
