"""A busy day in the test municipality: every kind of report, move and office, each with words of its own.

``SECRETS`` names the word that stands in each report's text, so that a test can look for its bytes
anywhere.
"""

from __future__ import annotations

from typing import Any

import orjson

from sync.errors import NotFound
from sync.interface import AllDocsQuery, ChangesQuery, DocOptions
from tests.device import citizen_document, subject_of
from tests.server.intake.municipality import Municipality, inside

Json = dict[str, Any]

SECRETS = {
    "lamp": "zafiro",
    "flood": "topacio",
    "crime": "rubi",
    "pothole": "jade",
    "far": "perla",
    "unknown": "onix",
    "done": "agata",
}
#: A citizen's data, on the lamp's report.
CITIZEN = {"name": "Amatista Cuarzo", "phone": "4779998877"}


async def busy_day(town: Municipality) -> dict[str, str]:
    """Live it; gives the reports' uuids by name."""
    lucia = await town.pen("lucia")
    citizen = citizen_document(town.clock.now(), **CITIZEN)
    await town.databases.citizens.put(citizen)
    lamp = lucia.capture("lampara", text=SECRETS["lamp"], citizen=citizen["_id"], **inside(1))
    await town.push(lamp)
    made = {"lamp": subject_of(lamp)}
    made["flood"] = await town.capture("lucia", "inundacion", text=SECRETS["flood"], **inside(2))
    made["crime"] = await town.capture("lucia", "denuncia", text=SECRETS["crime"], **inside(1))
    made["pothole"] = await town.capture("marta", "bache", text=SECRETS["pothole"], **inside(2))
    made["far"] = await town.capture("pedro", "lampara", text=SECRETS["far"], **inside(12))
    made["unknown"] = await town.capture("pedro", "unknown", text=SECRETS["unknown"], **inside(12))
    made["done"] = await town.capture("marta", "lampara", text=SECRETS["done"], **inside(6))
    await town.act("pc", "taken", made["flood"])
    await town.act("pc", "assigned", made["flood"], {"agency": "obras", "brigade": "bache-1"})
    rain = {"name": "Lluvia", "types": ["inundacion"]}
    incident = (await town.pen("pc")).event("incident_opened", None, rain)
    await town.push(incident)
    await town.act("pc", "incident_joined", made["flood"], {"incident": subject_of(incident)})
    await town.act("luz1", "started", made["lamp"])
    await town.act("luz1", "visited", made["lamp"], {"outcome": "no_access"})
    await town.act("luz1", "started", made["done"])
    await town.act("luz1", "finished", made["done"], {"done": "foco nuevo"})
    await town.act("marta", "verified", made["done"], {"solved": True})
    await town.act("luz1", "returned", made["far"], {"reason": "not_ours"})
    await town.act("lucia", "supported", made["pothole"])
    return made


async def seen_in(town: Municipality, account: str, generation: int | None = None) -> bytes:
    """Every byte an account's mailbox could give: documents, feed, all leaves and their bodies."""
    if generation is None:
        generation = (await town.databases.accounts.get(f"account:{account}")).get("generation", 1)
    box = await town.databases.mailbox(account, generation)
    parts = [row.doc or b"" for row in (await box.all_docs(AllDocsQuery(include_docs=True))).rows]
    for change in (await box.changes(ChangesQuery(include_docs=True, all_leaves=True))).rows:
        parts.append(change.doc or b"")
        parts += [leaf.doc or b"" for leaf in await box.open_revs(change.id, "all")]
    return b"\n".join(parts)


async def earlier_revisions(town: Municipality, account: str, doc_id: str, generation: int) -> bytes:
    """The bodies of every revision of a document that the store still gives."""
    box = await town.databases.mailbox(account, generation)
    try:
        leaves = [row for row in await box.open_revs(doc_id, "all", DocOptions(revs=True)) if row.doc]
    except NotFound:
        return b""
    parts: list[bytes] = []
    for leaf in leaves:
        revisions = orjson.loads(leaf.doc or b"{}").get("_revisions", {"start": 0, "ids": []})
        for number, word in enumerate(revisions["ids"]):
            try:
                rev = f"{revisions['start'] - number}-{word}"
                parts.append(await box.get_raw(doc_id, DocOptions(rev=rev)))
            except NotFound:
                continue
    return b"\n".join(parts)
