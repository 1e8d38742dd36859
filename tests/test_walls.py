"""The walls between packages: the contracts of ``[tool.importlinter]`` in pyproject.toml hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def lint(folder: Path, config: Path) -> subprocess.CompletedProcess[str]:
    """import-linter in a process of its own: it keeps a graph per process and changes ``sys.path``."""
    program = "from importlinter.cli import lint_imports_command as main; main()"
    command = [sys.executable, "-c", program, "--config", str(config), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_packages_form_no_ring_and_http_stands_above() -> None:
    found = lint(ROOT, ROOT / "pyproject.toml")
    assert found.returncode == 0, found.stdout[found.stdout.find("Contracts") :]
    assert "0 broken" in found.stdout


def test_a_ring_is_seen(tmp_path: Path) -> None:
    for name, other in (("low", "high"), ("high", "low")):
        (tmp_path / "town" / name).mkdir(parents=True)
        (tmp_path / "town" / name / "__init__.py").write_text(f"import town.{other}\n")
    (tmp_path / "town" / "__init__.py").touch()
    config = tmp_path / "pyproject.toml"
    config.write_text(
        '[tool.importlinter]\nroot_package = "town"\n[[tool.importlinter.contracts]]\nname = "layers"\n'
        'type = "layers"\ncontainers = ["town"]\nlayers = ["high", "low"]\n'
    )
    found = lint(tmp_path, config)
    assert found.returncode == 1
    assert "town.low is not allowed to import town.high" in found.stdout
