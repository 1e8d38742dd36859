"""An acta proves what it says without the server, and whoever changes anything is told where."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from server.cases.canonical import canonical
from server.commands.verify import command
from server.papers import acta as module
from server.papers.acta import acta, check
from server.papers.enclosed import NoPaper, enclosed
from server.papers.proof import sealed, verify
from server.papers.typeset import maker
from tests.device import Pen, sign_text
from tests.server.evidence.pictures import picture
from tests.server.papers.samples import NOW, package

Json = dict[str, Any]


def resealed(changed: Json) -> Json:
    """As whoever has no key of the municipality would do: under a key of their own."""
    other = Pen("otra", "desk", lambda: NOW)
    bare = {name: value for name, value in changed.items() if name != "house"}
    return sealed(bare, other.public_key, lambda data: sign_text(other.key, data))


@pytest.mark.parametrize("positions", [True, False])
def test_an_acta_is_checked_by_itself(positions: bool) -> None:
    made, photos = package(positions=positions)
    data = acta(made, photos)
    assert data == acta(made, photos)
    assert b"<pdfaid:part>3</pdfaid:part>" in data
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data
    found = check(data)
    assert found.page is True
    assert not found.findings.faults
    states = [found.findings.states[step["event"]["_id"]] for step in made["events"]]
    worker = "whole" if positions else "withheld"
    assert states == ["whole", "withheld", "whole", worker, worker]


def test_what_is_withheld_is_nowhere_in_the_file() -> None:
    made, photos = package(positions=False)
    data = acta(made, photos)
    assert all(b"tercera vez" not in part for part in [data, *enclosed(data)]), "a note between offices"
    worker = [step["event"]["position"] for step in made["events"] if step["event"]["role"] == "brigade"]
    assert worker == [{"source": "gps"}] * 2
    auditor, _ = package(positions=True)
    assert auditor["events"][3]["event"]["position"]["lat"] == 21.12


CHANGES: dict[str, tuple[Any, str]] = {
    "the words of the closing": (
        lambda p: p["events"][4]["event"]["payload"].update(text="Nada."),
        "signature of finished",
    ),
    "its time": (
        lambda p: p["events"][4]["event"].update(occurred_at="2026-11-01T00:00:00.000Z"),
        "signature of finished",
    ),
    "another digest": (lambda p: p["events"][1].update(digest="0" * 64), "signature of noted"),
    "another key": (
        lambda p: p["events"][0].update(key=p["events"][4]["key"], chain=9),
        "signature of captured",
    ),
    "a key's name": (
        lambda p: p["keys"].update({"0" * 64: next(iter(p["keys"].values()))}),
        "does not have the name",
    ),
    "a step left out and its number taken": (
        lambda p: p["events"].append(copy.deepcopy(p["events"][0]) | {"admission": 9}),
        "have the number 1",
    ),
    "the order of a device": (
        lambda p: p["events"][3].update(hash="0" * 64),
        "signature of started",
    ),
    "a photo nobody signed": (lambda p: p["photos"][0].update(sha256="0" * 64), "declares the photo"),
    "no events": (lambda p: p.update(events=None), "malformed"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_acta_1_each_change_is_found(name: str) -> None:
    change, said = CHANGES[name]
    made, _ = package()
    change(made)
    faults = verify(made).faults
    assert any("municipality's signature" in fault for fault in faults) or "malformed" in faults[0]
    assert any(said in fault for fault in verify(resealed(made)).faults), verify(resealed(made)).faults


def test_a_page_that_says_something_else_is_found() -> None:
    made, photos = package()
    data = acta(made, photos)
    # Uncompressed parts of the page: its title stands in the metadata.
    other = data.replace(b"VP-000320", b"VP-000321", 1)
    assert other != data
    found = check(other)
    assert found.page is False
    assert "The page is not what the enclosed events give." in found.findings.faults
    assert not check(data + b"").findings.faults
    assert check(data + b"\n%%EOF\n").findings.faults, "what is written behind the end changes what is shown"


def test_another_photo_is_found() -> None:
    made, photos = package()
    ((name, _),) = photos.items()
    data = acta(made, {name: picture(size=(320, 240), seed=99)})
    assert any("enclosed photo" in fault for fault in check(data).findings.faults)


def test_of_another_version_the_events_are_checked_and_the_page_is_said_not_to_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, photos = package()
    data = acta(made, photos)
    monkeypatch.setattr(module, "maker", lambda: "0" * 64)
    found = check(data)
    assert found.page is None
    assert not found.findings.faults


def test_no_chance_is_given_to_files_that_are_none() -> None:
    for data in (
        b"",
        b"hola",
        b"%PDF-1.7\n",
        b"%PDF-1.7\n<</Type/EmbeddedFile/Length 2>>\nstream\n{}\nendstream",
    ):
        with pytest.raises(NoPaper):
            check(data)
    bomb = b"%PDF-1.7\n" + b"<</Length 1/Type/EmbeddedFile>>\nstream\nx\nendstream\n" * 100
    with pytest.raises(NoPaper):
        check(bomb)


def test_the_command_says_what_it_found(tmp_path: Path) -> None:
    made, photos = package()
    file, keys, original = tmp_path / "acta.pdf", tmp_path / "llaves.json", tmp_path / "foto.jpg"
    file.write_bytes(acta(made, photos))
    original.write_bytes(picture(seed=8))
    keys.write_bytes(canonical({"keys": [{"kid": made["house"]["kid"]}]}))
    run = CliRunner()
    good = run.invoke(command, [str(file), "--keys", str(keys), "--photo", str(original)])
    assert good.exit_code == 0, good.output
    assert "Se terminó: signature good" in good.output
    assert "byte for byte" in good.output
    assert f"{original} is a photo that a signed event declares" in good.output
    assert "does not say who held the device" in " ".join(good.output.split())
    alone = run.invoke(command, [str(file)])
    assert alone.exit_code == 0
    assert "NOT compared" in alone.output
    keys.write_bytes(canonical({"keys": []}))
    original.write_bytes(picture(seed=9))
    wrong = run.invoke(command, [str(file), "--keys", str(keys), "--photo", str(original)])
    assert wrong.exit_code == 1
    assert len(re.findall("FAULT:", wrong.output)) == 2
    other = tmp_path / "otra.pdf"
    other.write_bytes(acta(resealed(made), photos))
    assert run.invoke(command, [str(other), "--keys", str(keys)]).exit_code == 1
    assert run.invoke(command, [str(keys)]).exit_code == 1


JUNK: list[Any] = [
    {},
    {"events": 5, "photos": 5, "keys": 5, "house": 5},
    {"events": [None, 1, {}, {"event": None}, {"event": {}}], "photos": [], "maker": None},
    {"events": [{"event": {"_id": [], "kind": {}, "photos": [1, {}]}, "effective_at": 3}]},
    {"house": {"key": {}, "kid": "", "sig": ""}, "events": [], "keys": {}, "photos": []},
    {"house": {"key": {"kty": "EC", "crv": "P-256", "x": "\ud800"}, "kid": 1, "sig": 1}, "timezone": "../x"},
]


@pytest.mark.parametrize("number", range(len(JUNK)))
@pytest.mark.parametrize("known", [True, False])
def test_whatever_a_file_says_is_a_fault_and_no_trace(tmp_path: Path, number: int, known: bool) -> None:
    said = {"schema": "closing_act.v1", "maker": maker() if known else "x", **JUNK[number]}
    inside = json.dumps(said).encode()
    file = tmp_path / "a.pdf"
    head = b"%%PDF-1.7\n<</Length %d/Type/EmbeddedFile>>\nstream\n" % len(inside)
    file.write_bytes(head + inside + b"\nendstream\n")
    answer = CliRunner().invoke(command, [str(file), "--photo", str(file)])
    assert answer.exit_code == 1
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    assert "FAULT" in answer.output or "no acta" in answer.output
