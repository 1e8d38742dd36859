"""An erasure reaches what was put right, and the person the document was joined to.

Law: nothing a person's record holds besides its documents outlives the erasure of one of them, for nobody can
say any more from which it came; the number stays, and says that something was erased. Doing it again changes
nothing.
"""

from __future__ import annotations

from typing import Any

from server.persons.rectifying import rectified_id
from server.store.databases import Databases
from server.store.scan import scan

Json = Any


async def forget(databases: Databases, citizen: str, at: str) -> None:
    """Erase all that was added to a citizen document; ``citizens`` is the caller's to compact."""
    name = rectified_id(citizen)
    found = (await databases.citizens.get_many([name])).get(name)
    if found is not None and "redacted_at" not in found:
        emptied = {**found, "content": {}, "earlier": [], "reason": "", "redacted_at": at}
        await databases.citizens.put(emptied)
    for number in await _numbers(databases, citizen):
        doc = await databases.office.get(number)
        left = [entry for entry in doc["citizens"] if entry["citizen"] != citizen]
        bare = {member: value for member, value in doc.items() if member not in ("sex", "birth_year")}
        changed = {**bare, "citizens": left, "phones": []}
        if len(left) < len(doc["citizens"]):
            changed["log"] = [*doc["log"], {"at": at, "by": "law", "did": "erased"}]
            changed["redacted_at"] = at
        if changed != doc:
            await databases.office.put(changed)
    await databases.office.compact()


async def _numbers(databases: Databases, citizen: str) -> list[str]:
    """The persons a document belongs to, and those that these were joined to, or that were joined to them."""
    docs = {found.id: found.read() async for found in scan(databases.office, "person:")}
    family = {key for key, doc in docs.items() if citizen in {entry["citizen"] for entry in doc["citizens"]}}
    numbers = {doc["number"]: key for key, doc in docs.items()}
    grown = True
    while grown:
        more = {
            other
            for key, doc in docs.items()
            for other in (key, numbers.get(doc["merged_into"]))
            if other is not None
            and other not in family
            and (key in family or numbers.get(doc["merged_into"]) in family)
        }
        family |= more
        grown = bool(more)
    return sorted(family)
