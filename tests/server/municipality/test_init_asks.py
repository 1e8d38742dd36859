"""``manzana init`` takes the zone from where the municipality lies, and asks before it writes anything."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner

from server.commands.init import command
from server.context import open_context
from server.settings import Settings


def run(folder: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, ["--data-dir", str(folder), *words])
    return result.exit_code, result.output


def zone_written(folder: Path) -> str | None:
    async def read() -> str | None:
        async with open_context(Settings(data_dir=folder)) as context:
            found = (await context.reference_settings()).get("timezone")
            return str(found) if found else None

    return anyio.run(read)


@pytest.mark.parametrize("words", [(), ("--state", "Texas")])
def test_it_asks_where_no_zone_follows(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, said = run(tmp_path, "--municipality", "Cananea", *words)
    assert code == 2
    assert "--state" in said
    assert "--timezone" in said
    assert not (tmp_path / "engine").exists()


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        (("--state", "Sonora"), "America/Hermosillo"),
        (("--timezone", "America/Tijuana"), "America/Tijuana"),
        (("--state", "Sonora", "--timezone", "America/Phoenix"), "America/Phoenix"),
    ],
)
def test_what_follows_is_written_and_said(tmp_path: Path, words: tuple[str, ...], zone: str) -> None:
    code, said = run(tmp_path, "--municipality", "Cananea", *words)
    assert code == 0, said
    assert zone in said
    assert zone_written(tmp_path) == zone
