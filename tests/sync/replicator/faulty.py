"""A database whose calls fail when told to: before they take effect, or after, when the reply is lost."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, cast

from sync.errors import Unavailable
from sync.interface import Database

#: Called with the method's name before each call; says how the call goes.
Plan = Callable[[str], str]
FINE, REFUSED, LOST = "fine", "refused", "lost"


class _Faulty:
    def __init__(self, database: Database, plan: Plan) -> None:
        self._database = database
        self._plan = plan

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._database, name)
        if not inspect.iscoroutinefunction(member):
            return member

        async def call(*args: Any, **kwargs: Any) -> Any:
            fate = self._plan(name)
            if fate == REFUSED:
                raise Unavailable(f"{name} is away")
            try:
                return await member(*args, **kwargs)
            finally:
                if fate == LOST:
                    raise Unavailable(f"the reply of {name} was lost")

        return call


def faulty(database: Database, plan: Plan) -> Database:
    return cast("Database", _Faulty(database, plan))


class Nth:
    """Fails the ``n``-th call of both sides together, once; ``reached`` says whether there were so many."""

    def __init__(self, n: int, fate: str) -> None:
        self._left = n
        self._fate = fate
        self.reached = False

    def __call__(self, name: str) -> str:
        self._left -= 1
        if self._left != 0:
            return FINE
        self.reached = True
        return self._fate
