"""Documentation cannot drift: every command, setting, route and refusal is written down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import click
import pytest
from starlette.routing import Route

from server.cli import group
from server.problems import page
from server.settings import SETTINGS, Settings

DOCS = Path(__file__).resolve().parents[1] / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def commands(parent: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(parent, click.Group):
        context = click.Context(parent)
        for name in parent.list_commands(context):
            child = parent.get_command(context, name)
            assert child is not None
            yield from commands(child, (*words, name))
    else:
        yield words


def test_every_command_is_in_the_operators_guide() -> None:
    text = read("operators.md")
    for words in commands(group):
        row = next((line for line in text.splitlines() if line.startswith(f"| `manzana {words[0]}")), "")
        assert row, f"manzana {words[0]} is missing"
        for word in words[1:]:
            assert re.search(rf"[`\s]{word}[`\s]", row), f"manzana {' '.join(words)} is missing"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.env)
def test_every_setting_is_in_the_operators_guide_with_its_default(setting: Any) -> None:
    row = next(
        (line for line in read("operators.md").splitlines() if line.startswith(f"| `{setting.env}` |")), ""
    )
    assert row, f"{setting.env} is missing"
    default = next(field.default for field in fields(Settings) if field.name == setting.field)
    shown = row.split("|")[2].strip().strip("`")
    if setting.env in {"APP_DIR", "ORIGIN"}:
        return
    expected = {"": "–", (): "–", True: "1", False: "0"}.get(cast(Any, default), str(default))
    assert shown == expected, f"{setting.env}: {shown} is written, {expected} holds"


def all_routes() -> list[Route]:
    from server.web.office import routes as pages
    from server.web.ops import health
    from server.web.phones import accounts, courier, demonstration, photos, tus
    from server.web.phones import routes as gateway
    from server.web.public import chat, draws, folio, keys, reporting, whatsapp

    modules = (
        accounts,
        demonstration,
        gateway,
        courier,
        tus,
        photos,
        pages,
        folio,
        chat,
        reporting,
        whatsapp,
        keys,
        draws,
        health,
    )
    return [route for module in modules for route in module.ROUTES]


def test_every_route_is_in_the_gateways_page() -> None:
    text = re.sub(r"<[^>]*>", "{}", read("gateway.md"))
    for route in all_routes():
        path = re.sub(r"\{[^}]*\}", "{}", route.path)
        assert path in text, f"{route.path} is not in docs/gateway.md"


def test_the_way_of_a_receipt_names_what_there_is() -> None:
    """Every module of the table stands there, and every function in one of those its row names."""
    server = DOCS.parent / "server"
    rows = re.findall(r"^\|[^|]*\| (`[a-z/]+\.py`[^|]*) \| ([^|]*) \|$", read("intake.md"), re.MULTILINE)
    assert len(rows) > 10
    for modules, functions in rows:
        texts = ""
        for name in re.findall(r"`([^`]+)`", modules):
            path = next((p for p in (server / "intake" / name, server / name) if p.is_file()), None)
            assert path, f"docs/intake.md names {name}"
            texts += path.read_text(encoding="utf-8")
        for function in re.findall(r"`(?:\w+\.)?(\w+)`", functions):
            assert re.search(rf"def {function}\(", texts), f"docs/intake.md names {function}"


def test_the_page_of_refusals_is_the_catalogue() -> None:
    assert read("problems.md") == page(), "python -m server.problems > docs/problems.md"


def test_pages_point_at_pages_that_exist() -> None:
    root = DOCS.parent
    for path in [*DOCS.rglob("*.md")]:
        for name in re.findall(
            r"`((?:(?:docs|deploy|schemas|server|pwa|scripts)/[\w./-]+\.\w+|sync/[\w./-]+\.py))`",
            path.read_text("utf-8"),
        ):
            assert (root / name).exists(), f"{path.relative_to(root)} names {name}"
