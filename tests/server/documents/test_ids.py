"""What ids say; and that only their own module makes ranges of them or takes them apart."""

from __future__ import annotations

import re
from pathlib import Path

from server.documents import ids

SERVER = Path(ids.__file__).resolve().parents[1]
SUBJECT, OWN = "0192f3a0-0001-7000-8000-000000000001", "0192f3a0-0001-7000-8000-000000000002"
EVENT = f"event:{SUBJECT}:{OWN}"


def test_an_event_says_what_it_is_about() -> None:
    assert ids.event_parts(EVENT) == (SUBJECT, OWN)
    assert ids.subject_of(EVENT) == SUBJECT
    assert ids.record_of(EVENT) == f"record:{SUBJECT}:{OWN}"
    assert ids.subject_of(ids.record_of(EVENT)) == SUBJECT
    assert (ids.kind_of(EVENT), ids.key_of(EVENT)) == ("event", f"{SUBJECT}:{OWN}")
    assert ids.record_of(EVENT).startswith(ids.records_of(SUBJECT))


def test_what_may_be_no_event_says_so() -> None:
    assert ids.subject_if_event(EVENT) == SUBJECT
    for other in (None, "", "event", f"event:{SUBJECT}", "event:../x:y", f"{EVENT}:more", ["a"]):
        assert ids.subject_if_event(other) is None


def test_what_is_made_of_a_name_gives_it_back() -> None:
    assert ids.uuid_of(ids.report_id(SUBJECT)) == SUBJECT
    assert ids.event_id(SUBJECT, OWN) == EVENT
    device = f"lupita~{OWN}"
    assert ids.device_of(ids.chain_id(device)) == ids.device_of(f"{ids.chain_id(device)}:3") == device
    for made, name in (
        (ids.incident_id(SUBJECT), SUBJECT),
        (ids.chain_id(device), device),
        (ids.blob_id("0c" * 32), "0c" * 32),
    ):
        assert ids.key_of(made) == name


def test_nobody_else_makes_ranges_of_ids_or_takes_them_apart() -> None:
    own = {SERVER / "documents" / "ids.py", SERVER / "store" / "scan.py"}
    apart = re.compile(r"""\.split\(":"\)|startkey=|endkey=|\.id \+""")
    found = [
        f"{path.relative_to(SERVER)}:{number}: {line.strip()}"
        for path in sorted(SERVER.rglob("*.py"))
        if path not in own
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if apart.search(line)
    ]
    assert not found, "\n".join(found)
