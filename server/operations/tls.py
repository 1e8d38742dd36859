"""TLS for phones on a local network, by an authority of its own (LAN=1).

Law: the authority is made once per data folder and its key stays there, readable by its owner alone; the
server's certificate is made anew at each start for the addresses the machine has then. A municipality's real
service stands behind a proxy with a public certificate instead.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization

#: What phones accept at most for a leaf they are asked to trust (825 days), with room.
_LEAF_LIFE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files: the leaf with its chain, its key, and the authority to install on phones."""

    chain: Path
    key: Path
    authority: Path


def lan_address() -> str:
    """This machine's address on its network, as other machines would reach it; loopback without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # No packet is sent: connecting a datagram socket only chooses the route (TEST-NET-1, RFC 5737).
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def lan_names() -> set[str]:
    """By what other machines of the network may ask for this one: its address, its name, and that in mDNS."""
    name = socket.gethostname().lower()
    return {lan_address(), name, f"{name.removesuffix('.local')}.local"}


def _write_secret(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def certificate(folder: Path) -> Certificate:
    """The certificate for this start, by the authority of earlier starts where there is one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority, authority_key = folder / "autoridad.crt", folder / "autoridad.key"
    if authority.exists() and authority_key.exists() and _days_left(authority) > 30:
        ca = trustme.CA.from_pem(authority.read_bytes(), authority_key.read_bytes())
    else:
        ca = trustme.CA(organization_name="Manzana", organization_unit_name="Red local")
        _write_secret(authority_key, ca.private_key_pem.bytes())
        ca.cert_pem.write_to_path(str(authority))
    names = {"localhost", "127.0.0.1"} | lan_names()
    leaf = ca.issue_cert(*sorted(names), not_after=datetime.now(UTC) + _LEAF_LIFE)
    chain, key = folder / "servidor.crt", folder / "servidor.key"
    chain.write_bytes(b"".join(part.bytes() for part in leaf.cert_chain_pems))
    _write_secret(key, leaf.private_key_pem.bytes())
    return Certificate(chain, key, authority)


def _days_left(path: Path) -> float:
    loaded = x509.load_pem_x509_certificate(path.read_bytes())
    return (loaded.not_valid_after_utc - datetime.now(UTC)) / timedelta(days=1)


def authority_der(path: Path) -> bytes:
    """The authority as phones import it (DER, ``application/x-x509-ca-cert``)."""
    loaded = x509.load_pem_x509_certificate(path.read_bytes())
    return loaded.public_bytes(serialization.Encoding.DER)
