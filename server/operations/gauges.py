"""Measures that are read from the databases when somebody asks for them.

Law: asking is bounded: mailbox sizes, the dear part, are counted at most once a minute.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from server.context import Context
from server.instants import parse as parse_instant
from server.intake.writing import checkpoint as checkpoints
from server.operations.backup import last_backup
from server.store.scan import count, scan
from sync.errors import NotFound
from sync.interface import ChangesQuery

#: Seconds for which counted mailboxes stay.
_KEPT = 60.0
#: Quarantined or refused events counted at most: more is an alarm all the same.
_COUNTED = 10_000


def outboxes(context: Context, now: datetime) -> dict[str, tuple[int, float]]:
    """Installation → pending items and age in seconds of the oldest, grown by the time since it was told."""
    found: dict[str, tuple[int, float]] = {}
    for device in context.directory.devices():
        at = device.last.get("at")
        pending = int(device.last.get("pending") or 0)
        if not at:
            continue
        since = max(0.0, (now - parse_instant(at)).total_seconds())
        age = (
            float(device.last.get("oldest_age") or device.last.get("oldest") or 0) + since if pending else 0.0
        )
        known = found.get(device.installation, (0, 0.0))
        found[device.installation] = (known[0] + pending, max(known[1], age))
    return found


async def refresh(context: Context) -> None:
    """Bring the gauges up to now."""
    now = context.clock.now()
    metrics = context.metrics
    metrics.show_outboxes(outboxes(context, now))
    metrics.devices.set(sum(1 for device in context.directory.devices() if not device.revoked_at))
    metrics.uploads_open.set(await context.uploads.under_way())
    metrics.photos_pending.set(context.examination.waiting())
    metrics.pen_waiting.set(await context.pen.waiting())
    metrics.register_lag.set(await context.register.lag())
    failures: Counter[str] = Counter()
    for worker in context.workers:
        failures[worker.name] += worker.failures
    for name, number in failures.items():
        metrics.worker_failures.labels(name).set(number)
    roles = Counter(account.role for account in context.directory.accounts() if account.active)
    for role, number in roles.items():
        metrics.accounts.labels(role).set(number)
    checkpoint = await checkpoints.read(context.databases.cases)
    inbox = await context.databases.inbox.changes(ChangesQuery(since=checkpoint.inbox, limit=1))
    metrics.intake_lag.set(len(inbox.rows) + inbox.pending)
    backed_up = await last_backup(context.databases.cases)
    if backed_up is not None:
        metrics.backup_at.set(parse_instant(backed_up).timestamp())
    counted = context.counted_at
    if counted is None or (now - counted).total_seconds() > _KEPT:
        context.counted_at = now
        await _count_mailboxes(context)
        metrics.quarantined.set(await _number_of(context, "quarantine:"))
        metrics.quarantine_age.set(await _oldest(context, "quarantine:", now))
        metrics.refused.set(await _number_of(context, "refusal:"))


async def _number_of(context: Context, prefix: str) -> int:
    return await count(context.databases.cases, prefix, _COUNTED)


async def _oldest(context: Context, prefix: str, now: datetime) -> float:
    """Age in seconds of the oldest of these documents, by when they were written; 0 where there is none."""
    found = scan(context.databases.cases, prefix, most=_COUNTED)
    told = [row.read().get("at") async for row in found]
    return max([0.0, *((now - parse_instant(at)).total_seconds() for at in told if at)])


async def _count_mailboxes(context: Context) -> None:
    number: Counter[str] = Counter()
    documents: Counter[str] = Counter()
    largest: Counter[str] = Counter()
    for account_id, generation in await context.databases.mailboxes():
        account = context.directory.account(account_id)
        role: str = account.role if account else "gone"
        try:
            info = await (await context.databases.open_mailbox(account_id, generation)).info()
        except NotFound:
            continue
        number[role] += 1
        documents[role] += info.doc_count
        largest[role] = max(largest[role], info.doc_count)
    for held in number:
        context.metrics.mailboxes.labels(held).set(number[held])
        context.metrics.mailbox_documents.labels(held).set(documents[held])
        context.metrics.mailbox_largest.labels(held).set(largest[held])
