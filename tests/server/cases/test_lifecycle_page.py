"""docs/lifecycle.md shows the transition table and the flags as they are; run as a module it writes them."""

from __future__ import annotations

import re
from pathlib import Path

from server.cases.effects import EFFECTS
from server.cases.transitions import FLAGS, KEEP, KINDS, STATUSES, TABLE
from tests.tables import SCHEMAS

PAGE = Path(SCHEMAS).parent / "docs" / "lifecycle.md"
_SAID = {"by_assignments": "*by orders*", "by_progress": "*by progress*", KEEP: "·"}
#: How the page names the effects, which the code names by verbs that are free.
_EFFECT_ROWS = {"give_up": "give up"}


def _cell(kind: str, status: str) -> str:
    cell = TABLE[kind, status]
    said = [_SAID.get(cell.to, cell.to)]
    if cell.apply and cell.apply != KEEP:
        said.append(_EFFECT_ROWS.get(cell.apply, cell.apply))
    if cell.flag:
        said.append(f"⚑ {cell.flag}")
    return ", ".join(said[1:] if said[0] == "·" and len(said) > 1 else said)


def transitions() -> str:
    rows = [f"| {' | '.join(['kind', *STATUSES])} |", "|---" * (len(STATUSES) + 1) + "|"]
    for kind in KINDS:
        cells = [kind, *(_cell(kind, status) for status in STATUSES)]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def flags() -> str:
    rows = ["| flag | raised by | meaning | shown as |", "|---|---|---|---|"]
    for code, flag in FLAGS.items():
        rows.append(f"| {code} | {flag['by']} | {flag['meaning']} | {flag['text']} |")
    return "\n".join(rows)


def made(page: str) -> str:
    """The page with both tables as they are now."""
    for name, table in (("table", transitions()), ("flags", flags())):
        between = re.compile(rf"(<!-- {name}:[^\n]*-->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        escaped = table.replace("\\", r"\\")
        page, count = between.subn(rf"\g<1>{escaped}\n\g<2>", page)
        assert count == 1, f"{PAGE} has no place for {name}"
    return page


def test_the_page_shows_the_tables_as_they_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == made(page), "stale: python -m tests.server.cases.test_lifecycle_page"


def test_the_page_tells_every_effect() -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = re.findall(r"^\| ([a-z, ]+) \| [^|]*\|$", page.split("## Effects")[1], re.MULTILINE)
    named = {effect.strip() for row in told for effect in row.split(",")}
    assert {_EFFECT_ROWS.get(effect, effect) for effect in EFFECTS} <= named


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
