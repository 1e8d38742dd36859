"""Codes, challenges, keys and passwords by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher

from server.accounts import codes, passwords
from server.accounts.challenges import LIFE, Challenges
from server.accounts.keys import canonical_jwk, decode, encode, verifies
from server.accounts.passwords import (
    FREE_FAILURES,
    LONGEST_WAIT,
    check_strength,
    hash_password,
    password_matches,
    wait_after,
)
from server.problems import Problem
from tests.device import Pen, sign_text


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12345678", "12345678"),
        ("1234 5678", "12345678"),
        (" 1234-5678 ", "12345678"),
        ("1234.5678", "12345678"),
        ("1234\u00a05678", "12345678"),
        ("1234567", None),
        ("123456789", None),
        ("1234567a", None),
        ("", None),
        ("١٢٣٤٥٦٧٨", None),
        (None, None),
        (12345678, None),
        ("1" * 100, None),
    ],
)
def test_codes_are_read_as_people_type_them(typed: object, code: str | None) -> None:
    assert codes.tidy(typed) == code


def test_codes_have_eight_digits_and_never_begin_with_zero() -> None:
    made = {codes.new_code() for _ in range(300)}
    assert len(made) == 300
    assert all(len(code) == 8 and code.isdigit() and code[0] != "0" for code in made)


@pytest.mark.anyio
async def test_a_codes_id_is_stable_and_shows_nothing() -> None:
    assert (
        await codes.code_id("12345678") == await codes.code_id("12345678") != await codes.code_id("12345679")
    )
    assert "12345678" not in await codes.code_id("12345678")


def test_challenges_prove_themselves_across_processes_once_per_process() -> None:
    one, two = Challenges(b"s" * 32), Challenges(b"s" * 32)
    text, expiry = one.make("rosa~x", 1000.0)
    assert expiry == 1000 + LIFE
    assert len(decode(text, 32)) == 32
    two.spend("rosa~x", text, 1001.0)
    with pytest.raises(Problem):
        two.spend("rosa~x", text, 1002.0)
    for device, given, now in (
        ("rosa~y", text, 1001.0),
        ("rosa~x", text, 1120.0),
        ("rosa~x", text[:-2] + "AA", 1001.0),
        ("rosa~x", "", 1001.0),
        ("rosa~x", None, 1001.0),
        ("rosa~x", "A" * 43, 1001.0),
    ):
        with pytest.raises(Problem):
            one.spend(device, given, now)
    with pytest.raises(Problem):
        Challenges(b"t" * 32).spend("rosa~x", text, 1001.0)


def test_spent_challenges_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.accounts.challenges._REMEMBERED", 10)
    challenges = Challenges(b"s" * 32)
    for _ in range(50):
        challenges.spend("d", challenges.make("d", 0.0)[0], 1.0)
    assert len(challenges._spent) <= 10


def test_only_points_of_the_curve_are_keys() -> None:
    jwk = Pen("rosa", "x").public_key
    assert canonical_jwk({**jwk, "ext": True, "key_ops": ["verify"], "alg": "ES256"}) == jwk
    bad: Any
    for bad in (
        {**jwk, "d": "AA"},
        {**jwk, "crv": "P-384"},
        {**jwk, "x": jwk["y"]},
        {**jwk, "x": jwk["x"] + "="},
        {**jwk, "y": 5},
        {**jwk, "x": encode(bytes(32))},
        {"kty": "EC", "crv": "P-256"},
        [],
        None,
    ):
        with pytest.raises(Problem, match="key_invalid"):
            canonical_jwk(bad)


def test_signatures_are_r_and_s() -> None:
    pen = Pen("rosa", "x")
    sig = sign_text(pen.key, b"challenge")
    assert verifies(pen.public_key, b"challenge", sig)
    for message, given in (
        (b"other", sig),
        (b"challenge", sig[:-3]),
        (b"challenge", None),
        (b"challenge", encode(bytes(64))),
    ):
        assert not verifies(pen.public_key, message, given)


@pytest.fixture
def at_full_cost(real_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords cost here what they cost in the service."""
    monkeypatch.setattr(passwords, "_hasher", real_hasher)
    passwords._decoy.cache_clear()
    yield
    passwords._decoy.cache_clear()


@pytest.mark.anyio
@pytest.mark.usefixtures("at_full_cost")
async def test_passwords_are_argon2id_and_match_only_themselves() -> None:
    stored = await hash_password("nopal azul 2026 !")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords._decoy().startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await password_matches(stored, "nopal azul 2026 !")
    assert not await password_matches(stored, "nopal azul 2026")
    assert not await password_matches(None, "a password that nobody has")
    assert not await password_matches("no hash", "x")
    assert not await password_matches(stored, "x" * 100_000)


@pytest.mark.parametrize(
    "weak", ["corta", "password1234", "manzana.2026", "aaaaaaaaaaaaaaaa", "rosa.maria.lopez", "x" * 201]
)
def test_weak_passwords_are_refused(weak: str) -> None:
    with pytest.raises(Problem, match="password_weak"):
        check_strength(weak, "rosa.maria.lopez", "Rosa")


def test_waits_double_up_to_the_longest() -> None:
    assert [wait_after(n) for n in range(FREE_FAILURES + 3)] == [0, 0, 0, 0, 15, 30, 60]
    assert wait_after(500) == LONGEST_WAIT
