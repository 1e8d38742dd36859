"""Where the contract files are: ``schemas/`` beside the packages, or inside ``server`` once installed.

Law: contract files are read, never written, and a missing one stops the program at start.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_FOLDERS = (_PACKAGE.parent / "schemas", _PACKAGE / "schemas")


def contract(name: str) -> bytes:
    """The bytes of a file of ``schemas/``. Raises ``FileNotFoundError`` naming where it was sought."""
    for folder in _FOLDERS:
        path = folder / name
        if path.is_file():
            return path.read_bytes()
    raise FileNotFoundError(f"{name} is in none of: {', '.join(str(folder) for folder in _FOLDERS)}")
