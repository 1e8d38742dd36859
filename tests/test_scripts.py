"""The scripts a newcomer runs: a missing tool is one sentence, before anything is downloaded or made."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: What every Unix has; neither Python nor Node is among them.
PLAIN = ("bash", "env", "dirname", "cmp", "mkdir", "cp", "rm", "find", "touch", "printf")
#: An interpreter that answers like one that is recent enough, or too old.
NEW, OLD = "#!/bin/sh\nexit 0\n", '#!/bin/sh\n[ "$1" = --version ] && echo v18.1.0\nexit 1\n'


def checkout(folder: Path) -> Path:
    """What `scripts/install` reads of a fresh clone."""
    folder.mkdir()
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.lock", "package-lock.json", "pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, folder)
    return folder


def tools(folder: Path, **scripts: str) -> Path:
    """A PATH of plain tools and the given scripts, by name."""
    folder.mkdir()
    for name in PLAIN:
        there = shutil.which(name)
        assert there, name
        (folder / name).symlink_to(there)
    for name, text in scripts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("scripts", "sentence"),
    [
        ({"node": NEW, "npm": NEW}, "Python 3.11 or newer is needed and none was found"),
        ({"python3": OLD, "node": NEW, "npm": NEW}, "Python 3.11 or newer is needed and none was found"),
        ({"python3": NEW}, "Node.js 20 or newer is needed and 'node' was not found on PATH"),
        ({"python3": NEW, "node": OLD}, "Node.js 20 or newer is needed and 'node' is v18.1.0"),
        ({"python3": NEW, "node": NEW}, "npm was not found on PATH although node was"),
    ],
)
def test_a_missing_tool_is_one_sentence(tmp_path: Path, scripts: dict[str, str], sentence: str) -> None:
    folder = checkout(tmp_path / "clone")
    # The search also looks where Python usually lies, whatever PATH says: there it finds nothing here.
    script = folder / "scripts" / "install"
    text = script.read_text()
    assert "/usr/bin/python3 /usr/local/bin/python3" in text
    script.write_text(text.replace("/usr/bin/python3 /usr/local/bin/python3", ""))
    done = subprocess.run(
        [shutil.which("bash") or "bash", "scripts/run"],
        cwd=folder,
        env={"PATH": str(tools(tmp_path / "bin", **scripts)), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"manzana: {sentence}")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert not (folder / ".venv").exists()
    assert not (folder / "node_modules").exists()
