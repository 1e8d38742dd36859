"""The LAN authority is made once, its key is private, and clients that trust it trust the server."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

from cryptography import x509

from server.operations.tls import authority_der, certificate, lan_address


def test_the_authority_stays_and_the_leaf_is_new(tmp_path: Path) -> None:
    first = certificate(tmp_path / "tls")
    authority, leaf = first.authority.read_bytes(), first.chain.read_bytes()
    second = certificate(tmp_path / "tls")
    assert second.authority.read_bytes() == authority
    assert second.chain.read_bytes() != leaf
    for key in (second.key, tmp_path / "tls" / "autoridad.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert x509.load_der_x509_certificate(authority_der(second.authority)).subject


def test_a_client_that_trusts_the_authority_trusts_the_server(tmp_path: Path) -> None:
    made = certificate(tmp_path / "tls")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.chain, made.key)
    client = ssl.create_default_context(cafile=str(made.authority))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=lan_address())
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    done = set()
    for _ in range(10):
        for name, side in (("client", ours), ("server", theirs)):
            try:
                side.do_handshake()
                done.add(name)
            except ssl.SSLWantReadError:
                continue
    assert done == {"client", "server"}
