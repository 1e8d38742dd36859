"""``make audit`` says what an advisory service answered, and takes no silence for a clean bill."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "advisories.py"

CLEAN = {"name": "click", "version": "8.5.1", "vulns": []}
BAD = {
    "name": "pillow",
    "version": "9.0.0",
    "vulns": [{"id": "PYSEC-2022-1", "fix_versions": ["9.0.1"], "aliases": [], "description": ""}],
}
UNKNOWN = {"name": "apsw", "skip_reason": "Dependency not found on PyPI and could not be audited"}
NPM = {"metadata": {"dependencies": {"total": 20}}, "vulnerabilities": {}}


def say(tmp_path: Path, kind: str, answer: Any, errors: str = "") -> tuple[int, str]:
    said, wrong = tmp_path / "answer", tmp_path / "errors"
    said.write_text(answer if isinstance(answer, str) else json.dumps(answer))
    wrong.write_text(errors)
    done = subprocess.run(
        [sys.executable, str(SCRIPT), kind, str(said), str(wrong)],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("kind", "answer", "errors", "code", "sentence"),
    [
        ("python", {"dependencies": [CLEAN]}, "", 0, "1 packages judged, 0 advisories"),
        ("python", {"dependencies": [CLEAN, BAD]}, "", 1, "pillow 9.0.0: PYSEC-2022-1 (mended in 9.0.1)"),
        ("python", {"dependencies": [CLEAN, UNKNOWN]}, "", 1, "knows nothing of 1 of 2 packages"),
        ("python", {"dependencies": []}, "", 1, "0 packages judged"),
        ("python", "", "a\nno route to host\n", 1, "nothing was audited: no route to host"),
        ("npm", NPM, "", 0, "20 packages judged, 0 advisories"),
        (
            "npm",
            {**NPM, "vulnerabilities": {"idb": {"range": "<9", "severity": "high"}}},
            "",
            1,
            "idb <9: high",
        ),
        ("npm", {"message": "405 Method Not Allowed", "error": {}}, "x", 1, "audited: 405 Method Not"),
        ("npm", "", "", 1, "it said nothing"),
    ],
)
def test_an_answer_becomes_lines_and_a_status(
    tmp_path: Path, kind: str, answer: Any, errors: str, code: int, sentence: str
) -> None:
    status, said = say(tmp_path, kind, answer, errors)
    assert status == code
    assert sentence in said
    assert "Traceback" not in said
