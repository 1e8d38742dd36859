"""The municipality's pictures on a phone: there without signal, and gone when the right to them is."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import expect

from tests.device import subject_of
from tests.e2e.browser.conftest import LEADER, Town
from tests.e2e.browser.office import Json, Office, account_of
from tests.e2e.browser.phone import PATIENCE, Phone
from tests.e2e.browser.proxy import Proxy
from tests.server.evidence.pictures import picture, sha256
from tests.server.evidence.test_access import upload

BRIGADE = re.compile("Cuadrilla Alumbrado 1 Órdenes")

#: Keys of the pictures that any account's store on this phone holds, with or without their bytes.
HELD = """async () => {
  const done = (ask) => new Promise((yes, no) => {
    ask.onsuccess = () => yes(ask.result);
    ask.onerror = () => no(ask.error);
  });
  const held = [];
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("manzana:")) continue;
    const db = await done(indexedDB.open(name));
    for (const store of ["pictures", "picture-bytes"]) {
      held.push(...(await done(db.transaction(store).objectStore(store).getAllKeys())));
    }
    db.close();
  }
  return held;
}"""
#: What any script of this page gets without the account's code: from each cache there is, and by asking.
PLAIN = """async (sha256) => {
  const got = [];
  for (const width of [320, 1280]) {
    const url = `/sync/evidence/${sha256}/${width}`;
    if (await caches.match(url, { ignoreSearch: true })) got.push(`kept ${width}`);
    for (const cache of ["default", "force-cache", "only-if-cached"]) {
      const mode = { cache, mode: "same-origin" };
      const answer = await fetch(url, mode).catch(() => null);
      if (answer && answer.ok) got.push(`${cache} ${width}`);
    }
  }
  return got;
}"""


def order(office: Office, brigade: Office, town: Town, seed: int) -> tuple[Json, bytes]:
    """A lamp with a photo that the street-light brigade holds as its order, the photo judged."""
    data = picture(seed=seed)
    assert office.pen
    listed = [{"sha256": sha256(data), "origin": "camera", "bytes": len(data), "type": "image/jpeg"}]
    event = office.pen.capture(
        "luminaria-apagada", lat=town.lat, lon=town.lon, photos=listed, text="Además huele a gas"
    )
    office.push([event])
    upload(office, data, event["_id"])
    uuid = subject_of(event)
    for _ in range(40):
        brigade.pull()
        report = brigade.reports().get(uuid)
        if report and [one["verdict"] for one in report["evidence"]] == ["ok"]:
            return {**report, "uuid": uuid}, data
        brigade.wait()
    raise AssertionError("the brigade never held the order with its photo")


#: Asked again in the page: ``wait_for_function`` takes a promise for a "yes".
UNTIL = """async ([hash, wanted, patience]) => {
  const held = (HELD);
  for (const end = performance.now() + patience; performance.now() < end; ) {
    if ((await held()).some((key) => key.startsWith(hash)) === wanted) return true;
    await new Promise((next) => requestAnimationFrame(next));
  }
  return false;
}""".replace("(HELD)", HELD)


def until_held(phone: Phone, data: bytes) -> None:
    assert phone.page.evaluate(UNTIL, [sha256(data), True, PATIENCE])


def until_gone(phone: Phone, data: bytes) -> None:
    assert phone.page.evaluate(UNTIL, [sha256(data), False, PATIENCE])


def on_screen(phone: Phone, report: Json) -> None:
    phone.go(f"#/report/{report['uuid']}")
    phone.page.wait_for_function("() => document.querySelector('.album img')?.naturalWidth > 0")


def test_an_orders_picture_is_there_without_signal_and_in_no_cache(
    phones: Callable[..., Phone], office: Office, brigade_office: Office, town: Town
) -> None:
    phone = phones().open().enrol_demo(BRIGADE).controlled()
    # Nobody has looked at it yet when the signal goes.
    report, data = order(office, brigade_office, town, 41)
    until_held(phone, data)
    phone.kill()
    phone.open(offline=True)
    phone.title("Órdenes")
    on_screen(phone, report)
    assert phone.page.evaluate(PLAIN, sha256(data)) == []
    phone.offline(False)
    assert phone.page.evaluate(PLAIN, sha256(data)) == []


#: The phone's clock a day later: what has not been asked about since is asked about again.
TOMORROW = """
  const D = Date, later = 864e5;
  globalThis.Date = class extends D {
    constructor(...a) { a.length ? super(...a) : super(D.now() + later); }
    static now() { return D.now() + later; }
  };
"""


def test_an_erased_photo_leaves_the_phones_that_showed_it(
    phones: Callable[..., Phone], office: Office, brigade_office: Office, town: Town
) -> None:
    phone = phones().open().enrol_demo(BRIGADE).controlled()
    report, data = order(office, brigade_office, town, 42)
    on_screen(phone, report)
    until_held(phone, data)
    phone.kill()
    command = ["redact", "photo", sha256(data), "--reason", "ARCO 12/2026", "--data-dir", str(data_of(town))]
    subprocess.run([sys.executable, "-m", "server", *command], check=True, capture_output=True)
    phone.later(TOMORROW)
    phone.open()
    phone.title("Órdenes")
    until_gone(phone, data)
    phone.go(f"#/report/{report['uuid']}")
    phone.title("Lámpara apagada")
    expect(phone.page.locator(".album .photo__none")).to_be_visible()
    expect(phone.page.locator(".album img")).to_have_count(0)
    assert phone.page.evaluate(PLAIN, sha256(data)) == []


def data_of(town: Town) -> Path:
    return town.ahead.with_name("data")


def test_an_order_given_to_others_takes_its_pictures_along(
    phones: Callable[..., Phone], office: Office, brigade_office: Office, town: Town
) -> None:
    phone = phones().open().enrol_demo(BRIGADE).controlled()
    report, data = order(office, brigade_office, town, 43)
    on_screen(phone, report)
    until_held(phone, data)
    with closing(Office(town.url, account_of(town.url, "civil_protection"))) as civil:
        civil.until_that(report["folio"], lambda held: bool(held["assignments"]))
        mine = next(one for one in report["assignments"] if one["brigade"])
        civil.act("returned", report["uuid"], {"reason": "not_ours", "brigade": mine["brigade"]})
        civil.act("assigned", report["uuid"], {"agency": mine["agency"], "brigade": "alumbrado-2"})
    phone.see("Este reporte ya no está en este teléfono")
    until_gone(phone, data)
    expect(phone.page.locator(".album img")).to_have_count(0)
    assert phone.page.evaluate(PLAIN, sha256(data)) == []


def test_who_takes_the_phone_next_finds_no_picture(
    phones: Callable[..., Phone], office: Office, brigade_office: Office, town: Town
) -> None:
    phone = phones().open().enrol_demo(BRIGADE).controlled()
    report, data = order(office, brigade_office, town, 44)
    on_screen(phone, report)
    until_held(phone, data)
    phone.go("#/accounts")
    phone.tap("Agregar cuenta", role="link")
    phone.enrol_demo(LEADER)
    assert [key for key in phone.page.evaluate(HELD) if key.startswith(sha256(data))] == []
    assert phone.page.evaluate(PLAIN, sha256(data)) == []

    phone.go("#/accounts")
    phone.page.locator("[data-account]").filter(has_text="Cuadrilla").get_by_role("button").click()
    phone.title("Órdenes")
    on_screen(phone, report)
    until_held(phone, data)
    # Both leave the phone, one after the other.
    for _ in range(2):
        phone.go("#/accounts")
        phone.tap("Salir de esta cuenta")
        phone.page.get_by_role("dialog").get_by_role("button", name="Salir de esta cuenta").click()
        expect(phone.page.get_by_role("dialog")).to_have_count(0)
        phone.page.wait_for_function("() => location.hash === '#/' || location.hash === ''")
    assert phone.page.evaluate(HELD) == []
    assert phone.page.evaluate(PLAIN, sha256(data)) == []


def test_an_update_deletes_what_earlier_versions_kept(phones: Callable[..., Phone], net: Proxy) -> None:
    phone = phones(url=net.url).open().enrol_demo(LEADER).controlled()
    phone.everything_received()
    phone.page.evaluate("""async () => {
      const shelf = await caches.open("manzana-photos:somebody");
      await shelf.put("/sync/evidence/" + "a".repeat(64) + "/320", new Response("a picture"));
    }""")
    net.newer = True
    phone.page.evaluate("async () => { await (await navigator.serviceWorker.ready).update() }")
    phone.see("Hay una versión nueva")
    phone.kill()
    phone.open()
    phone.title("Mi manzana")
    assert phone.page.evaluate(
        """async (patience) => {
      for (const end = performance.now() + patience; performance.now() < end; ) {
        if (!(await caches.keys()).some((name) => name.startsWith("manzana-photos"))) return true;
        await new Promise((next) => requestAnimationFrame(next));
      }
      return false;
    }""",
        PATIENCE,
    )
