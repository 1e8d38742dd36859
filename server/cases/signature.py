"""Signatures of events: ECDSA on P-256 with SHA-256, as WebCrypto writes them (r then s, 32 bytes each).

Law: a signature either verifies under the enrolled key over the canonical form, or it does not; nothing
malformed raises, because what a device sends may be anything. A key is checked once, at enrolment, and does
raise.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

PublicKey = ec.EllipticCurvePublicKey

_ECDSA = ec.ECDSA(hashes.SHA256())
_SIGNATURE = re.compile("[A-Za-z0-9_-]{85}[AQgw]")  # 64 bytes, base64url without padding, spare bits zero
_COORDINATE = re.compile("[A-Za-z0-9_-]{43}")  # 32 bytes


class KeyInvalid(ValueError):
    """Not a JWK of a point on P-256, or one that carries its private part."""


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def load_key(jwk: object) -> PublicKey:
    """The public key of a JWK (RFC 7518 §6.2.1): kty EC, crv P-256, x, y. Raises ``KeyInvalid``."""
    if not isinstance(jwk, Mapping) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise KeyInvalid("the key must be a JWK with kty EC and crv P-256")
    if "d" in jwk:
        raise KeyInvalid("the key carries its private part; it must never leave the device")
    x, y = jwk.get("x"), jwk.get("y")
    if not (isinstance(x, str) and isinstance(y, str)) or not all(map(_COORDINATE.fullmatch, (x, y))):
        raise KeyInvalid("x and y must be 32 bytes each, base64url without padding")
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(_decode(x), "big"), int.from_bytes(_decode(y), "big"), ec.SECP256R1()
    )
    try:
        return numbers.public_key()
    except ValueError as error:
        raise KeyInvalid("x and y are not a point on P-256") from error


def verify_bytes(key: PublicKey, sig: object, message: bytes) -> bool:
    """Whether ``sig`` (base64url r‖s) is this key's signature over ``message``."""
    if not isinstance(sig, str) or not _SIGNATURE.fullmatch(sig):
        return False
    try:
        raw = _decode(sig)
    except binascii.Error:
        return False
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        key.verify(der, message, _ECDSA)
    except InvalidSignature:
        return False
    return True
