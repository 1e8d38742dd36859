"""Free memory is given back, where the C library knows how; and never a reason to fail."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from server.memory import give_back


def resident() -> int:
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1])


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library has no malloc_trim")
def test_what_is_free_between_what_stands_goes_back() -> None:
    # Too small for a mapping of their own (128 KiB), and each between two that stay.
    pieces = [bytes(60_000) for _ in range(4_000)]
    before = resident()
    pieces = pieces[::8]
    give_back()
    assert resident() < before - 100_000
    assert len(pieces) == 500


def test_a_library_without_the_call_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert give_back() is False
