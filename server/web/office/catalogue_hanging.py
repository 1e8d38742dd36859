"""What hangs on a thing of the catalogue: said before it is retired.

Law: a count is of what is not confidential; that confidential reports are left out is said.
"""

from __future__ import annotations

from server.catalogue.directory import attended
from server.catalogue.kinds import Kind
from server.catalogue.state import State
from server.register.filters import Filter
from server.register.lists import count_of
from server.register.scope import Scope
from server.web.office.frame import Page


async def hanging(view: Page, state: State, kind: Kind, key: str) -> list[str]:
    """Sentences: open reports, accounts, types and rules, brigades that name it."""
    if kind.removes:
        return []
    agency, _, part = key.partition("~")
    wanted = {
        "tipos": Filter(type=(key,)),
        "dependencias": Filter(agency=(agency,)),
        "departamentos": Filter(agency=(agency,), department=(part,)),
        "brigadas": Filter(brigade=(part,)),
        "canales": Filter(channel=(key,)),
    }[kind.name].also("only", "abiertos")
    now = view.context.clock.now()
    everyone = Scope(everything=True)
    reports = await view.context.register.ask(
        lambda db, columns: count_of(db, columns, wanted, everyone, now)
    )
    found = []
    if reports:
        found.append(f"{_many(reports, 'reporte abierto', 'reportes abiertos')}: siguen su curso.")
    if any(
        doc.get("confidential") and agency in (name, doc.get("agency"))
        for name, doc in state.kind("type:").items()
    ):
        found.append("Los reportes confidenciales no se cuentan aquí.")
    if kind.name in ("dependencias", "departamentos", "brigadas"):
        found += _directory(view, state, kind, agency, part)
    if kind.name == "tipos":
        rules = sum(rule.get("type") == key for rule in state.rules.get("rules") or ())
        if rules:
            found.append(f"{_many(rules, 'regla lo nombra', 'reglas lo nombran')}.")
    return found


def _directory(view: Page, state: State, kind: Kind, agency: str, part: str) -> list[str]:
    own = {"departamentos": "department", "brigadas": "brigade"}.get(kind.name)
    accounts = [
        account.name
        for account in view.context.directory.accounts()
        if account.active and account.agency == agency and (own is None or getattr(account, own) == part)
    ]
    found = []
    if accounts:
        some = ", ".join(accounts[:3]) + (" y más" if len(accounts) > 3 else "")
        found.append(f"{_many(len(accounts), 'cuenta activa', 'cuentas activas')} ({some}): siguen entrando.")
    if kind.name == "dependencias":
        doc = state.docs[f"agency:{agency}"]
        brigades = [entry for entry in doc.get("brigades") or () if entry.get("active", True)]
        if brigades:
            found.append(f"{_many(len(brigades), 'brigada', 'brigadas')} en uso.")
    which = {"departamentos": (part, None), "brigadas": (None, part)}.get(kind.name, (None, None))
    return found + attended(state, agency, *which)


def _many(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"
