"""The ``manzana`` command: one group, one file a command in ``server/commands``.

Law: a command's mistakes are one sentence on standard error and a status of 1; a trace is a bug.
Whatever a command makes is its user's alone: files 0600, folders 0700.
A file ``server/commands/<name>.py`` holds ``command``; the file is imported when the command is used.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import sys

import click

from server import commands
from server.problems import Problem
from server.settings import SettingError
from sync.errors import EngineError


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name.rstrip("_") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        for name in (cmd_name, cmd_name + "_"):
            if importlib.util.find_spec(f"server.commands.{name}") is not None:
                command: click.Command = importlib.import_module(f"server.commands.{name}").command
                return command
        return None


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="manzana")
def group() -> None:
    """Manzana: an offline-first field app and sync server for municipal citizen service."""


def main() -> None:
    """The console script."""
    # Here and not at each file: the engine, SQLite and the libraries make files of their own.
    os.umask(0o077)
    try:
        group(standalone_mode=False)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.UsageError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _fail(error.format_message())
    except click.Abort:
        sys.exit(130)
    except SettingError as error:
        _fail(str(error))
    except Problem as problem:
        _fail(f"{problem.code}: {problem.reason}")
    except EngineError as error:
        _fail(f"{error.error}: {error.reason}")
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))


def _fail(sentence: str) -> None:
    click.echo(f"manzana: {sentence}", err=True)
    sys.exit(1)
