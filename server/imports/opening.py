"""A municipality's file as bytes, zipped by gzip or not.

Law: whether it is zipped is told by its first two bytes, whatever its name.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast


class TableError(ValueError):
    """A sentence about a file that cannot be read."""


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unzipped where it is gzip."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if zipped:
            with gzip.open(file) as unzipped:
                yield cast(IO[bytes], unzipped)
        else:
            yield file


def whole(path: Path) -> bytes:
    """All of it. Raises ``TableError`` where it is cut short."""
    try:
        with open_bytes(path) as file:
            return file.read()
    except EOFError as error:
        raise TableError(f"{path.name} is cut short: {error}.") from None
