"""Review flags of a report.

Law: a flag is raised by a record and stays until somebody says to have reviewed it; a flag raised by a record
admitted after that review stands again. Only admission numbers decide, so order of arrival cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Flags:
    """For each code, the highest admission that raised it and the highest review of it."""

    __slots__ = ("_raised", "_reviewed")

    def __init__(self) -> None:
        self._raised: dict[str, int] = {}
        self._reviewed: dict[str, int] = {}

    def raise_(self, codes: Iterable[str], admission: int) -> None:
        for code in codes:
            self._raised[code] = max(self._raised.get(code, 0), admission)

    def review(self, codes: Iterable[str], admission: int) -> None:
        for code in codes:
            self._reviewed[code] = max(self._reviewed.get(code, 0), admission)

    def codes(self, standing: Mapping[str, int] | None = None) -> list[str]:
        """Codes that stand, sorted; ``standing`` adds what follows from the state (code to admission)."""
        if not self._raised and not standing:
            return []
        raised = dict(self._raised)
        for code, admission in (standing or {}).items():
            raised[code] = max(raised.get(code, 0), admission)
        return sorted(code for code, admission in raised.items() if admission > self._reviewed.get(code, 0))
