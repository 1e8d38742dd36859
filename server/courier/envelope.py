"""The courier file: sealed by a phone, opened by the municipality alone.

Law: whoever carries the file learns nothing from it but when it was made and for which key. What is inside
proves itself: events by their signatures, photos by their hashes; so the file needs no signature of its own.

ECDH-ES on P-256, HKDF-SHA-256 (RFC 5869), AES-256-GCM, all of them in WebCrypto; docs/gateway.md has the
form.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.accounts.keys import canonical_jwk, decode, encode, public_key
from server.problems import Problem

SCHEMA = "courier.v1"


def thumbprint(jwk: dict[str, Any]) -> str:
    """The key's id (RFC 7638): base64url SHA-256 of its required members in order."""
    bare = canonical_jwk(jwk)
    text = orjson.dumps({name: bare[name] for name in ("crv", "kty", "x", "y")})
    return encode(hashlib.sha256(text).digest())


def new_key() -> dict[str, Any]:
    """A private JWK with its ``kid``."""
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.private_numbers()
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": encode(numbers.public_numbers.x.to_bytes(32)),
        "y": encode(numbers.public_numbers.y.to_bytes(32)),
    }
    return {**jwk, "kid": thumbprint(jwk), "d": encode(numbers.private_value.to_bytes(32))}


def public_part(jwk: dict[str, Any]) -> dict[str, Any]:
    return {name: jwk[name] for name in ("kty", "crv", "x", "y", "kid")}


def _derive(shared: bytes, kid: str) -> AESGCM:
    info = SCHEMA.encode() + b"\x00" + kid.encode()
    return AESGCM(HKDF(SHA256(), 32, salt=b"", info=info).derive(shared))


def _header(kid: str, made_at: str) -> bytes:
    return f"{SCHEMA}.{kid}.{made_at}".encode()


def seal(content: dict[str, Any], recipient: dict[str, Any], made_at: str, iv: bytes) -> dict[str, Any]:
    """The file for ``content``, as a phone makes it. ``iv``: 12 random bytes."""
    kid = recipient["kid"]
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    shared = ephemeral.exchange(ec.ECDH(), public_key(recipient))
    numbers = ephemeral.public_key().public_numbers()
    sealed = _derive(shared, kid).encrypt(iv, orjson.dumps(content), _header(kid, made_at))
    return {
        "schema": SCHEMA,
        "made_at": made_at,
        "kid": kid,
        "epk": {
            "kty": "EC",
            "crv": "P-256",
            "x": encode(numbers.x.to_bytes(32)),
            "y": encode(numbers.y.to_bytes(32)),
        },
        "iv": encode(iv),
        "ciphertext": encode(sealed),
    }


def unseal(file: bytes, keys: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What a file holds. ``keys``: private JWKs by ``kid``.

    Raises ``courier_unreadable`` or ``courier_key_unknown``.
    """
    try:
        envelope = orjson.loads(file)
        if not isinstance(envelope, dict) or envelope.get("schema") != SCHEMA:
            raise Problem("courier_unreadable", "not a courier.v1 file")
        kid, made_at = str(envelope.get("kid")), str(envelope.get("made_at"))
        if kid not in keys:
            raise Problem("courier_key_unknown")
        private = ec.derive_private_key(int.from_bytes(decode(keys[kid]["d"], 32)), ec.SECP256R1())
        shared = private.exchange(ec.ECDH(), public_key(envelope.get("epk")))
        sealed = _any_length(envelope.get("ciphertext"))
        opened = _derive(shared, kid).decrypt(decode(envelope.get("iv"), 12), sealed, _header(kid, made_at))
        content = orjson.loads(opened)
    except (ValueError, InvalidTag) as error:
        raise Problem("courier_unreadable", f"{type(error).__name__}: {error}") from None
    except Problem as problem:
        if problem.code == "key_invalid":
            raise Problem("courier_unreadable", "epk is no P-256 key") from None
        raise
    if not isinstance(content, dict) or not isinstance(content.get("docs"), list):
        raise Problem("courier_unreadable", "the content has no docs")
    return content


def _any_length(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("base64url is needed")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
