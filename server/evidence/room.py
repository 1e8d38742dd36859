"""How many uploads may be under way, and how many bytes they may announce: per device and in all.

Law: a device's new photo is never refused for what that device left lying: its own oldest upload ends
instead, and is begun again when its phone comes back to it. Only the sum of all devices refuses, for a while.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from server.problems import Problem


class Begun(Protocol):
    """An upload that is not whole: ``length`` in bytes, ``created_at`` an instant that sorts as text."""

    @property
    def id(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def length(self) -> int: ...
    @property
    def created_at(self) -> str: ...


B = TypeVar("B", bound=Begun)


@dataclass(frozen=True, slots=True)
class Room:
    """Uploads and announced bytes, of one device and of all."""

    device_uploads: int = 64
    device_bytes: int = 1_000_000_000
    uploads: int = 5_000
    bytes: int = 20_000_000_000


def leaving(begun: Iterable[B], device: str, length: int, room: Room) -> list[B]:
    """The device's own uploads that end before it begins one of ``length`` bytes, oldest first.

    Raises ``too_many_requests`` where all devices together have no room left.
    """
    listed = list(begun)
    own = sorted((one for one in listed if one.device == device), key=lambda one: (one.created_at, one.id))
    left = list(own)
    while left and (
        len(left) >= room.device_uploads or sum(one.length for one in left) + length > room.device_bytes
    ):
        left.pop(0)
    gone = own[: len(own) - len(left)]
    announced = sum(one.length for one in listed) - sum(one.length for one in gone) + length
    if len(listed) - len(gone) >= room.uploads or announced > room.bytes:
        raise Problem("too_many_requests", "limit uploads", headers={"Retry-After": "600"})
    return gone
