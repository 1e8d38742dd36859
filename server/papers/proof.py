"""What an acta de cierre carries inside, and how anybody checks it without the server.

Law ACTA-1: a signature proves that whoever held that key sealed those bytes, and no more. Which key is whose,
what ids are called and what is withheld is the municipality's word, under the municipality's own key; whether
that key is the municipality's is for whoever checks to compare. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypedDict

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from server.accounts.keys import decode
from server.cases.canonical import CanonicalError, canonical, event_hash, signed_bytes
from server.cases.signature import KeyInvalid, PublicKey, load_key
from server.documents.shapes import Event, Record

#: The package of an acta, or a part of it. It is carried about: ``verify`` judges what somebody brings.
Part = dict[str, Any]

SCHEMA = "closing_act.v1"
#: The name of the file inside the PDF.
NAME = "acta.json"
_PREHASHED = ec.ECDSA(utils.Prehashed(hashes.SHA256()))

#: How a step's signature stands, in the acta's words.
STATES = {
    "whole": "Válida",
    "withheld": "Válida*",
    "unsigned": "Sin firma",
    "unknown": "No comprobable",
    "wrong": "NO VÁLIDA",
}


@dataclass(slots=True)
class Findings:
    """``faults``: what is wrong, in sentences. ``states``: of each event by id. ``told``: what was found."""

    faults: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Hex SHA-256 of a key (RFC 7638): how a key is named and read out."""
    return hashlib.sha256(canonical({name: jwk.get(name) for name in ("crv", "kty", "x", "y")})).hexdigest()


def withhold(event: Event, *, position: bool, author: bool, words: bool) -> tuple[Part, list[str]]:
    """The event without what its reader may not have, and the names of what is left out.

    ``position``: where exactly somebody stood; ``author``: who captured what is confidential; ``words``: a
    note between offices.
    """
    gone = []
    shown: Part = dict(event)
    if position:
        shown["position"] = {"source": event["position"].get("source", "none")}
        gone.append("position")
    if author:
        shown |= {"actor": None, "device": None}
        gone += ["actor", "device"]
    if words and event["payload"]:
        shown["payload"] = {}
        gone.append("payload")
    return shown, gone


class Gone(TypedDict):
    """What a ``redacted.v1`` says; without a digest where an exact position went by age."""

    members: list[str]
    digest: str | None


def step_of(
    record: Record, gone: Gone | None, shown: Part, withheld: list[str], *, chain: int, key: str | None
) -> Part:
    """One step of the package. ``gone``: the ``redacted.v1`` of an event that lacks members by law, or None.
    ``chain`` numbers the devices; ``key`` names the device's, None for what no device signed.
    """
    event = record["event"]
    digest = hashlib.sha256(signed_bytes(event)).hexdigest() if gone is None else gone["digest"]
    return {
        "event": shown,
        "withheld": [*withheld, *(gone["members"] if gone else ())],
        "digest": digest,
        # Of what the law masked nobody can compute the whole any more.
        "hash": event_hash(event) if gone is None else None,
        "admission": record["admission"],
        "effective_at": record["effective_at"],
        "chain": chain,
        "key": key,
    }


def sealed(package: Part, key: Mapping[str, Any], sign: Callable[[bytes], str]) -> Part:
    """The package under the municipality's key; ``sign`` gives base64url r‖s over bytes."""
    house = {"key": dict(key), "kid": thumbprint(key)}
    return {**package, "house": {**house, "sig": sign(canonical({**package, "house": house}))}}


def verify(package: Part) -> Findings:
    """Everything that the package alone can be asked. Raises nothing: what is malformed is a fault."""
    found = Findings()
    try:
        if package.get("schema") != SCHEMA:
            raise ValueError(f"it is no {SCHEMA}")
        _house(package, found)
        keys = _keys(package, found)
        for step in package["events"]:
            _signature(step, keys, found)
        _chains(package["events"], found)
        _photos(package, found)
    except (KeyError, TypeError, ValueError, AttributeError, CanonicalError) as error:
        found.faults.append(f"The enclosed file is malformed: {type(error).__name__} {error}")
    return found


def _house(package: Part, found: Findings) -> None:
    house = dict(package["house"])
    sig = house.pop("sig")
    if house["kid"] != thumbprint(house["key"]):
        found.faults.append("The municipality's key does not have the name it is given.")
    if not _good(
        load_key(house["key"]), sig, hashlib.sha256(canonical({**package, "house": house})).digest()
    ):
        found.faults.append("The municipality's signature over the enclosed file is wrong.")


def _keys(package: Part, found: Findings) -> dict[str, PublicKey]:
    keys = {}
    for kid, doc in package["keys"].items():
        if kid != thumbprint(doc["jwk"]):
            found.faults.append(f"Key {kid[:16]} does not have the name it is given.")
        try:
            keys[kid] = load_key(doc["jwk"])
        except KeyInvalid as error:
            found.faults.append(f"Key {kid[:16]}: {error}")
    return keys


def _good(key: PublicKey, sig: object, digest: bytes) -> bool:
    """Whether ``sig`` is this key's over what has that SHA-256."""
    try:
        raw = decode(sig, 64)
        der = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        key.verify(der, digest, _PREHASHED)
    except (ValueError, InvalidSignature):
        return False
    return True


def _signature(step: Part, keys: Mapping[str, PublicKey], found: Findings) -> None:
    event = step["event"]
    name = str(event["_id"])
    state = "wrong"
    if not event.get("sig"):
        state = "unsigned"
    elif step["key"] is None or step["digest"] is None:
        state = "unknown"
    elif step["key"] in keys and _good(keys[step["key"]], event["sig"], bytes.fromhex(step["digest"])):
        if step["withheld"]:
            state = "withheld"
        elif hashlib.sha256(signed_bytes(event)).hexdigest() == step["digest"]:
            state = "whole"
    if state == "whole" and event_hash(event) != step["hash"]:
        state = "wrong"
    found.states[name] = state
    if state == "wrong":
        found.faults.append(f"The signature of {event.get('kind')} ({name}) is wrong.")


def _chains(steps: list[Part], found: Findings) -> None:
    """Each device's events in its own order: what follows directly names what came before by its hash."""
    chains: dict[int, list[Part]] = {}
    for step in steps:
        if step["key"] is not None:
            chains.setdefault(step["chain"], []).append(step)
    linked = apart = 0
    for mine in chains.values():
        mine.sort(key=lambda step: step["event"]["device_seq"])
        for before, after in pairwise(mine):
            first, second = before["event"]["device_seq"], after["event"]["device_seq"]
            if first == second:
                found.faults.append(f"Two events of one device have the number {first}.")
            elif second > first + 1 or before["hash"] is None:
                apart += 1
            elif after["event"]["prev"] != before["hash"]:
                found.faults.append(f"Event {second} of a device does not follow its event {first}.")
            else:
                linked += 1
    found.told.append(
        f"{len(chains)} devices; {linked} events follow directly on the one before them, between {apart} lie "
        "events of other reports."
    )


def _photos(package: Part, found: Findings) -> None:
    declared: dict[str, set[str]] = {}
    for step in package["events"]:
        for photo in step["event"].get("photos") or ():
            declared.setdefault(step["event"]["_id"], set()).add(photo["sha256"])
    for photo in package["photos"]:
        if photo["sha256"] not in declared.get(photo["event"], set()):
            found.faults.append(f"No enclosed event declares the photo {photo['sha256']}.")
