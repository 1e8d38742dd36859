"""The proxy of `deploy/` as it is written there, before the real service: phones reach all of it by TLS."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.commandline import ROOT, make, serving
from tests.device import Refused, subject_of
from tests.server.evidence.pictures import picture
from tests.server.intake.municipality import inside
from tests.server.operations.test_commands import enrol


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def caddy(folder: Path, upstream: str) -> Iterator[tuple[str, Path]]:
    """The Caddyfile of `deploy/` before ``upstream``; gives its address and its authority's certificate.

    Only its surroundings are changed: a free loopback port, and no authority added to the machine.
    """
    port = free_port()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "SITE": f"localhost:{port}",
        "UPSTREAM": urlsplit(upstream).netloc,
    }
    adapted = subprocess.run(
        ["caddy", "adapt", "--config", str(ROOT / "deploy" / "Caddyfile"), "--adapter", "caddyfile"],
        env=env, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    config = json.loads(adapted.stdout)
    config["admin"] = {"disabled": True}
    config["apps"]["pki"] = {"certificate_authorities": {"local": {"install_trust": False}}}
    servers = config["apps"]["http"]["servers"]
    config["apps"]["http"]["http_port"] = free_port()
    for server in servers.values():
        server["listen"] = [f"127.0.0.1:{port}"]
        server.setdefault("automatic_https", {})["disable_redirects"] = True
    file = folder / "caddy.json"
    file.write_text(json.dumps(config))
    with socket.create_server(("127.0.0.1", 0)) as pinged:
        pinged.settimeout(60)
        child = subprocess.Popen(
            ["caddy", "run", "--config", str(file), "--pingback", f"127.0.0.1:{pinged.getsockname()[1]}"],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        reader: threading.Thread | None = None
        try:
            assert child.stdin is not None
            child.stdin.write(b"ready")
            child.stdin.close()
            # It says on this connection that it serves.
            pinged.accept()[0].close()
            # And in its log that it has the certificate, which on a busy machine comes later.
            assert child.stderr is not None
            assert any(b"certificate obtained successfully" in line for line in child.stderr)
            # The log goes on being read: a full pipe would stop it.
            reader = threading.Thread(target=child.stderr.read)
            reader.start()
            yield f"https://localhost:{port}", folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        finally:
            child.terminate()
            child.wait(60)
            if reader is not None:
                reader.join(60)
            if child.stderr is not None:
                child.stderr.close()


@pytest.mark.skipif(shutil.which("caddy") is None, reason="needs Caddy on PATH (Debian: apt install caddy)")
def test_phones_work_through_the_proxy_of_deploy(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    make(folder)
    with serving(folder, "--proxy") as upstream, caddy(tmp_path, upstream) as (url, authority):
        trust = ssl.create_default_context(cafile=str(authority))
        with httpx2.Client(base_url=url, verify=trust, timeout=60) as client:
            health = client.get("/healthz")
            assert health.json() == {"status": "ok"}
            assert "max-age=31536000" in health.headers["strict-transport-security"]
            # The proxy keeps the figures to the machine itself.
            assert client.get("/metrics").status_code == 404
            page = client.get("/gestion/entrar")
            assert page.status_code == 200
            assert "script-src 'self'" in page.headers["content-security-policy"]

            lucia = enrol(folder, url, client)
            assert lucia.pen
            event = lucia.pen.capture("bache", **inside(1))
            assert lucia.push([event])[0]["ok"]
            # A long poll is held by the service and answered through the proxy when the report comes.
            lucia.pull_until(lambda phone: subject_of(event) in phone.reports())
            assert lucia.reports()[subject_of(event)]["folio"] == "VP-000001"
            data = picture()
            sha = lucia.upload(data, "image/jpeg", event["_id"])
            assert len(sha) == 64
            assert lucia.upload(data, "image/jpeg", event["_id"]) == sha

            # Whoever guesses codes cannot choose the address that is counted: the proxy writes its own.
            tried = []
            for number in range(12):
                body = {"code": "00000000", "installation": "x", "public_key": {}}
                chosen = {"X-Forwarded-For": f"198.51.100.{number}"}
                tried.append(client.post("/api/enrol", json=body, headers=chosen).status_code)
            assert 429 not in tried[:9]
            assert tried[10:] == [429, 429]
            # And a session of a made-up token opens nothing through it either.
            lucia.token = "x" * 43
            with pytest.raises(Refused, match="401"):
                lucia.pull()
