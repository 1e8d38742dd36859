"""Measures for Prometheus, one registry per process part, so that tests never share one.

Law: no label holds a person: routes are templates, devices are installation ids, mailboxes are counted by
role.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

#: Seconds; a push is to take a few milliseconds, a photo some seconds.
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
#: Seconds: minutes to weeks a phone has gone without delivering.
_AGES = (60, 600, 3_600, 21_600, 86_400, 259_200, 604_800)


class Metrics:
    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.requests = Counter(
            "manzana_requests_total",
            "Requests by route, method and status",
            ["route", "method", "status"],
            registry=registry,
        )
        self.seconds = Histogram(
            "manzana_request_seconds",
            "Time to the end of the answer (longpolls apart)",
            ["route"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self.bytes_in = Counter(
            "manzana_received_bytes_total", "Bytes of request bodies", ["route"], registry=registry
        )
        self.bytes_out = Counter(
            "manzana_sent_bytes_total", "Bytes of answers' bodies", ["route"], registry=registry
        )
        self.refusals = Counter(
            "manzana_refusals_total", "Refused requests and pushed rows, by code", ["code"], registry=registry
        )
        self.photos = Counter(
            "manzana_photos_total", "Photos judged, by verdict", ["verdict"], registry=registry
        )
        self.photos_failed = Counter(
            "manzana_photos_failed_total", "Judgings of photos that failed on this machine", registry=registry
        )
        self.photos_aside = Gauge(
            "manzana_photos_aside", "Photos put aside because they could not be judged", registry=registry
        )
        self.uploads_open = Gauge(
            "manzana_uploads_open", "Photo uploads begun and not ended", registry=registry
        )
        self.intake_lag = Gauge(
            "manzana_intake_lag_receipts",
            "Receipts in the inbox that intake has not taken yet",
            registry=registry,
        )
        self.outbox_age = Gauge(
            "manzana_outbox_oldest_seconds",
            "Age of the oldest unsent item a phone told at its last check-in",
            ["installation"],
            registry=registry,
        )
        self.outbox_pending = Gauge(
            "manzana_outbox_pending",
            "Unsent items a phone told at its last check-in",
            ["installation"],
            registry=registry,
        )
        self.outbox_ages = Gauge(
            "manzana_outbox_phones",
            "Phones whose oldest unsent item is at least this old",
            ["seconds"],
            registry=registry,
        )
        self.mailboxes = Gauge("manzana_mailboxes", "Mailboxes by role", ["role"], registry=registry)
        self.mailbox_documents = Gauge(
            "manzana_mailbox_documents", "Documents in all mailboxes of a role", ["role"], registry=registry
        )
        self.mailbox_largest = Gauge(
            "manzana_mailbox_largest_documents",
            "Documents in the largest mailbox of a role",
            ["role"],
            registry=registry,
        )
        self.accounts = Gauge("manzana_accounts", "Active accounts by role", ["role"], registry=registry)
        self.devices = Gauge("manzana_devices", "Enrolled phones that are not revoked", registry=registry)
        self.quarantined = Gauge(
            "manzana_quarantined", "Events in quarantine, waiting for the desk", registry=registry
        )
        self.quarantine_age = Gauge(
            "manzana_quarantine_oldest_seconds", "Age of the oldest event in quarantine", registry=registry
        )
        self.photos_pending = Gauge(
            "manzana_photos_pending", "Photos that wait for their verdict", registry=registry
        )
        self.pen_waiting = Gauge(
            "manzana_pen_waiting", "Acts of the office that are not in the inbox yet", registry=registry
        )
        self.register_lag = Gauge(
            "manzana_register_lag_changes",
            "Changes that the office's pages do not show yet",
            registry=registry,
        )
        self.worker_failures = Gauge(
            "manzana_worker_failures",
            "How often a worker of this process failed and was begun again",
            ["worker"],
            registry=registry,
        )
        self.refused = Gauge(
            "manzana_refused_events", "Events that intake refused for good, on record", registry=registry
        )
        self.backup_at = Gauge(
            "manzana_backup_timestamp_seconds", "When the last backup ended", registry=registry
        )

    def show_outboxes(self, outboxes: dict[str, tuple[int, float]]) -> None:
        """``outboxes``: installation → pending items and the oldest's age in seconds."""
        self.outbox_age.clear()
        self.outbox_pending.clear()
        for installation, (pending, age) in outboxes.items():
            self.outbox_pending.labels(installation).set(pending)
            self.outbox_age.labels(installation).set(age)
        for bound in _AGES:
            late = sum(1 for pending, age in outboxes.values() if pending and age >= bound)
            self.outbox_ages.labels(str(bound)).set(late)

    def text(self) -> bytes:
        """Prometheus' text format 0.0.4."""
        return generate_latest(self.registry)
