"""The operator's commands, as processes: what they do, what they say, how they end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from tests.commandline import environment, make, manzana, serving
from tests.device import Device, citizen_document, photo, subject_of
from tests.server.intake.municipality import inside


def enrol(folder: Path, url: str, client: httpx2.Client, account: str = "lucia", **more: str) -> Device:
    code = manzana(folder, "account", "code", account, more=more)
    device = Device(client)
    device.enrol(code[:9])
    return device


def test_a_whole_life_on_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    make(folder)
    with serving(folder) as url, httpx2.Client(base_url=url) as client:
        lucia = enrol(folder, url, client)
        assert lucia.pen
        neighbour = citizen_document(datetime.now(UTC), name="Doña Chole", phone="4771230987")
        event = lucia.pen.capture(
            "bache", text="Frente al kínder", for_whom="neighbour", citizen=neighbour["_id"], **inside(1)
        )
        assert all(row["ok"] for row in lucia.push([neighbour, event]))
        lucia.pull()
        while event["_id"] not in [item[0] for item in lucia.ack["items"]]:
            query = {"since": lucia.since["mailbox"], "feed": "longpoll", "timeout": "20000"}
            lucia.call("GET", "/sync/mailbox/_changes", params=query, timeout=30)
            lucia.pull()
        assert lucia.reports()[subject_of(event)]["folio"] == "VP-000001"
        # What a redaction is asked for by, without a word of what it holds.
        found = manzana(folder, "redact", "find", "VP-000001")
        lines = found.splitlines()
        assert lines[0].split("\t")[:2] == [event["_id"], "captured"]
        assert {"citizen", "place", "position", "text"} <= set(lines[0].split("\t")[3].split())
        assert lines[1:] == [neighbour["_id"]]
        assert "kínder" not in found
        assert "no report with that folio" in manzana(folder, "redact", "find", "VP-000002", code=1)
        # Beside the running service: a backup, a check, a list, a revocation that holds at once.
        done = manzana(folder, "backup", str(tmp_path / "backups"))
        made = re.search(r"^(\S+): \d+ documents, 0 photos, admissions up to [1-9]", done)
        assert made, done
        assert "as it must be" in manzana(folder, "check")
        assert "lucia\tblock_leader\tLucía\t1 phones" in manzana(folder, "account", "list")
        assert "asked to make every mailbox anew" in manzana(folder, "rebuild")
        assert "is running" in manzana(folder, "restore", made[1], code=1)
        assert "running on these data already" in manzana(folder, "serve", "--port", "0", code=1)
        port = url.rpartition(":")[2]
        assert "Set PORT to another number" in manzana(tmp_path / "other", "serve", "--port", port, code=1)
        manzana(folder, "account", "revoke", lucia.pen.id)
    other = tmp_path / "restored"
    other.mkdir()
    assert "folio ledger is missing" in manzana(other, "restore", made[1])
    assert "as it must be" in manzana(other, "check")
    assert "made anew" in manzana(other, "rebuild")
    assert manzana(other, "intake", "list") == ""
    assert "neither refused nor in quarantine" in manzana(other, "intake", "retry", "nada", code=1)
    made_here = [path for root in (folder, tmp_path / "backups", other) for path in (root, *root.rglob("*"))]
    assert len(made_here) > 10
    assert [str(path) for path in made_here if path.stat().st_mode & 0o077] == []


def test_a_photo_that_a_report_only_names_is_not_offered_for_erasing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    make(folder)
    with serving(folder) as url, httpx2.Client(base_url=url) as client:
        lucia = enrol(folder, url, client)
        assert lucia.pen
        another = photo(b"of another report")
        event = lucia.pen.capture("bache", photos=[another], **inside(1))
        assert all(row["ok"] for row in lucia.push([event]))
        lucia.pull()
        while event["_id"] not in [item[0] for item in lucia.ack["items"]]:
            query = {"since": lucia.since["mailbox"], "feed": "longpoll", "timeout": "20000"}
            lucia.call("GET", "/sync/mailbox/_changes", params=query, timeout=30)
            lucia.pull()
    found = manzana(folder, "redact", "find", "VP-000001")
    assert "photos" in found
    assert another["sha256"] not in found


def test_accounts_from_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    create = ("account", "create", "ana", "--role", "admin", "--name", "Ana Ruiz")
    manzana(folder, *create)
    assert "account_exists" in manzana(folder, *create, code=1)
    assert "account_invalid" in manzana(
        folder, "account", "create", "b", "--role", "brigade", "--name", "B", code=1
    )
    assert "password_weak" in manzana(folder, "account", "password", "ana", text="corta\n", code=1)
    manzana(folder, "account", "password", "ana", text="tres tristes tigres\n")
    assert "account_unknown" in manzana(folder, "account", "password", "nadie", text="x" * 20, code=1)
    assert "code_not_allowed" in manzana(folder, "account", "code", "ana", code=1)
    manzana(folder, "account", "suspend", "ana")
    assert "(suspended)" in manzana(folder, "account", "list")
    manzana(folder, "account", "suspend", "ana", "--back")
    with serving(folder) as url, httpx2.Client(base_url=url) as client:
        form = {"usuario": "ana", "clave": "tres tristes tigres"}
        assert client.post("/gestion/entrar", data=form).status_code == 303


@pytest.mark.parametrize(
    ("words", "more", "sentence"),
    [
        (("serve",), {"PORT": "ninety"}, "PORT='ninety' cannot be used: must be a whole number between"),
        (("serve", "--port", "0"), {"DATA_DIR": "/dev/null"}, "DATA_DIR=/dev/null cannot be used: it is"),
        (("demo",), {"DATA_DIR": "/proc/data"}, "DATA_DIR=/proc/data cannot be written to ("),
        (("serve", "--port", "0", "--host", "192.0.2.1"), {}, "that is no address of this machine. Set HOST"),
        (("serve", "--intake", "--no-intake"), {}, "exclude each other"),
        (("serve", "--host", "no.such.host.invalid"), {}, "no address of this machine"),
        (("serve", "--port", "0"), {"COUCHDB_URL": "http://u:clave@127.0.0.1:9"}, "cannot be used: http://127.0.0.1:9"),
        (("check",), {}, "There are no data in"),
        (("restore", "."), {}, "no finished backup"),
        (("replicate", "inbox", "http://"), {}, "target"),
        (("nonsense",), {}, "No such command"),
    ],
)  # fmt: skip
def test_mistakes_get_one_sentence(
    tmp_path: Path, words: tuple[str, ...], more: dict[str, str], sentence: str
) -> None:
    code = 2 if "exclude" in sentence or "command" in sentence else 1
    said = manzana(tmp_path / "data", *words, code=code, more=more)
    assert sentence in said
    assert "clave" not in said


@pytest.mark.parametrize(("word", "code"), [("check", 1), ("nonsense", 2)])
def test_a_mistake_is_said_on_standard_error_alone(tmp_path: Path, word: str, code: int) -> None:
    folder = tmp_path / "data"
    command = [sys.executable, "-m", "server", word]
    done = subprocess.run(command, env=environment(folder), cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.decode() == manzana(folder, word, code=code)


def test_a_lan_service_speaks_tls_that_its_authority_vouches_for(tmp_path: Path) -> None:
    import ssl

    folder = tmp_path / "data"
    make(folder)
    with serving(folder, "--lan", "--host", "127.0.0.1") as url:
        assert url.startswith("https://")
        trust = ssl.create_default_context(cafile=str(folder / "tls" / "autoridad.crt"))
        port = url.rpartition(":")[2].rstrip("/")
        with httpx2.Client(base_url=f"https://127.0.0.1:{port}", verify=trust) as client:
            answer = client.get("/healthz")
            assert answer.status_code == 200
            assert answer.headers["strict-transport-security"]
            assert client.get("/autoridad.crt").status_code == 200
            assert client.get("/api/demo").status_code == 404


@pytest.mark.parametrize("engine", ["embedded", pytest.param("couchdb", marks=pytest.mark.couchdb)])
def test_gateway_and_intake_apart(tmp_path: Path, engine: str) -> None:
    url = os.environ.get("COUCHDB_URL")
    if engine == "couchdb" and not url:
        pytest.skip("needs a real CouchDB named by COUCHDB_URL")
    import asyncio
    import uuid

    from sync.couchdb import open_couchdb

    prefix = f"test-{uuid.uuid4()}-"
    more = {"COUCHDB_URL": url, "COUCHDB_PREFIX": prefix} if engine == "couchdb" and url else {}
    folder = tmp_path / "data"

    async def drop() -> None:
        if not more:
            return
        assert url
        async with await open_couchdb(url, prefix=prefix) as engine:
            for name in await engine.names():
                await engine.delete(name)

    try:
        make(folder, **more)
        intake = subprocess.Popen(
            [sys.executable, "-m", "server", "serve", "--intake"],
            env=environment(folder, **more),
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with serving(folder, "--no-intake", **more) as address, httpx2.Client(base_url=address) as client:
                lucia = enrol(folder, address, client, **more)
                assert lucia.pen
                event = lucia.pen.capture("bache", **inside(1))
                lucia.push([event])
                lucia.pull()
                while event["_id"] not in [item[0] for item in lucia.ack.get("items", [])]:
                    query = {"since": lucia.since["mailbox"], "feed": "longpoll", "timeout": "20000"}
                    lucia.call("GET", "/sync/mailbox/_changes", params=query, timeout=30)
                    lucia.pull()
                assert lucia.reports()[subject_of(event)]["folio"] == "VP-000001"
                assert intake.poll() is None
        finally:
            intake.send_signal(signal.SIGTERM)
            intake.wait(60)
        assert intake.returncode == 0
        assert "as it must be" in manzana(folder, "check", more=more)
    finally:
        asyncio.run(drop())
