"""A job's documents: a fixed list, ids known beforehand, words that do not outlive it."""

from __future__ import annotations

from server.bulk.job import (
    ACTS,
    MOST,
    PART,
    Item,
    Result,
    counted,
    digest_of,
    documents,
    ended,
    items_of,
    own_of,
    results_of,
    with_results,
)
from server.cases.validation import reasons
from server.channels.acts import BY_NAME
from server.clock import uuid7
from server.documents.ids import is_uuid
from server.instants import parse

AT = "2026-11-23T16:05:09.123Z"
JOB = uuid7(parse(AT), 1)


def items(count: int) -> list[Item]:
    return [Item(uuid7(parse(AT), number), number + 1, 3) for number in range(count)]


def test_every_report_is_in_one_part_and_what_is_kept_is_of_the_schemas() -> None:
    head, parts = documents(
        JOB,
        items(MOST),
        by="mesa",
        at=AT,
        installation=JOB,
        act="responder",
        form={"medio": "phone", "texto": "Ya va"},
        chosen=[("tipo", "lampara"), ("persona", "Amatista"), ("telefono", "4771234567")],
    )
    assert [item for part in parts for item in items_of(part)] == items(MOST)
    assert len(parts) == head["parts"] == MOST // PART
    assert reasons("bulk.v1", head) == []
    assert all(reasons("bulk_part.v1", part) == [] for part in parts)
    assert head["chosen"] == [["tipo", "lampara"]], "who was looked for is not kept"
    assert counted(parts).left == MOST
    over = ended(head, "done", AT)
    assert (over["state"], over["form"]) == ("done", {"medio": "phone"})
    assert reasons("bulk.v1", over) == []


def test_results_come_back_as_they_were_written() -> None:
    _, (part,) = documents(
        JOB, items(4), by="mesa", at=AT, installation=JOB, act="anotar", form={}, chosen=[]
    )
    results = [Result("done"), Result("refused", "No"), Result("waiting"), None]
    part = with_results(part, results)
    assert reasons("bulk_part.v1", part) == []
    assert results_of(part) == results
    counts = counted([part])
    assert (counts.done, counts.refused, counts.waiting, counts.left, counts.settled) == (1, 1, 1, 1, 2)


def test_an_events_id_is_told_by_job_and_report_alone() -> None:
    one, other = items(2)
    assert own_of(JOB, AT, one.report) == own_of(JOB, AT, one.report)
    assert len({own_of(JOB, AT, one.report), own_of(JOB, AT, other.report), own_of("x", AT, one.report)}) == 3
    own = own_of(JOB, AT, one.report)
    assert is_uuid(own)
    assert own[14] == "7"


def test_another_list_has_another_digest_whatever_its_order() -> None:
    three = items(3)
    assert digest_of(three) == digest_of(reversed(three))
    assert digest_of(three) != digest_of(three[:2])


def test_no_closing_is_done_in_bulk() -> None:
    assert set(ACTS) <= set(BY_NAME)
    assert not {"finished", "not_viable", "withdrawn", "marked_duplicate"} & {
        BY_NAME[act].kind for act in ACTS
    }
