"""Days and instants in words."""

from __future__ import annotations

from datetime import date, datetime

from server.documents.dates import brief, day_in_words, moment_in_words


def test_a_day_says_its_year_unless_it_is_this_one() -> None:
    assert day_in_words(date(2026, 11, 28), 2026) == "28 de noviembre"
    assert day_in_words(date(2025, 1, 1), 2026) == "1 de enero de 2025"
    assert moment_in_words(datetime(2026, 11, 28, 10, 32), 2026) == "28 de noviembre, 10:32"
    assert brief(datetime(2026, 9, 8, 7, 5), 2026) == "8 sep, 07:05"
    assert brief(datetime(2025, 9, 8, 7, 5), 2026) == "8 sep 2025, 07:05"
