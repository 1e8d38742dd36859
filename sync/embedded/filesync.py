"""An fsync of the database file, by SQLite's own handle of it.

Law: the file is never opened a second time for this: closing such a handle would drop the locks that SQLite
holds on the file in this process (POSIX locks belong to a process and a file, not to a handle).

The two structures are SQLite's public ones ("OS Interface File Virtual Methods Object"), of which only the
beginning is needed.
"""

from __future__ import annotations

import ctypes

import apsw

#: SQLITE_SYNC_NORMAL: an fsync, and no more than that.
_NORMAL = 2


class _Methods(ctypes.Structure):
    _fields_ = (
        ("iVersion", ctypes.c_int),
        ("xClose", ctypes.c_void_p),
        ("xRead", ctypes.c_void_p),
        ("xWrite", ctypes.c_void_p),
        ("xTruncate", ctypes.c_void_p),
        ("xSync", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)),
    )


class _File(ctypes.Structure):
    _fields_ = (("pMethods", ctypes.POINTER(_Methods)),)


def sync_file(db: apsw.Connection) -> None:
    """What was written to the connection's database file is on disk. Raises ``apsw.IOError``.

    The connection must not be used elsewhere meanwhile. The interpreter's lock is not held.
    """
    pointer = ctypes.c_void_p()
    db.file_control("main", apsw.SQLITE_FCNTL_FILE_POINTER, ctypes.addressof(pointer))
    file = ctypes.cast(pointer, ctypes.POINTER(_File)).contents
    if file.pMethods.contents.xSync(pointer, _NORMAL) != apsw.SQLITE_OK:
        raise apsw.IOError("the database file could not be synced")
