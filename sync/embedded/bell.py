"""Processes that share a data folder tell each other at once that there is something to look at.

Law: a ring says only "look". One too many costs a look; one that is lost costs ``waiting.LOOK_SECONDS``,
since whoever waits looks that often anyway. So nothing here may fail a commit: where the system has no
such sockets, there is no bell.

Each process has a datagram socket in the folder ``bells``; a ring is an empty datagram to each of the others.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

#: Where the sockets lie, within the data folder.
FOLDER = "bells"
#: Bytes a socket's path may have (``sun_path`` of Linux and macOS, with room for the name).
_LONGEST = 60
#: Datagrams read at once; each says the same.
_MANY = 64


class Bell:
    """Belongs to the loop it is made on. ``on_ring`` is called there when another process has rung."""

    def __init__(self, folder: Path, on_ring: Callable[[], None]) -> None:
        self._folder = folder / FOLDER
        self._on_ring = on_ring
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._listed = 0
        self._others: list[str] = []
        self._directory = -1
        self._base = ""
        self._socket = self._open()

    def _open(self) -> socket.socket | None:
        try:
            made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        except (AttributeError, OSError):
            return None
        try:
            made.setblocking(False)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._base = str(self._folder)
            if len(os.fsencode(self._base)) > _LONGEST:
                # The system's own short way to a folder; where it has none, ``bind`` refuses.
                self._directory = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
                self._base = f"/proc/self/fd/{self._directory}"
            made.bind(f"{self._base}/{self._name}")
            asyncio.get_running_loop().add_reader(made, self._heard)
        except (OSError, NotImplementedError):
            self._let_go(made)
            return None
        return made

    def ring(self) -> None:
        """Tell every other process of this folder to look."""
        if self._socket is None:
            return
        for name in self._neighbours():
            try:
                self._socket.sendto(b"", f"{self._base}/{name}")
            except BlockingIOError:
                pass  # It has rings enough that it did not hear yet.
            except (ConnectionRefusedError, FileNotFoundError):
                self._forget(name)
            except OSError:
                pass  # It will look by itself.

    def _neighbours(self) -> list[str]:
        """The others' names, read anew when one came or went."""
        try:
            changed = os.stat(self._folder).st_mtime_ns
            if changed != self._listed:
                self._others = [name for name in os.listdir(self._folder) if name != self._name]
                self._listed = changed
        except OSError:
            self._others = []
        return self._others

    def _forget(self, name: str) -> None:
        """A process that was killed has left its socket behind."""
        try:
            os.unlink(self._folder / name)
        except OSError:
            pass

    def _heard(self) -> None:
        assert self._socket is not None
        try:
            for _ in range(_MANY):
                self._socket.recv(1)
        except OSError:
            pass  # Nothing more to read.
        self._on_ring()

    def close(self) -> None:
        """Hear nothing more."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._let_go(self._socket)
            self._socket = None

    def _let_go(self, opened: socket.socket) -> None:
        opened.close()
        self._forget(self._name)
        if self._directory >= 0:
            os.close(self._directory)
            self._directory = -1
