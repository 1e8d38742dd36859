"""With whose eyes a page looks at the register: its reader's scope, at this moment, in the town's time."""

from __future__ import annotations

from server.cases.semaforo import Semaforo, semaforo
from server.instants import say
from server.register.lists import Row
from server.register.scope import Scope, scope_of
from server.web.office.frame import Page


def light(view: Page, row: Row) -> Semaforo:
    now = say(view.context.clock.now())
    return semaforo(now, view.zone, row.status, row.priority, row.amber_at, row.due_at, row.finished_at)


def scope(view: Page) -> Scope:
    return scope_of(view.account, view.today)
