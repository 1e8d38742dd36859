"""Devices' chains as last written.

Law: a batch works on copies; what stands here is what is stored. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from server.documents.device_chain import Chain
from server.intake.memory import chain as chains


class Chains:
    """The chains of the devices that were met since the start."""

    def __init__(self) -> None:
        #: By device, with revisions.
        self.stored: dict[str, Chain] = {}
        #: Devices whose pages a run cut short may not have told.
        self.untold: set[str] = set()

    def forget(self) -> None:
        """Throw away what may be ahead of what is stored."""
        self.stored.clear()

    def unknown(self, devices: Iterable[str]) -> list[str]:
        """Those of which nothing was read yet."""
        return [device for device in devices if device not in self.stored]

    def take(self, device: str, stored: Chain | None) -> None:
        """Note what was read of a device; None: nothing was ever heard of it."""
        # A chain of before there were pages has closed none.
        chain = chains.new_chain(device)
        self.stored[device] = chains.healed({**chain, **stored}, stored) if stored else chain
        if self.stored[device]["pages"]:
            self.untold.add(device)

    def wrote(self, device: str, chain: Chain, rev: str) -> None:
        """A chain was stored."""
        self.stored[device] = {**chain, "_rev": rev}

    def told(self, devices: Iterable[str]) -> None:
        """Every page of these devices is where it must be."""
        self.untold.difference_update(devices)
