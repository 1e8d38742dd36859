"""The states of an upload and the order of its steps."""

from __future__ import annotations

import pytest

from server.evidence.lifecycle import Event, State, Step, observe, steps


@pytest.mark.parametrize(
    ("said", "part", "blob", "state"),
    [
        (None, 10, 10, State.GONE),
        ("receiving", 0, None, State.OPEN),
        ("receiving", 9, 10, State.OPEN),
        ("receiving", 10, None, State.FULL),
        # A missing file proves nothing, whatever blob there is.
        ("receiving", None, 10, State.LOST),
        ("receiving", None, None, State.LOST),
        ("proven", 10, None, State.PROVEN),
        ("proven", None, 10, State.PROVEN),
        ("proven", None, None, State.LOST),
        ("recorded", None, None, State.RECORDED),
        # Of before there was a word.
        ("", None, 10, State.PROVEN),
        ("", None, None, State.LOST),
        ("", None, 11, State.LOST),
    ],
)
def test_the_state_is_told_from_what_is_durable(
    said: str | None, part: int | None, blob: int | None, state: State
) -> None:
    assert observe(said, part, blob, 10) is state


def test_proof_comes_before_its_word_before_the_move_before_the_document() -> None:
    done = steps(State.FULL, Event.FINISH)
    assert done == (Step.PROVE, Step.MARK_PROVEN, Step.KEEP, Step.RECORD, Step.MARK_RECORDED)
    assert steps(State.PROVEN, Event.FINISH) == done[2:]
    for state in (State.GONE, State.OPEN, State.RECORDED):
        assert not steps(state, Event.FINISH)
