"""The table of dialogues, and what holds of the machine whatever is said."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.cases.validation import reasons
from server.channels.conversation.machine import hear, photo_event
from server.channels.conversation.message import Fresh, Message
from server.channels.conversation.state import State, read, write
from server.channels.conversation.turn import Register
from server.channels.registration import payload_of
from server.instants import say
from tests.server.channels.conversation.dialogue import TOWN, Talk, play, read_all

DIALOGUES = read_all()
NOW = datetime(2026, 11, 23, 16, tzinfo=UTC)
FRESH = Fresh("0192f3a0-0001-7000-8000-000000000001", "0192f3a0-0001-7000-8000-000000000002")


@pytest.mark.parametrize(("name", "options", "lines"), DIALOGUES, ids=[name for name, _, _ in DIALOGUES])
def test_a_dialogue_goes_as_its_table_says(name: str, options: str, lines: list[str]) -> None:
    talk = play(lines, options)
    for draft in talk.made:
        payload = payload_of(draft, "web", None)
        event = {
            "_id": draft.event, "schema": "event.v1", "kind": "captured", "actor": "web", "role": "channel",
            "device": "web~0192f3a0-0001-4000-8000-000000000001", "device_seq": 1, "prev": None,
            "based_on": [], "occurred_at": say(NOW), "position": {"source": "none"}, "payload": payload,
            "photos": draft.photos, "app": "paginas", "privacy_notice": None, "sig": "A" * 86,
        }  # fmt: skip
        assert reasons("event.v1", event) == []


def test_there_are_at_least_forty_of_them() -> None:
    assert len(DIALOGUES) >= 40
    assert len({name for name, _, _ in DIALOGUES}) == len(DIALOGUES)


def test_a_message_of_65536_letters_is_taken_and_said_to_be_long() -> None:
    talk = Talk("")
    talk.hear(Message("text", "hay un bache " + "ñ" * 65_523))
    assert any("4,000 letras" in reply for reply in talk.replies)
    assert talk.state.draft is not None
    assert len(talk.state.draft.text) == 4_000
    for step in ("", "place", "name", "contact", "reference", "colonia", "folio", "directory"):
        state = copy.deepcopy(talk.state)
        state.step = step or state.step
        hear(state, Message("text", "a1@ñ " * 13_107), TOWN, say(NOW), FRESH)


WORDS = (
    "1", "2", "9", "si", "no", "omitir", "cancelar", "regresar", "menu", "persona", "folio", "ve-320",
    "bache", "reportar", "informes", "unknown", "back", "H", "hay un bache", "fuga de gas",
    "calle 3 colonia centro",
    "manzana 12", "6625550142",
)  # fmt: skip
MESSAGES = st.one_of(
    st.builds(
        Message,
        st.sampled_from(["text", "choice"]),
        st.one_of(
            st.text(max_size=80),
            st.sampled_from(WORDS),
        ),
        late=st.booleans(),
    ),
    st.builds(Message, st.just("location"), lat=st.floats(-95, 95), lon=st.floats(-200, 200)),
    st.builds(Message, st.just("photo"), photo=st.one_of(st.none(), st.just({"sha256": "0" * 64}))),
    st.builds(Message, st.sampled_from(["voice", "other"])),
)


@given(messages=st.lists(st.tuples(MESSAGES, st.integers(1, 100_000)), max_size=25))
@settings(max_examples=150, deadline=None)
def test_whatever_is_said_it_answers_keeps_its_state_as_json_and_invents_nothing(
    messages: list[tuple[Message, int]],
) -> None:
    state, now = State(), NOW
    for number, (message, seconds) in enumerate(messages):
        now += timedelta(seconds=seconds)
        fresh = Fresh(f"0192f3a0-{number:04x}-7000-8000-000000000001", FRESH.own)
        before = write(state)
        event = photo_event(state, say(now), fresh)
        turn = hear(state, message, TOWN, say(now), fresh)
        assert write(state) == before, "the state given is left as it is"
        assert turn == hear(state, message, TOWN, say(now), fresh), "the same again says the same"
        assert read(write(turn.state)) == turn.state
        assert turn.replies or turn.acts or state.mode == "waiting"
        for reply in turn.replies:
            assert reply.text.strip()
            assert len({key for key, _ in reply.choices}) == len(reply.choices)
        if message.kind == "photo" and message.photo and turn.state.draft and turn.state.draft.photos:
            assert event in (turn.state.draft.event, event)
        for act in turn.acts:
            if isinstance(act, Register):
                assert act.draft.worth()
                assert act.draft.type
        state = turn.state
