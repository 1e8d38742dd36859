"""Device keys: public JWKs on P-256, and the signatures they make over a challenge.

Law: only a valid point of P-256 is ever stored, in canonical members, and never a private part
(RFC 7517, RFC 7518 §6.2.1). Signatures are r‖s, 64 bytes (RFC 7518 §3.4). Pure.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from server.accounts.documents import Jwk
from server.problems import Problem


def decode(text: object, length: int) -> bytes:
    """base64url without padding of exactly ``length`` bytes. Raises ``ValueError``."""
    if not isinstance(text, str) or "=" in text:
        raise ValueError("base64url without padding is needed")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if len(data) != length:
        raise ValueError(f"{length} bytes are needed, {len(data)} came")
    return data


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public_key(jwk: object) -> ec.EllipticCurvePublicKey:
    """The key of a JWK. Raises ``key_invalid``."""
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" in jwk:
        raise Problem("key_invalid")
    try:
        x = int.from_bytes(decode(jwk.get("x"), 32))
        y = int.from_bytes(decode(jwk.get("y"), 32))
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except ValueError as error:
        raise Problem("key_invalid", str(error)) from None


def canonical_jwk(jwk: object) -> Jwk:
    """The members that make the key, and no others. Raises ``key_invalid``."""
    numbers = public_key(jwk).public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": encode(numbers.x.to_bytes(32)),
        "y": encode(numbers.y.to_bytes(32)),
    }


def verifies(jwk: Jwk, message: bytes, signature: object) -> bool:
    """Whether ``signature`` (base64url r‖s) is this key's over ``message`` with SHA-256."""
    try:
        raw = decode(signature, 64)
        der = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        public_key(jwk).verify(der, message, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
