"""Memory that is free goes back to the system.

Law: nothing here changes what a program does. glibc keeps what was freed between what still stands: after a
town was
taken in, a fifth of what the service holds.
"""

from __future__ import annotations

import ctypes


def give_back() -> bool:
    """Whether the C library gave anything back; False too where it has no such call (musl, macOS)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and bool(trim(0))
