"""*Encuesta*: who was drawn of a closed month, whom to call and what to say, and what they answered.

Law: a telephone is shown to the desk alone, one at a time, on record. What an agency is told is the result.
"""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response
from starlette.routing import Route

from server.calls.due import in_peace
from server.calls.finding import contacts, persons
from server.channels.talks.documents import rating_id
from server.documents.shapes import CitizenContent, SurveyCallAnswer, SurveyCallAttempt
from server.instants import say
from server.months.closes import find
from server.months.draws import eligible, find_draw, sample
from server.months.surveys import MOST_ATTEMPTS, OUTCOMES, Asked, asked, note, results, surveys
from server.papers.saying import month_words
from server.problems import Problem
from server.web.office.frame import Page, page
from server.web.office.months import asked as asked_for
from server.web.office.reference import Names, names

HERE = "/gestion/encuesta"
STATE_NAMES = {
    "said": "Ya lo dijo por su cuenta",
    "answered": "Contestó",
    "refused": "No se le llama más",
    "spent": f"No se logró en {MOST_ATTEMPTS} llamadas",
    "quiet": "No se le llama: ya se habló con la persona",
    "open": "Por llamar",
}


async def _drawn(view: Page, known: Names) -> tuple[str, str, list[Asked], int]:
    """Month, agency, what was drawn, and of how many. Raises ``not_found``, ``seed_missing``."""
    month, agency = asked_for(view, known)
    databases = view.context.databases
    close = await find(databases.office, month, agency)
    if close is None:
        raise Problem("not_found", "the month is not closed")
    draw = await find_draw(databases.office, month)
    if draw is None:
        raise Problem("seed_missing")
    rows = sample(close, draw)
    noted = await surveys(databases.office, month, agency)
    docs = await databases.cases.get_many([f"report:{row['report']}" for row in rows])
    rated = await databases.office.get_many([rating_id(row["report"]) for row in rows])
    every = [
        asked(
            row,
            noted.get(row["report"]),
            docs.get(f"report:{row['report']}"),
            rated.get(rating_id(row["report"])),
        )
        for row in rows
    ]
    every = await _in_peace(view, every)
    return month, agency, every, len(eligible(close))


async def _in_peace(view: Page, every: list[Asked]) -> list[Asked]:
    """The same, less whom nobody is to call: the survey too speaks to nobody a third time."""
    now = view.context.clock.now()
    said = await contacts(view.context.databases.office, now)
    wanted = [one.row["report"] for one in every] + [one["report"] for one in said]
    whose = await view.context.register.ask(lambda db, _: persons(db, wanted))
    quiet = in_peace(whose, said, now)
    return [
        replace(one, state="quiet") if one.state == "open" and whose.get(one.row["report"]) in quiet else one
        for one in every
    ]


@page("desk", "agency", "auditor")
async def survey(view: Page) -> Response:
    known = await names(view.context)
    month, agency, every, population = await _drawn(view, known)
    return view.show(
        "survey.html",
        known=known,
        month=month,
        agency=agency,
        words=month_words(month),
        every=every,
        states=STATE_NAMES,
        found=results(every, population),
        population=population,
        here=f"{HERE}/{month}/{agency}",
    )


async def _one(view: Page, known: Names) -> tuple[str, str, Asked]:
    month, agency, every, _ = await _drawn(view, known)
    report = view.request.path_params["report"]
    found = next((one for one in every if one.row["report"] == report), None)
    if found is None:
        raise Problem("not_found", "the report was not drawn")
    return month, agency, found


@page("desk")
async def call(view: Page) -> Response:
    """Whom to call and what to say; the look at the telephone is on record first."""
    known = await names(view.context)
    month, agency, found = await _one(view, known)
    databases = view.context.databases
    report = (await databases.cases.get_many([f"report:{found.row['report']}"])).get(
        f"report:{found.row['report']}"
    ) or {}
    person: CitizenContent = {}
    if found.state == "open" and report.get("citizen"):
        await view.context.audit.record(view.account.id, "citizen", report["_id"])
        doc = (await databases.citizens.get_many([report["citizen"]])).get(report["citizen"]) or {}
        person = doc.get("content") or {}
    return view.show(
        "survey_call.html",
        known=known,
        agency=agency,
        words=month_words(month),
        found=found,
        states=STATE_NAMES,
        outcomes=OUTCOMES,
        person=person,
        form=view.form,
        here=f"{HERE}/{month}/{agency}",
        path_here=f"{HERE}/{month}/{agency}/{found.row['report']}",
    )


@page("desk")
async def record(view: Page) -> Response:
    known = await names(view.context)
    month, agency, found = await _one(view, known)
    said = view.field("resultado", 40)
    outcome = next((one for one in OUTCOMES if one == said), None)
    if outcome is None:
        raise Problem("form_invalid", "resultado is none there is")
    answer: SurveyCallAnswer | None = None
    if outcome == "answered":
        solved, told = view.field("quedo", 2), view.field("aviso", 2)
        rating = view.field("calificacion", 1)
        if {solved, told} - {"si", "no"} or rating not in "12345":
            raise Problem("form_invalid", "an answer of the survey is missing")
        answer = {"solved": solved == "si", "told": told == "si", "rating": int(rating)}
        if text := view.field("texto", 4_000, required=False).replace("\r\n", "\n"):
            answer["text"] = text
    if found.state == "quiet":
        raise Problem("survey_over", "the person is not to be called")
    attempt: SurveyCallAttempt = {
        "at": say(view.context.clock.now()),
        "by": view.account.id,
        "outcome": outcome,
    }
    seen = view.field("van", 1)
    office = view.context.databases.office
    seen_number = int(seen) if seen in ("0", "1", "2", "3") else 0
    await note(office, month, agency, found.row, attempt, answer, seen_number)
    return view.go(f"{HERE}/{month}/{agency}")


ROUTES = [
    Route(HERE + "/{month}/{agency}", survey, methods=["GET"]),
    Route(HERE + "/{month}/{agency}/{report}", call, methods=["GET"]),
    Route(HERE + "/{month}/{agency}/{report}", record, methods=["POST"]),
]
