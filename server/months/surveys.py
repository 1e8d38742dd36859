"""The perception survey of a month: who was drawn, what was tried, what was answered.

Law: what is drawn is the draw's and nobody's choice. Whoever has rated it, or said on the folio page
or in the app whether it was solved, is not called; nobody is called for it more than three times, nor again
after an answer or a refusal. No personal data are kept with the answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from server.documents import reading
from server.documents.shapes import (
    Row,
    SurveyCall,
    SurveyCallAnswer,
    SurveyCallAttempt,
    SurveyCallAttemptOutcome,
)
from server.months.sample import Estimate, estimate
from server.problems import Problem
from server.store.scan import scan
from sync.errors import Conflict, NotFound
from sync.interface import Database

State = Literal["said", "answered", "refused", "spent", "quiet", "open"]

#: Calls of one survey to one person.
MOST_ATTEMPTS = 3
OUTCOMES: Mapping[SurveyCallAttemptOutcome, str] = {
    "answered": "Contestó la encuesta",
    "no_answer": "No contestó el teléfono",
    "wrong_number": "Número equivocado",
    "refused": "No quiso contestar",
    "later": "Pidió que se le llame después",
}
#: After these nobody calls again.
_LAST = frozenset({"answered", "refused", "wrong_number"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One drawn report. ``quiet``: its person is not to be called, for whatever reason of ``server/calls``;
    ``solved``: what is known of it, by whichever way; None where nothing is; ``stars``: 1 to 5.
    """

    row: Row
    survey: SurveyCall | None
    state: State
    solved: bool | None
    stars: int | None = None

    @property
    def attempts(self) -> int:
        return len(self.survey["attempts"]) if self.survey else 0


@dataclass(frozen=True, slots=True)
class Results:
    """``solved``: of those who said so; ``rating``: mean of what was given, in a call or by themselves;
    ``told``: of a hundred who were called.
    """

    drawn: int
    answered: int
    by_themselves: int
    solved: Estimate | None
    rating: float | None
    told: float | None


def asked(
    row: Row,
    survey: SurveyCall | None,
    report: Mapping[str, Any] | None,
    rating: Mapping[str, Any] | None = None,
) -> Asked:
    """How one drawn report stands. ``report``: as it is now; ``rating``: its citizen's, on the folio page or
    in a conversation.
    """
    answer = survey["answer"] if survey is not None else None
    if answer:
        return Asked(row, survey, "answered", bool(answer["solved"]), answer["rating"])
    verified = (report or {}).get("verified")
    if verified or rating:
        solved = bool(verified["solved"]) if verified else None
        return Asked(row, survey, "said", solved, rating["stars"] if rating else None)
    attempts = survey["attempts"] if survey else []
    if any(one["outcome"] in _LAST for one in attempts):
        return Asked(row, survey, "refused", None)
    return Asked(row, survey, "spent" if len(attempts) >= MOST_ATTEMPTS else "open", None)


def results(every: list[Asked], population: int) -> Results:
    """``population``: how many could have been drawn."""
    known = [one.solved for one in every if one.solved is not None]
    stars = [one.stars for one in every if one.stars is not None]
    answers = [answer for one in every if one.survey and (answer := one.survey["answer"])]
    return Results(
        drawn=len(every),
        answered=len(known),
        by_themselves=sum(one.state == "said" for one in every),
        solved=estimate(sum(known), len(known), population),
        rating=sum(stars) / len(stars) if stars else None,
        told=100 * sum(one["told"] for one in answers) / len(answers) if answers else None,
    )


def id_of(month: str, agency: str, report: str) -> str:
    return f"survey:{month}:{agency}:{report}"


async def surveys(office: Database, month: str, agency: str) -> dict[str, SurveyCall]:
    """What was tried so far, by report."""
    found = [reading.survey(row.body) async for row in scan(office, f"survey:{month}:{agency}:")]
    return {doc["report"]: doc for doc in found}


async def note(
    office: Database,
    month: str,
    agency: str,
    row: Row,
    attempt: SurveyCallAttempt,
    answer: SurveyCallAnswer | None,
    seen: int,
) -> SurveyCall:
    """Add an attempt, with the answer if there is one. ``seen``: how many its caller's page had shown, so
    that the same form sent twice is one attempt.

    Raises ``survey_over`` where nobody is to be called any more.
    """
    while True:
        try:
            doc = reading.survey(await office.get(id_of(month, agency, row["report"])))
        except NotFound:
            doc = {
                "_id": id_of(month, agency, row["report"]),
                "schema": "survey.v1",
                "month": month,
                "agency": agency,
                "report": row["report"],
                "folio": row["folio"],
                "attempts": [],
                "answer": None,
            }
        if len(doc["attempts"]) > seen:
            return doc
        if asked(row, doc, None).state != "open":
            raise Problem("survey_over", f"{doc['_id']} has its last call")
        made: SurveyCall = {**doc, "attempts": [*doc["attempts"], attempt], "answer": answer}
        try:
            await office.put(made)
        except Conflict:
            continue
        return made
