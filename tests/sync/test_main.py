"""``python -m sync``: its arguments, where it listens, and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from sync.__main__ import bind, is_loopback, main

ROOT = Path(__file__).parents[2]


def start(folder: Path, *more: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "sync", "--data", str(folder), "--port", "0", *more]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def stop(process: subprocess.Popen[str], by: signal.Signals) -> int:
    process.send_signal(by)
    assert process.stdout is not None
    with process.stdout:
        return process.wait(30)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_it_keeps_data_and_name_over_a_restart(tmp_path: Path, by: signal.Signals) -> None:
    names = set()
    for again in (False, True):
        process, url = start(tmp_path / "data")
        with httpx2.Client(base_url=url, trust_env=False) as client:
            names.add(client.get("/").json()["uuid"])
            if not again:
                assert client.put("/db").status_code == 201
                assert client.put("/db/a", json={"n": 1}).status_code == 201
            assert client.get("/db/a").json()["n"] == 1
        assert stop(process, by) in (0, -by)
    assert len(names) == 1


def test_an_open_feed_does_not_hold_the_server(tmp_path: Path) -> None:
    process, url = start(tmp_path / "data")
    with httpx2.Client(base_url=url, trust_env=False) as client:
        client.put("/db")
        with client.stream("GET", "/db/_changes?feed=continuous&heartbeat=60000") as feed:
            assert feed.status_code == 200
            assert stop(process, signal.SIGTERM) in (0, -signal.SIGTERM)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),
        ("::", False), ("192.168.1.5", False), ("example.org", False), ("", False),
        ("127.0.0.1.example.org", False),
    ],
)  # fmt: skip
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_without_an_administrator_only_loopback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path / "data"), "--host", "0.0.0.0"]) == 2
    assert "--admin" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_a_busy_port_gets_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert main(["--data", str(tmp_path / "data"), "--port", str(port)]) == 2
    assert capsys.readouterr().err == f"Cannot listen on 127.0.0.1 port {port}: Address already in use.\n"


def test_a_folder_that_cannot_be_used_gets_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    assert main(["--data", str(tmp_path / "file" / "data"), "--port", "0"]) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert str(tmp_path) in said


@pytest.mark.parametrize(
    "arguments", [[], ["--data", "x", "--admin", "ana"], ["--data", "x", "--admin", ":x"]]
)
def test_arguments_that_cannot_be_followed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err
