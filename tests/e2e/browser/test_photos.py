"""Photos on their way: only where the person lets them, and none in the way of another."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import CDPSession, FilePayload, expect

from tests.e2e.browser.conftest import LEADER
from tests.e2e.browser.office import Office
from tests.e2e.browser.phone import PATIENCE, Phone
from tests.e2e.browser.proxy import Proxy
from tests.e2e.browser.test_capture import LAMP, lamp, save

EVIDENCE = "/sync/evidence"
#: A desktop's Chromium tells its network's kind, as a phone's does, only when asked to.
TELLS_ITS_NETWORK = ["--enable-blink-features=NetInfoDownlinkMax"]


def picture(colour: str) -> FilePayload:
    """A photo for the gallery. Each test has its own colours: what the municipality has need not leave."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def lamp_with(phone: Phone, *colours: str) -> str:
    """A lamp with these photos from the gallery; gives the provisional folio."""
    phone.go("#/new")
    phone.tap("Alumbrado")
    phone.tap(LAMP, exact=True)
    phone.page.locator("[data-gallery]").set_input_files([picture(colour) for colour in colours])
    expect(phone.page.get_by_role("img", name=f"Foto {len(colours)}")).to_be_visible()
    save(phone)
    return phone.folio()


def unreadable() -> dict[str, FilePayload]:
    """Files of a gallery that this browser cannot draw, by what they are."""
    out = io.BytesIO()
    Image.effect_noise((640, 480), 80).convert("RGB").save(out, "JPEG")
    noise = out.getvalue()
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(400)
    files = {"heic": heic, "empty": b"", "cut": noise[: len(noise) // 2]}
    return {
        what: {"name": f"{what}.jpg", "mimeType": "image/jpeg", "buffer": data}
        for what, data in files.items()
    }


@pytest.mark.parametrize("what", ["heic", "empty", "cut"])
def test_a_photo_that_cannot_be_sent_is_said_before_saving(leader: Phone, what: str) -> None:
    leader.go("#/new")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    leader.page.locator("[data-gallery]").set_input_files([unreadable()[what]])
    leader.see("Este teléfono no puede abrir esa foto")
    expect(leader.page.get_by_role("img", name="Foto 1")).to_have_count(0)


#: "Guardar" at the moment at which the last of three photos stands in the form, where it is seen there.
SAVE_AT_ONCE = """() => {
  const watch = new MutationObserver(() => {
    if (document.querySelectorAll(".photos .photo").length < 3) return;
    watch.disconnect();
    [...document.querySelectorAll("button")].find((one) => one.textContent.trim() === "Guardar").click();
  });
  watch.observe(document.body, { childList: true, subtree: true });
}"""


def test_saving_at_once_hears_of_a_photo_that_cannot_be_sent(leader: Phone, office: Office) -> None:
    leader.go("#/new")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    # The worker is busy with the first two when the person saves.
    files = [picture("tan"), picture("plum"), unreadable()["cut"]]
    leader.page.evaluate(SAVE_AT_ONCE)
    leader.page.locator("[data-gallery]").set_input_files(files)
    leader.see("Este teléfono no puede abrir esa foto")
    expect(leader.page.get_by_role("img", name=re.compile("^Foto "))).to_have_count(2)
    save(leader)
    leader.everything_received()
    report = office.until(leader.folio(), ["captured"])
    assert len(report["timeline"][0]["photos"]) == 2


def test_a_photo_without_its_end_marker_arrives_whole(leader: Phone, office: Office) -> None:
    leader.go("#/new")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    whole = picture("khaki")
    cut: FilePayload = {**whole, "buffer": whole["buffer"][:-2]}
    assert whole["buffer"].endswith(b"\xff\xd9")
    leader.page.locator("[data-gallery]").set_input_files(cut)
    expect(leader.page.get_by_role("img", name="Foto 1")).to_be_visible()
    save(leader)
    leader.everything_received()
    report = office.until(leader.folio(), ["captured"])
    assert len(report["timeline"][0]["photos"]) == 1


def test_of_twenty_five_chosen_at_once_what_fits_is_kept_and_said(leader: Phone) -> None:
    leader.go("#/new")
    leader.tap("Alumbrado")
    leader.tap(LAMP, exact=True)
    leader.page.locator("[data-gallery]").set_input_files([picture("beige")] * 25)
    leader.see("Caben 6 fotos")
    expect(leader.page.get_by_role("img", name=re.compile("^Foto "))).to_have_count(6)
    save(leader)
    leader.everything_received()


def network(session: CDPSession, kind: str) -> None:
    """The phone is on another network now: the browser itself says so to the page."""
    # Without a speed the browser would take it for no override at all. Nothing is slowed down by it.
    line = {"offline": False, "latency": 1, "downloadThroughput": 1_000_000, "uploadThroughput": 1_000_000}
    session.send("Network.overrideNetworkState", {**line, "connectionType": kind})


def only_wifi(phone: Phone) -> CDPSession:
    """On a mobile network, where its person wants photos to wait for another."""
    session = phone.context.new_cdp_session(phone.page)
    session.send("Network.enable")
    network(session, "cellular4g")
    phone.page.wait_for_function("() => navigator.connection.type === 'cellular'")
    phone.go("#/settings")
    phone.pick("Sólo Wi-Fi")
    return session


def uploads(net: Proxy) -> list[str]:
    with net.lock:
        return [method for method, path, _ in net.answered if path.startswith(EVIDENCE)]


def test_photos_wait_for_a_wifi_where_the_person_says_so(
    phones: Callable[..., Phone], net: Proxy, office: Office
) -> None:
    phone = phones(url=net.url, flags=TELLS_ITS_NETWORK).open().enrol_demo(LEADER).controlled()
    session = only_wifi(phone)
    folio = lamp_with(phone, "red")
    office.until(folio, ["captured"])
    status = phone.page.locator("[data-status]")

    def stays_behind(colour: str) -> None:
        """A lamp's text leaves, its photo does not."""
        with net.lock:
            net.answered.clear()
        lamp_with(phone, colour)
        phone.go("#/")
        office.until(lamp(phone), ["captured"])
        expect(status).to_contain_text("1 foto en este teléfono")
        assert uploads(net) == []

    expect(status).to_contain_text("1 foto en este teléfono")
    # Two more rounds go by, each to its end before the next: the text leaves, the photo does not.
    for _ in range(2):
        phone.go("#/")
        office.until(lamp(phone), ["captured"])
        expect(status).to_contain_text("1 foto en este teléfono")
    assert uploads(net) == []
    phone.go("#/outbox")
    phone.see("1 foto espera una red Wi-Fi.")
    phone.see("Foto 1: en este teléfono · espera Wi-Fi")
    # The browser knows no more which network this is.
    network(session, "other")
    phone.see(re.compile("1 foto espera: usted eligió sólo Wi-Fi y este teléfono no dice"))
    assert uploads(net) == []

    network(session, "wifi")
    verified = phone.page.get_by_text("Foto 1: verificada")
    expect(verified).to_have_count(1)
    assert "POST" in uploads(net)
    expect(phone.page.get_by_text("espera Wi-Fi")).to_have_count(0)
    expect(phone.page.get_by_text("foto espera")).to_have_count(0)

    network(session, "cellular4g")
    stays_behind("blue")
    # "Enviar ahora" sends it whatever the network; the choice stands for the next.
    phone.go("#/outbox")
    phone.see("1 foto espera una red Wi-Fi.")
    phone.tap("Enviar ahora")
    expect(verified).to_have_count(2, timeout=PATIENCE)
    stays_behind("purple")
    phone.go("#/settings")
    phone.pick("Siempre")
    phone.go("#/outbox")
    expect(verified).to_have_count(3)
    assert "POST" in uploads(net)


#: Rounds wait before they take their lock while the gate is shut; how many were begun is counted.
GATE = """
window.begun = 0;
window.gate = Promise.resolve();
const request = navigator.locks.request.bind(navigator.locks);
navigator.locks.request = async (name, ...rest) => {
  if (name === "manzana:round") { window.begun += 1; await window.gate; }
  return request(name, ...rest);
};
delete ServiceWorkerRegistration.prototype.sync;
"""
SHUT = "() => { window.begun = 0; window.gate = new Promise((open) => { window.open_gate = open; }); }"
#: What another tab does that sends: it holds the lock until told.
ANOTHER_TAB = """() => new Promise((held) => {
  void LockManager.prototype.request.call(navigator.locks, "manzana:round",
    () => new Promise((leave) => { window.leave = leave; held(); }));
})"""


def test_send_now_is_remembered_by_a_round_that_could_not_do_it(
    phones: Callable[..., Phone], net: Proxy, office: Office
) -> None:
    phone = phones(url=net.url, script=GATE, flags=TELLS_ITS_NETWORK).open().enrol_demo(LEADER).controlled()
    only_wifi(phone)
    verified = phone.page.get_by_text("Foto 1: verificada")

    def waiting(colour: str) -> None:
        """Colours no other test of this town takes: of a photo it knows the municipality wants no bytes."""
        office.until(lamp_with(phone, colour), ["captured"])
        phone.go("#/outbox")
        phone.see("1 foto espera una red Wi-Fi.")

    # A round is under way that was begun before the wish.
    waiting("navy")
    phone.page.evaluate(SHUT)
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.page.wait_for_function("() => begun === 1")
    phone.tap("Enviar ahora")
    assert uploads(net) == []
    phone.page.evaluate("open_gate()")
    expect(verified).to_have_count(1, timeout=PATIENCE)

    # Another tab's round, or the service worker's, holds the lock.
    waiting("olive")
    phone.page.evaluate(ANOTHER_TAB)
    phone.page.evaluate("() => { window.begun = 0; }")
    phone.tap("Enviar ahora")
    phone.page.wait_for_function("() => begun >= 2")
    phone.page.evaluate("leave()")
    expect(verified).to_have_count(2, timeout=PATIENCE)


#: A headless Chromium has no screen to keep on: what is asked for is noted. Nor may the service worker send
#: instead of the page.
AWAKE = """
window.awake = [];
Object.defineProperty(navigator, "wakeLock", { value: {
  async request(kind) {
    window.awake.push(`asked for ${kind}`);
    const lock = { released: false, async release() {
      if (!lock.released) window.awake.push("released");
      lock.released = true;
    } };
    return lock;
  },
} });
delete ServiceWorkerRegistration.prototype.sync;
"""


def test_the_screen_stays_on_while_photos_go_and_no_longer(
    phones: Callable[..., Phone], net: Proxy, office: Office
) -> None:
    phone = phones(url=net.url, script=AWAKE).open().enrol_demo(LEADER).controlled()
    phone.everything_received()
    office.until(lamp(phone), ["captured"])
    phone.everything_received()
    # Text alone keeps no screen on.
    assert phone.page.evaluate("awake") == []
    lamp_with(phone, "orange", "pink")
    phone.go("#/outbox")
    expect(phone.page.get_by_text(re.compile("Foto .: verificada"))).to_have_count(2)
    phone.page.wait_for_function("() => awake.at(-1) === 'released'")
    noted = phone.page.evaluate("awake")
    # Once for a round of photos, however many rounds it took.
    assert noted == ["asked for screen", "released"] * (len(noted) // 2)

    # A line cut while they go lets the screen sleep as well.
    before = len(noted)
    net.fault("500", EVIDENCE)
    lamp_with(phone, "brown")
    phone.page.wait_for_function(f"() => awake.length > {before} && awake.at(-1) === 'released'")
    phone.go("#/outbox")
    phone.tap("Enviar ahora")
    expect(phone.page.get_by_text("Foto 1: verificada")).to_have_count(2)
    phone.page.wait_for_function("() => awake.at(-1) === 'released'")


#: Bytes of a photo go wrong on the phone after they were hashed, as they do on a worn-out memory card.
SPOIL = """async () => {
  const name = (await indexedDB.databases()).map((one) => one.name).find((one) => one.startsWith("manzana:"));
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const db = await done(indexedDB.open(name));
  const tx = db.transaction(["photos", "bytes"], "readwrite");
  const taken = (await done(tx.objectStore("photos").getAll()))
    .sort((a, b) => a.id < b.id ? -1 : 1);
  const second = taken[1];
  const bytes = await done(tx.objectStore("bytes").get(second.id));
  new Uint8Array(bytes).fill(0, bytes.byteLength - 64);
  await done(tx.objectStore("bytes").put(bytes, second.id));
  db.close();
  return taken.map((photo) => photo.state);
}"""


def test_a_photo_the_municipality_refuses_holds_up_no_other(leader: Phone, office: Office) -> None:
    leader.offline()
    # Nobody may have sent the second before: the municipality would know its hash already.
    folio = lamp_with(leader, "red", "green", "blue")
    leader.go("#/outbox")
    expect(leader.page.get_by_text("en este teléfono").filter(has_text="Foto")).to_have_count(3)
    assert leader.page.evaluate(SPOIL) == ["ready", "ready", "ready"]
    leader.offline(False)
    for number in (1, 3):
        expect(leader.page.get_by_text(f"Foto {number}: verificada")).to_be_visible()
    # The bad one stays, with the municipality's own sentence.
    expect(leader.page.get_by_text("Foto 2: en este teléfono · La foto llegó distinta")).to_be_visible()
    report = office.until(folio, ["captured"])
    # Nor does it hold up what comes after it.
    lamp_with(leader, "yellow")
    leader.go("#/outbox")
    expect(leader.page.get_by_text("Foto 1: verificada")).to_have_count(2)
    expect(leader.page.get_by_text("Foto 2: en este teléfono · La foto llegó distinta")).to_be_visible()
    assert report["folio"]
