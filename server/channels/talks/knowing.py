"""What a conversation must know of the municipality, gathered from its databases and kept while they stand.

Law: gathered anew when ``reference`` or ``registry`` changed, so an old catalogue is never spoken of for
longer than a change takes to come by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shapely.geometry import Point

from server.cases.territory import polygon
from server.channels.conversation.town import Town, common_directory
from server.store.databases import Databases
from server.store.scan import scan, scan_ids
from sync.interface import Database

#: What holds where the settings document says nothing.
DEFAULTS: Mapping[str, Any] = {
    "desk_days": "1-5",
    "desk_opens": "08:00",
    "desk_closes": "16:00",
    "quiet_from": "21:00",
    "quiet_until": "08:00",
    "talk_days": 180,
    "survey_days": 1,
}
_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


@dataclass(frozen=True, slots=True)
class Known:
    """``settings``: the municipality's own, with the defaults of conversations."""

    settings: Mapping[str, Any]
    zone: ZoneInfo
    town: Town

    def at(self, now: datetime, *, number_known: bool, origin: str) -> Town:
        """The town as a conversation of one channel sees it now."""
        return replace(
            self.town,
            number_known=number_known,
            origin=origin,
            office_open=self.desk_open(now),
            hours=self.hours(),
        )

    def desk_open(self, now: datetime) -> bool:
        local = now.astimezone(self.zone)
        first, _, last = str(self.settings["desk_days"]).partition("-")
        opens, closes = str(self.settings["desk_opens"]), str(self.settings["desk_closes"])
        on = int(first) <= local.isoweekday() <= int(last or first)
        return on and opens <= local.strftime("%H:%M") < closes

    def hours(self) -> str:
        first, _, last = str(self.settings["desk_days"]).partition("-")
        days = _DAYS[int(first) - 1]
        if last and last != first:
            days = f"de {days} a {_DAYS[int(last) - 1]}"
        return f"{days} de {self.settings['desk_opens']} a {self.settings['desk_closes']}"

    def quiet_until(self, now: datetime) -> datetime | None:
        """When what the municipality starts may go out again; None while it may now."""
        local = now.astimezone(self.zone)
        begin, end, hour = self.settings["quiet_from"], self.settings["quiet_until"], local.strftime("%H:%M")
        within = begin <= hour < end if begin <= end else hour >= begin or hour < end
        if begin == end or not within:
            return None
        morning = local.replace(hour=int(end[:2]), minute=int(end[3:]), second=0, microsecond=0)
        return morning if morning > local else morning + timedelta(days=1)


class Knowing:
    """One per process."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._mark: tuple[str, str] | None = None
        self._known: Known | None = None

    async def now(self) -> Known:
        """What is known; raises the engine's errors."""
        reference, registry = self._databases.reference, self._databases.registry
        mark = ((await reference.info()).update_seq, (await registry.info()).update_seq)
        if self._known is None or mark != self._mark:
            self._known, self._mark = await self._gather(reference, registry), mark
        return self._known

    async def _gather(self, reference: Database, registry: Database) -> Known:
        kinds = {kind: await _kind(reference, f"{kind}:") for kind in ("type", "agency", "area", "notice")}
        single = await reference.get_many(["settings", "rules"])
        settings = {**DEFAULTS, **single.get("settings", {})}
        blocks = [block async for block in scan_ids(registry, "block:")]
        types, agencies = kinds["type"], kinds["agency"]
        colonias = {
            key.removeprefix("colonia:"): str(doc.get("name") or key)
            for key, doc in kinds["area"].items()
            if key.startswith("colonia:")
        }
        notice = kinds["notice"].get(str(settings.get("notice") or ""), {})
        town = Town(
            municipality=settings.get("municipality") or "Manzana",
            types=types,
            words=single.get("rules", {}).get("words") or (),
            agencies=agencies,
            colonias=colonias,
            blocks=frozenset(block.removeprefix("block:") for block in blocks),
            prefix=str(settings.get("folio_prefix") or ""),
            notice=str(notice.get("short") or ""),
            inside=_inside(settings.get("outline")),
            directory=common_directory(types, agencies),
        )
        return Known(settings, ZoneInfo(settings.get("timezone") or "America/Mexico_City"), town)


def _inside(outline: Any) -> Callable[[float, float], bool | None]:
    drawn = polygon(outline) if outline else None
    if drawn is None:
        return lambda lat, lon: None
    covers: Callable[[Point], bool] = drawn.covers
    return lambda lat, lon: bool(covers(Point(lon, lat)))


async def _kind(database: Database, head: str) -> dict[str, Any]:
    return {found.id.removeprefix(head): found.read() async for found in scan(database, head)}
