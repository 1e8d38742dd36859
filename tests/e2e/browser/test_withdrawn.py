"""A report that leaves a phone's scope takes its copy along, and none of the work about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing

from playwright.sync_api import expect

from tests.e2e.browser.conftest import Town
from tests.e2e.browser.office import Json, Office, account_of
from tests.e2e.browser.phone import PATIENCE, Phone
from tests.e2e.browser.proxy import Proxy

BRIGADE = re.compile("Cuadrilla Alumbrado 1 Órdenes")
LAMP = "Lámpara apagada"
STREET = "Cerrada del Colibrí 6"

#: Where the account's store still holds the report: a copy, in either side, or a row of a list.
HOLDS_COPY = """async (report) => {
  const done = (ask) => new Promise((yes, no) => {
    ask.onsuccess = () => yes(ask.result);
    ask.onerror = () => no(ask.error);
  });
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("manzana:")) continue;
    const db = await done(indexedDB.open(name));
    for (const side of ["mailbox-a", "mailbox-b"]) {
      if (await done(db.transaction(side).objectStore(side).count(`report:${report}`))) found.push(side);
    }
    const rows = await done(db.transaction("rows").objectStore("rows").getAll());
    if (JSON.stringify(rows).includes(report)) found.push("rows");
    db.close();
  }
  return found;
}"""


def held_by_both(office: Office, civil: Office, brigade: Office, town: Town) -> Json:
    """A lamp that smells of gas: the brigade's order, and grave enough for Protección Civil to direct."""
    report = office.report(
        "luminaria-apagada", town.lat, town.lon, text="Además huele a gas", place={"street": STREET}
    )
    for colleague in (civil, brigade):
        colleague.until_that(report["folio"], lambda held: bool(held["assignments"]))
    return report


def test_an_order_given_to_others_leaves_the_phone_and_the_work_about_it_stays(
    phones: Callable[..., Phone], office: Office, brigade_office: Office, town: Town, net: Proxy
) -> None:
    with closing(Office(town.url, account_of(town.url, "civil_protection"))) as civil:
        report = held_by_both(office, civil, brigade_office, town)
        uuid, folio = report["uuid"], report["folio"]
        page = f"#/report/{uuid}"
        brigade = phones("brigade", net.url).open().enrol_demo(BRIGADE).controlled()
        brigade.go(page)
        brigade.title(LAMP)
        brigade.offline()
        brigade.tap("Agregar nota", role="link")
        brigade.page.get_by_role("textbox").first.fill("El poste está inclinado")
        brigade.tap("Guardar", exact=True)
        brigade.title(LAMP)
        brigade.on_phone(1)
        assert set(brigade.page.evaluate(HOLDS_COPY, uuid)) == {"mailbox-a", "rows"}

        # Meanwhile the order is taken from this brigade and given to another.
        mine = next(one for one in report["assignments"] if one["brigade"])
        civil.act("returned", uuid, {"reason": "not_ours", "brigade": mine["brigade"]})
        civil.act("assigned", uuid, {"agency": mine["agency"], "brigade": "alumbrado-2"})
        for _ in range(20):
            brigade_office.pull()
            if uuid not in brigade_office.reports():
                break
            brigade_office.wait()
        assert uuid not in brigade_office.reports()

        # There is signal again, and the municipality cannot take the work yet.
        net.fault("rows_not_now", "/sync/inbox/_bulk_docs", times=1000)
        brigade.offline(False)
        brigade.see("Este reporte ya no está en este teléfono")
        assert brigade.page.evaluate(HOLDS_COPY, uuid) == []
        # What was done is still told where the report was, in the outbox and in the header, by its own folio.
        brigade.title(LAMP)
        assert brigade.folio() == folio
        expect(brigade.page.locator("[data-left]")).to_contain_text("Nota")
        brigade.on_phone(1)

        def pending() -> None:
            item = brigade.page.locator("[data-custody=saved]")
            expect(item).to_have_count(1)
            for words in ("Nota", LAMP, folio, STREET):
                expect(item).to_contain_text(words)

        brigade.tap("Ver lo enviado y lo pendiente", role="link")
        pending()
        # Killed and opened without signal, it is there still, and in no list of orders.
        brigade.kill()
        brigade.open(offline=True)
        brigade.title("Órdenes")
        expect(brigade.page.locator(f'[data-report="{uuid}"]')).to_have_count(0)
        brigade.go("#/outbox")
        pending()

        with net.lock:
            net.faults.clear()
        brigade.offline(False)
        brigade.page.get_by_role("button", name="Enviar ahora").click()
        done = brigade.page.locator("[data-custody=accepted], [data-custody=freed]")
        expect(done).to_have_count(1, timeout=PATIENCE)
        expect(done).to_contain_text(folio)
        brigade.see("Todo lo que guardó ya lo recibió el municipio.")
        # Done while the order was theirs: it counts, once, and brings the order back to nobody.
        noted = civil.until_that(folio, lambda held: "noted" in [one["kind"] for one in held["timeline"]])
        notes = [one for one in noted["timeline"] if one["kind"] == "noted"]
        assert [one["payload"]["text"] for one in notes] == ["El poste está inclinado"]
        standing = {one["brigade"]: one["status"] for one in noted["assignments"]}
        assert standing == {mine["brigade"]: "returned", "alumbrado-2": "assigned"}
        assert brigade.page.evaluate(HOLDS_COPY, uuid) == []
