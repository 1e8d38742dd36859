"""One phone, several people, several tabs, several weeks."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.browser.conftest import LEADER
from tests.e2e.browser.office import Office
from tests.e2e.browser.phone import Phone
from tests.e2e.browser.proxy import Proxy, network
from tests.e2e.browser.test_capture import lamp, save
from tests.e2e.conftest import running_town

SECTOR = re.compile("Su cuartel y el padrón")
#: What iOS's Safari does not have (design, pwa): no Background Sync, no storage promise, no vibration.
IOS = """
  delete ServiceWorkerRegistration.prototype.sync;
  delete window.SyncManager;
  delete StorageManager.prototype.persist;
  delete StorageManager.prototype.persisted;
  delete Navigator.prototype.vibrate;
  delete Navigator.prototype.connection;
  delete Navigator.prototype.wakeLock;
  delete window.BarcodeDetector;
"""


def put_pin(phone: Phone) -> None:
    """2468, on the open settings."""
    phone.page.get_by_label("PIN nuevo").fill("2468")
    phone.tap("Poner PIN")
    phone.see("Los dos PIN no son iguales.")
    phone.page.get_by_label("Escríbalo otra vez").fill("2468")
    phone.tap("Poner PIN")
    phone.see("PIN puesto.")


def try_pin(phone: Phone, pin: str) -> None:
    phone.page.get_by_label("PIN", exact=True).fill(pin)
    phone.tap("Abrir", exact=True)


def test_a_wait_after_wrong_tries_is_told_and_the_right_pin_opens_after_it(leader: Phone) -> None:
    leader.go("#/settings")
    put_pin(leader)
    leader.page.clock.install()
    leader.go("#/more")
    leader.tap("Bloquear con PIN")
    for _ in range(3):
        try_pin(leader, "1111")
        leader.see("Ese PIN no es.")
    leader.see(re.compile("Por ahora no se revisa ningún PIN, tampoco el correcto"))
    leader.see(re.compile(r"Podrá escribirlo en \d+ segundos?\."))
    expect(leader.page.get_by_role("button", name="Abrir", exact=True)).to_be_disabled()
    leader.page.clock.fast_forward(31_000)
    try_pin(leader, "2468")
    leader.title("Más")
    expect(leader.page.get_by_text("Ese PIN no es.")).to_have_count(0)


def test_a_forgotten_pin_gives_way_to_a_new_code_and_loses_nothing(leader: Phone, office: Office) -> None:
    leader.go("#/settings")
    put_pin(leader)
    leader.go("#/")
    leader.offline()
    folio = lamp(leader)
    leader.go("#/more")
    leader.tap("Bloquear con PIN")
    leader.tap("Olvidé mi PIN")
    leader.see(re.compile("Lo que falta por enviar se queda en el teléfono"))
    leader.offline(False)
    leader.tap("Tengo un código nuevo", role="link")
    leader.enrol_demo(LEADER)
    leader.title("Mi manzana")
    leader.go("#/settings")
    expect(leader.page.get_by_role("button", name="Quitar PIN")).to_have_count(0)
    office.until(folio, ["captured"])


def test_one_account_delivers_anothers_work_behind_a_pin(leader: Phone, office: Office) -> None:
    leader.go("#/settings")
    put_pin(leader)
    leader.go("#/accounts")
    leader.tap("Agregar cuenta", role="link")
    leader.enrol_demo(SECTOR)
    leader.title("Mi cuartel")

    # Without signal: back to the first account with its PIN, a report, and away again.
    leader.offline()
    leader.go("#/accounts")
    leader.page.locator("[data-account]").filter(has_text="Jefa o Jefe de Manzana").get_by_role(
        "button"
    ).click()
    leader.page.get_by_role("dialog").get_by_label(re.compile("PIN")).fill("1111")
    leader.page.get_by_role("dialog").get_by_role("button", name="Usar").click()
    leader.see("Ese PIN no es.")
    leader.page.get_by_role("dialog").get_by_label(re.compile("PIN")).fill("2468")
    leader.page.get_by_role("dialog").get_by_role("button", name="Usar").click()
    leader.title("Mi manzana")
    expect(leader.page.get_by_text("Ese PIN no es.")).to_have_count(0)
    folio = lamp(leader)
    leader.go("#/accounts")
    leader.page.locator("[data-account]").filter(has_text="Jefa o Jefe de Cuartel").get_by_role(
        "button"
    ).click()
    leader.title("Mi cuartel")
    leader.go("#/accounts")
    leader.see("1 pendiente de enviar")
    leader.offline(False)
    leader.go("#/outbox")
    leader.page.get_by_role("button", name="Enviar ahora").click()
    office.until(folio, ["captured"])


def test_signing_out_deletes_nothing_unsent(leader: Phone, office: Office) -> None:
    leader.go("#/accounts")
    leader.tap("Agregar cuenta", role="link")
    leader.enrol_demo(SECTOR)
    leader.go("#/accounts")
    leader.page.locator("[data-account]").filter(has_text="Jefa o Jefe de Manzana").get_by_role(
        "button"
    ).click()
    leader.title("Mi manzana")
    leader.offline()
    folio = lamp(leader)
    leader.go("#/accounts")
    leader.tap("Salir de esta cuenta")
    leader.see(re.compile("No se borran"))
    leader.page.get_by_role("dialog").get_by_role("button", name="Salir de esta cuenta").click()
    # The phone goes on with whoever else is on it; what was left unsent stays and leaves with theirs.
    leader.title("Mi cuartel")
    leader.offline(False)
    leader.go("#/outbox")
    leader.page.get_by_role("button", name="Enviar ahora").click()
    office.until(folio, ["captured"])


#: Work of any account that this phone still holds, and the keys to sign with.
LEFT = """async () => {
  const done = (ask) => new Promise((yes, no) => {
    ask.onsuccess = () => yes(ask.result);
    ask.onerror = () => no(ask.error);
  });
  let left = 0;
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("manzana:")) continue;
    const db = await done(indexedDB.open(name));
    const outbox = await done(db.transaction("outbox").objectStore("outbox").getAll());
    left += outbox.filter((one) => one.custody === "saved").length;
    db.close();
  }
  return left;
}"""


def test_what_the_last_to_leave_had_not_sent_leaves_by_itself(leader: Phone, office: Office) -> None:
    leader.offline()
    folio = lamp(leader)
    leader.go("#/accounts")
    leader.tap("Salir de esta cuenta")
    leader.see(re.compile("Se entregan y se quitan solas"))
    leader.page.get_by_role("dialog").get_by_role("button", name="Salir de esta cuenta").click()
    expect(leader.page.locator(".tabs")).to_have_count(0)
    assert leader.page.evaluate(LEFT) == 1
    # Nobody is on the phone any more when there is signal again.
    leader.offline(False)
    office.until(folio, ["captured"])


def test_two_tabs_write_one_chain(leader: Phone, office: Office) -> None:
    other = leader.context.new_page()
    other.goto(leader.url)
    expect(other.get_by_role("button", name="Nuevo reporte")).to_be_visible()
    leader.offline()
    first = lamp(leader)
    main, leader.page = leader.page, other
    second = lamp(leader)
    leader.page = main
    leader.go("#/")
    leader.on_phone(2)
    leader.offline(False)
    leader.everything_received()
    one, two = office.until(first, ["captured"]), office.until(second, ["captured"])
    flags = [*one["flags"], *two["flags"]]
    assert not [flag for flag in flags if "chain" in flag or "seq" in flag or "gap" in flag]


def test_a_clock_a_year_ahead_changes_no_order(phones: Callable[..., Phone], office: Office) -> None:
    ahead = """
      const real = Date.now, year = 365 * 864e5, D = Date;
      globalThis.Date = class extends D {
        constructor(...a) { a.length ? super(...a) : super(real() + year); }
        static now() { return real() + year; }
      };
    """
    phone = phones("ahead", script=ahead).open().enrol_demo(LEADER).controlled()
    phone.offline()
    folio = lamp(phone)
    phone.offline(False)
    report = office.until(folio, ["captured"])
    assert report["captured_at"] < "2099"
    assert report["folio"]
    captured = next(one for one in report["timeline"] if one["kind"] == "captured")
    assert captured["at"][:4] == office.clock().isoformat()[:4]


#: The phone's clock, as many days later.
LATER = """
  const D = Date, later = %d * 864e5;
  globalThis.Date = class extends D {
    constructor(...a) { a.length ? super(...a) : super(D.now() + later); }
    static now() { return D.now() + later; }
  };
"""
#: A device's session lasts thirty days (SESSION_DAYS).
WEEKS = 6 * 7


def test_a_session_expired_for_weeks_is_renewed_by_the_key(
    phones: Callable[..., Phone], tmp_path: Path
) -> None:
    with running_town(tmp_path / "later") as town, network(town.url) as net:
        phone = phones(url=net.url, geolocation=town.here).open().enrol_demo(LEADER).controlled()
        phone.everything_received()
        phone.offline()
        before = lamp(phone)
        phone.on_phone(1)
        phone.kill()

        # Six weeks in a drawer, for the municipality and for the phone.
        town.later(WEEKS)
        phone.later(LATER % WEEKS)
        phone.open(offline=True)
        phone.title("Mi manzana")
        phone.on_phone(1)
        after = lamp_with_photo(phone)
        phone.on_phone(2)
        seen = len(net.answered)
        phone.offline(False)
        phone.everything_received()

        said = net.answered[seen:]
        assert any(status == 401 for _, _, status in said), "the old session still counted"
        assert ("POST", "/api/session", 201) in said
        assert not any(path.startswith("/api/enrol") for _, path, _ in said), "a new code was needed"
        with closing(Office(town.url, town.leader)) as office:
            first, second = office.until(before, ["captured"]), office.until(after, ["captured"])
            assert office.until_that(
                after, lambda report: [one["verdict"] for one in report["evidence"]] == ["ok"]
            )
        assert first["folio"] != second["folio"]
        # Each happened when it was done, six weeks apart, and neither clock is to blame.
        apart = datetime.fromisoformat(second["captured_at"]) - datetime.fromisoformat(first["captured_at"])
        assert timedelta(days=WEEKS) < apart < timedelta(days=WEEKS + 1)
        assert [*first["flags"], *second["flags"]] == []


def lamp_with_photo(phone: Phone) -> str:
    phone.tap("Nuevo reporte")
    phone.tap("Alumbrado")
    phone.tap("Lámpara apagada", exact=True)
    phone.tap("Tomar foto")
    phone.tap("Tomar la foto")
    expect(phone.page.get_by_role("img", name="Foto 1")).to_be_visible()
    save(phone)
    return phone.folio()


def test_without_what_ios_lacks_nothing_is_lost(phones: Callable[..., Phone], office: Office) -> None:
    phone = phones("ios", script=IOS).open().enrol_demo(LEADER).controlled()
    phone.offline()
    folio = lamp(phone)
    phone.kill()
    phone.open(offline=True)
    phone.on_phone(1)
    phone.offline(False)
    phone.everything_received()
    office.until(folio, ["captured"])
    phone.go("#/settings")
    phone.title("Ajustes")


#: disk_full: while `full` stands, every write to IndexedDB fails as a full phone makes it fail.
DISK_FULL = """
  for (const name of ["put", "add"]) {
    const write = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (...what) {
      if (globalThis.full) throw new DOMException("no space", "QuotaExceededError");
      return write.apply(this, what);
    };
  }
"""


def test_a_full_phone_says_so_and_loses_nothing(phones: Callable[..., Phone], office: Office) -> None:
    phone = phones("full", script=DISK_FULL).open().enrol_demo(LEADER).controlled()
    phone.offline()
    first = lamp(phone)
    phone.on_phone(1)
    phone.tap("Listo")
    phone.tap("Nuevo reporte")
    phone.tap("Alumbrado")
    phone.tap("Lámpara apagada", exact=True)
    phone.page.evaluate("globalThis.full = true")
    phone.tap("Guardar", exact=True)
    phone.see("No se pudo guardar en este teléfono")
    phone.title("Nuevo reporte")
    phone.page.evaluate("globalThis.full = false")
    phone.tap("Guardar", exact=True)
    phone.title("Guardado")
    second = phone.folio()
    phone.kill()
    phone.open(offline=True)
    phone.on_phone(2)
    phone.offline(False)
    office.until(first, ["captured"])
    office.until(second, ["captured"])


def test_a_nearly_full_phone_is_told(phones: Callable[..., Phone]) -> None:
    # Chromium tells every page the same large quota: a phone short of space answers this instead.
    little = "StorageManager.prototype.estimate = async () => ({ usage: 90e6, quota: 100e6 });"
    phone = phones("little", script=little).open().enrol_demo(LEADER).controlled()
    phone.page.reload()
    phone.see("Queda poco espacio")


def test_a_new_version_waits_for_a_cold_start_and_touches_no_outbox(
    phones: Callable[..., Phone], net: Proxy, office: Office
) -> None:
    phone = phones(url=net.url).open().enrol_demo(LEADER).controlled()
    phone.everything_received()
    phone.offline()
    folio = lamp(phone)
    net.newer = True  # the same worker with other bytes: the browser takes it for a new version
    net.fault("503", "/sync/inbox/", 1000)  # before there is signal, or it is all delivered by then
    phone.offline(False)
    phone.page.evaluate("async () => { await (await navigator.serviceWorker.ready).update() }")
    phone.go("#/")
    phone.see("Hay una versión nueva")
    phone.kill()
    phone.open()
    phone.on_phone(1)
    net.faults.clear()
    phone.go("#/outbox")
    phone.page.get_by_role("button", name="Enviar ahora").click()
    office.until(folio, ["captured"])


def test_a_browser_that_cannot_keep_the_work_gets_a_clear_page(phones: Callable[..., Phone]) -> None:
    agent = (
        "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 [FBAN/FB4A;]"
    )
    phone = phones("inapp", user_agent=agent).open()
    phone.title("Aquí no se puede usar")
    phone.see(re.compile("Abrir en el navegador"))
    old = phones("old", script="delete window.indexedDB;").open()
    old.title("Aquí no se puede usar")
