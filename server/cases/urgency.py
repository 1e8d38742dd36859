"""How urgent a report is when it arrives: by its type, by what the person marked, by the words written.

Law: urgency is raised here and never lowered; a person lowers it, with a ``prioritized`` event. Inside an
open incident words raise nothing: in a flood everybody writes "agua". Pure: values in, decisions out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from server.documents.shapes import Payload, PetitionType, Rules, Triage

#: A report without a known type waits for the desk at medium priority.
DEFAULT_PRIORITY = 3
#: What a person marks as urgent is looked at before the ordinary; alone it is no emergency.
MARKED_URGENT = 2
#: "Hay peligro ahora" is an emergency until Protección Civil says otherwise.
MARKED_DANGER = 1


def fold_text(text: str) -> str:
    """Lower case without accents (ñ kept as n), words separated by single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    # Below U+0300 nothing combines, and there stands nearly all of it.
    letters = "".join([c for c in plain if c < "\u0300" or not unicodedata.combining(c)])
    return re.sub(r"[^a-z0-9]+", " ", letters).strip()


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str] | None:
    """``word`` may be several words; a final ``*`` stands for any ending."""
    stem = fold_text(word.removesuffix("*"))
    if not stem:
        return None
    ending = "[a-z0-9]*" if word.endswith("*") else ""
    return re.compile(rf"(?:^| ){re.escape(stem)}{ending}(?: |$)")


def found_words(text: str, words: Iterable[str]) -> list[str]:
    """Those of ``words`` that stand in the text as whole words, in their order."""
    return _found(fold_text(text), words)


def _found(plain: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if (pattern := _pattern(word)) is not None and pattern.search(plain)]


def triage(
    petition_type: PetitionType | None,
    payload: Payload,
    rules: Rules | None,
    *,
    in_open_incident: bool = False,
) -> Triage:
    """``{priority, reasons[]}`` of a ``captured`` payload, or of what an ``amended`` one makes of it.

    Reasons are codes; ``word:<word>`` names a word that raised it.
    """
    priority = DEFAULT_PRIORITY
    if petition_type:
        priority = petition_type.get("priority") or DEFAULT_PRIORITY
    reasons = ["type"] if petition_type is not None else ["type_unknown"]
    if petition_type and petition_type.get("urgent"):
        priority = min(priority, MARKED_URGENT)
        reasons.append("type_urgent")
    if payload.get("urgent"):
        priority = min(priority, MARKED_URGENT)
        reasons.append("marked_urgent")
    if payload.get("danger"):
        priority = min(priority, MARKED_DANGER)
        reasons.append("marked_danger")
    listed = rules.get("words") if rules and not in_open_incident else None
    if listed:
        plain = fold_text(_texts(payload))
        for rule in listed:
            if rule.get("type") not in (None, payload.get("type")):
                continue
            hits = _found(plain, rule.get("words") or [])
            if hits and rule["priority"] < priority:
                priority = rule["priority"]
                reasons += [f"word:{word}" for word in hits]
    return {"priority": priority, "reasons": reasons}


def _texts(payload: Payload) -> str:
    """Everything a person wrote: the text, the free answers, the place's reference."""
    answers = payload.get("answers") or {}
    written = [payload.get("text") or "", (payload.get("place") or {}).get("reference") or ""]
    written += [answer for answer in answers.values() if isinstance(answer, str)]
    return " . ".join(written)
