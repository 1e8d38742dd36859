"""A courier file opens with the municipality's key, whole, or not at all."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest

from server.courier.envelope import new_key, public_part, seal, thumbprint, unseal
from server.problems import Problem

CONTENT = {"docs": [{"_id": "event:1:2", "text": "ñ"}], "photos": []}
AT = "2026-11-22T16:05:09.123Z"


def test_what_is_sealed_opens() -> None:
    key = new_key()
    file = seal(CONTENT, public_part(key), AT, bytes(12))
    assert unseal(orjson.dumps(file), {key["kid"]: key}) == CONTENT


def test_thumbprints_are_rfc_7638() -> None:
    # The key of RFC 7515, appendix A.3; its thumbprint follows from RFC 7638, section 3.1.
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "use": "sig",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
    assert thumbprint(jwk) == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"


@pytest.mark.parametrize("member", ["made_at", "epk", "iv", "ciphertext", "schema"])
def test_a_changed_file_does_not_open(member: str) -> None:
    key = new_key()
    file = seal(CONTENT, public_part(key), AT, bytes(12))
    other = seal(CONTENT, public_part(key), "2026-11-22T16:05:09.124Z", b"\x01" * 12)
    file[member] = other[member] if member != "schema" else "courier.v2"
    with pytest.raises(Problem) as caught:
        unseal(orjson.dumps(file), {key["kid"]: key})
    assert caught.value.code == "courier_unreadable"


@pytest.mark.parametrize(
    "file", [b"", b"[]", b"{}", b'{"schema":"courier.v1","kid":1}', b"\xff\xfe", b'{"schema":"courier.v1"}']
)
def test_what_is_no_file_is_refused(file: bytes) -> None:
    with pytest.raises(Problem) as caught:
        unseal(file, {})
    assert caught.value.code in {"courier_unreadable", "courier_key_unknown"}


def test_another_municipalitys_file_says_so() -> None:
    mine, theirs = new_key(), new_key()
    file = seal(CONTENT, public_part(theirs), AT, bytes(12))
    with pytest.raises(Problem) as caught:
        unseal(orjson.dumps(file), {mine["kid"]: mine})
    assert caught.value.code == "courier_key_unknown"


WEBCRYPTO = """
const [jwk, at, content] = process.argv.slice(1).map((text) => JSON.parse(text));
const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
const utf8 = (text) => new TextEncoder().encode(text);
const curve = { name: 'ECDH', namedCurve: 'P-256' };
const pair = await crypto.subtle.generateKey(curve, false, ['deriveBits']);
const recipient = await crypto.subtle.importKey('jwk', jwk, curve, false, []);
const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: recipient }, pair.privateKey, 256);
const base = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
const info = new Uint8Array([...utf8('courier.v1'), 0, ...utf8(jwk.kid)]);
const key = await crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
base,
  { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
const iv = crypto.getRandomValues(new Uint8Array(12));
const additionalData = utf8(`courier.v1.${jwk.kid}.${at}`);
const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key,
utf8(JSON.stringify(content))); const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk',
pair.publicKey); console.log(JSON.stringify({ schema: 'courier.v1', made_at: at, kid: jwk.kid, epk: { kty,
crv, x, y }, iv: b64(iv),
  ciphertext: b64(sealed) }));
"""


@pytest.mark.node
def test_a_file_made_by_webcrypto_opens() -> None:
    key = new_key()
    arguments: list[Any] = [public_part({**key, "ext": True}), AT, CONTENT]
    run = subprocess.run(
        [
            "node",
            "--input-type=module",
            "-e",
            WEBCRYPTO,
            *(orjson.dumps(value).decode() for value in arguments),
        ],
        cwd=Path(__file__).parent,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert unseal(run.stdout, {key["kid"]: key}) == CONTENT
