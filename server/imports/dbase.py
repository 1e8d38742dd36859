"""The texts of a dBase table, by their bytes.

Law: what the label beside it (.cpg) says of its letters holds only where the bytes agree: labels are copied
from one folder to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.imports.codepages import Evidence, judge
from server.imports.columns import Reading, tidy

#: How labels call code pages, besides Python's own names.
_LABELS = {
    "ansi 1252": "cp1252",
    "1252": "cp1252",
    "850": "cp850",
    "88591": "latin-1",
    "utf-8": "",
    "utf8": "",
}
#: Begins a text nobody can read: it never passes for a right one.
DOUBTFUL = "\ufffd"


def letters(label: Path, reading: Reading, names: list[str], columns: list[Any]) -> list[str]:
    """Read the texts of ``columns``, given as Latin-1, in place; gives the names of the columns."""
    said = label.read_text("ascii", "replace").strip().lower() if label.exists() else ""
    page = reading.encoding or _LABELS.get(said, said)
    texts = [column for column in columns if column.dtype == object]
    if not _agrees(page, _bytes(texts)):
        page = ""
    evidence = Evidence(page or None)
    heads = [name.encode("latin-1", "replace") for name in names]
    for raw in (*_bytes(texts), *heads):
        evidence.add(raw)
    for column in texts:
        for at, cell in enumerate(column):
            if isinstance(cell, str) and not cell.isascii():
                line = evidence.read(cell.encode("latin-1"))
                column[at] = DOUBTFUL + line.text if line.doubtful else line.text
    return [tidy(evidence.read(name).text) for name in heads]


def _bytes(texts: list[Any]) -> Iterator[bytes]:
    return (cell.encode("latin-1") for column in texts for cell in column if isinstance(cell, str))


def _agrees(page: str, cells: Iterator[bytes]) -> bool:
    try:
        for cell in cells if page else ():
            if judge(cell.decode(page)).wrong:
                return False
    except (LookupError, UnicodeDecodeError):
        return False
    return True
