"""Review flags of a report.

Law: a flag is raised by a record and stays until somebody says to have reviewed it, or until the server
recorded that what it tells of has come after all; a flag raised by a record admitted after that review stands
again. Only admission numbers decide, so order of arrival cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Flags:
    """For each code, the admissions that raised it, those since explained, and the highest review of it."""

    __slots__ = ("_explained", "_raised", "_reviewed")

    def __init__(self) -> None:
        self._raised: dict[str, set[int]] = {}
        self._explained: set[tuple[str, int]] = set()
        self._reviewed: dict[str, int] = {}

    def raise_(self, codes: Iterable[str], admission: int) -> None:
        for code in codes:
            self._raised.setdefault(code, set()).add(admission)

    def explain(self, codes: Iterable[str], admission: int) -> None:
        """What the record of this admission raised is settled: what was missing then has come."""
        self._explained.update((code, admission) for code in codes)

    def review(self, codes: Iterable[str], admission: int) -> None:
        for code in codes:
            self._reviewed[code] = max(self._reviewed.get(code, 0), admission)

    def codes(self, standing: Mapping[str, int] | None = None) -> list[str]:
        """Codes that stand, sorted; ``standing`` adds what follows from the state (code to admission)."""
        if not self._raised and not standing:
            return []
        raised = {code: self._highest(code, admissions) for code, admissions in self._raised.items()}
        for code, admission in (standing or {}).items():
            raised[code] = max(raised.get(code, 0), admission)
        return sorted(code for code, admission in raised.items() if admission > self._reviewed.get(code, 0))

    def _highest(self, code: str, admissions: set[int]) -> int:
        return max((each for each in admissions if (code, each) not in self._explained), default=0)
