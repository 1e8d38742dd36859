"""What the custody of a person's work rests on, asked of the engine itself, after the browser was killed."""

from __future__ import annotations

from tests.e2e.browser.proxy import Proxy
from tests.e2e.webkit.phone import Phone
from tests.e2e.webkit.test_capture import lamp

#: The account's own store as the app left it: its key, signing now, and how a strict transaction is made.
STORE = """
const open = (name) => new Promise((done, fail) => {
  const request = indexedDB.open(name);
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});
const all = (db, store) => new Promise((done, fail) => {
  const request = db.transaction(store).objectStore(store).getAll();
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});
const names = (await indexedDB.databases()).map(({ name }) => name).filter((name) => name !== "manzana");
const db = await open(names[0]);
const strict = db.transaction("outbox", "readwrite", { durability: "strict" });
const { private_key: key } = (await all(db, "meta")).find((value) => value?.private_key) ?? {};
const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, new Uint8Array(1));
const refused = await crypto.subtle.exportKey("pkcs8", key).then(() => null, (error) => error.name);
// Killed before the sealer came to it, an event is signed after the next start.
let outbox = await all(db, "outbox");
while (outbox.some((record) => !record.event)) {
  await new Promise(requestAnimationFrame);
  outbox = await all(db, "outbox");
}
return {
  durability: strict.durability,
  extractable: key.extractable,
  refused,
  signature: signature.byteLength,
  signed: outbox.map((record) => record.event?.sig?.length ?? 0),
};
"""


#: The checks of the self-diagnosis that ask for something to be done.
FAULTS = "return [...document.querySelectorAll('[data-ok=false]')].map((one) => one.dataset.check)"


def test_key_signature_and_strict_writes_outlive_the_browser(phone: Phone, net: Proxy) -> None:
    """WebKitGTK lacks Background Sync and StorageManager: the self-diagnosis says so and finds no fault."""
    net.cut()
    lamp(phone)
    phone.kill()
    phone.open()
    phone.on_phone(1)
    held = phone.page.run(STORE)
    assert held == {
        "durability": "strict",
        "extractable": False,
        "refused": "InvalidAccessError",
        # r‖s of P-256, and its base64url in the one event.
        "signature": 64,
        "signed": [86],
    }
    phone.go("#/diagnosis")
    phone.page.find("//li[@data-check='last_success']")
    phone.see("este navegador no lo hace; se envía al abrir la aplicación")
    assert phone.page.run(FAULTS) == []
