"""Public keys of devices, parsed once. Pure, but for remembering."""

from __future__ import annotations

from server.accounts.documents import Jwk
from server.accounts.model import Device
from server.cases.signature import PublicKey, load_key


class Keys:
    """By device."""

    def __init__(self) -> None:
        self._parsed: dict[str, tuple[Jwk, PublicKey]] = {}

    def of(self, device: Device) -> PublicKey:
        known = self._parsed.get(device.id)
        if known is None or known[0] != device.public_key:
            known = self._parsed[device.id] = (device.public_key, load_key(device.public_key))
        return known[1]
