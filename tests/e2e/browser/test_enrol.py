"""Once, with signal: by eight digits, by the printed QR as address or seen; again when the key is lost."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import httpx2
import segno
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.browser.office import Office
from tests.e2e.browser.phone import Phone
from tests.e2e.browser.test_capture import lamp
from tests.e2e.conftest import Town

#: Frames of the fake camera's film, which Chromium repeats.
FRAMES = 2
CAMERA = (640, 480)
#: The account's key is gone and all else is there: what a system that restores half a phone leaves.
LOSE_KEY = """async (account) => {
  const open = indexedDB.open(`manzana:${account}`);
  const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const tx = db.transaction("meta", "readwrite");
  tx.objectStore("meta").delete("key");
  await new Promise((done) => { tx.oncomplete = done; });
  db.close();
}"""


def code(town: Town) -> str:
    """A one-time code for the block leader, as the office prints it."""
    asked = httpx2.post(f"{town.url}/api/demo/code", json={"account": town.leader}, timeout=30)
    return str(asked.raise_for_status().json()["code"])


def film(folder: Path, text: str) -> Path:
    """A film in which somebody holds a printed QR before the camera (Motion JPEG, which Chromium plays)."""
    printed = io.BytesIO()
    segno.make(text, error="m").save(printed, kind="png", scale=8, border=4)
    sheet = Image.open(printed).convert("RGB")
    view = Image.new("RGB", CAMERA, "gray")
    view.paste(sheet, ((CAMERA[0] - sheet.width) // 2, (CAMERA[1] - sheet.height) // 2))
    frame = io.BytesIO()
    view.save(frame, "JPEG", quality=90)
    file = folder / "camera.mjpeg"
    file.write_bytes(frame.getvalue() * FRAMES)
    return file


def typed(phone: Phone, digits: str) -> None:
    phone.page.get_by_label("Código de ocho cifras").fill(digits)
    phone.tap("Entrar", exact=True)


def test_by_eight_digits_and_only_once(phones: Callable[..., Phone], town: Town) -> None:
    digits = code(town)
    phone = phones().open()
    typed(phone, digits[:7])
    phone.see("El código tiene ocho cifras.")
    typed(phone, f"{digits[:4]} {digits[4:]}")
    phone.title("Mi manzana")
    second = phones("second").open()
    typed(second, digits)
    expect(second.page.get_by_role("alert")).not_to_be_empty()
    expect(second.page.get_by_role("heading", level=1)).to_have_text("Inscribir este teléfono")
    typed(second, code(town))
    second.title("Mi manzana")


def test_by_the_address_of_the_printed_qr(phones: Callable[..., Phone], town: Town) -> None:
    phone = phones().open(f"/#enrol={code(town)}")
    phone.title("Mi manzana")
    phone.everything_received()
    assert "enrol" not in phone.page.url
    expect(phone.page.get_by_role("alert")).to_have_count(0)


def test_by_the_camera(phones: Callable[..., Phone], town: Town, tmp_path: Path) -> None:
    seen = film(tmp_path, f"{town.url}/#enrol={code(town)}")
    phone = phones(flags=[f"--use-file-for-fake-video-capture={seen}"]).open()
    phone.tap("Leer el código QR")
    phone.title("Mi manzana")


def test_a_lost_key_asks_for_a_code_and_keeps_the_outbox(
    phones: Callable[..., Phone], town: Town, office: Office
) -> None:
    phone = phones().open(f"/#enrol={code(town)}")
    phone.title("Mi manzana")
    phone.controlled().offline()
    signed = lamp(phone)
    phone.on_phone(1)
    phone.page.evaluate(LOSE_KEY, town.leader)
    phone.kill()
    phone.open(offline=True)
    phone.see("Este teléfono debe identificarse otra vez.")
    phone.on_phone(1)
    unsigned = lamp(phone)
    phone.tap("Listo")
    phone.on_phone(2)
    phone.offline(False)
    phone.tap("Escribir el código", role="link")
    typed(phone, code(town))
    phone.title("Mi manzana")
    phone.everything_received()
    for folio in (signed, unsigned):
        office.until(folio, ["captured"])


def test_a_store_the_system_threw_away_is_said_and_pulled_again(
    phones: Callable[..., Phone], town: Town
) -> None:
    phone = phones().open(f"/#enrol={code(town)}")
    phone.title("Mi manzana")
    phone.controlled().everything_received()
    evicting = phone.context.new_cdp_session(phone.page)
    evicting.send("Storage.clearDataForOrigin", {"origin": town.url, "storageTypes": "indexeddb"})
    phone.kill()
    phone.open()
    phone.see(re.compile("El teléfono borró los datos"))
    phone.kill()
    phone.open()
    phone.see(re.compile("El teléfono borró los datos"))
    typed(phone, code(town))
    phone.title("Mi manzana")
    phone.everything_received()


def test_an_iphone_installs_first_and_enrols_inside(phones: Callable[..., Phone], town: Town) -> None:
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1"
    digits = code(town)
    in_safari = phones("safari", user_agent=iphone).open(f"/#enrol={digits}")
    in_safari.title("Primero instálela")
    in_safari.see("Elija «Agregar a inicio».")
    # The code was not spent by looking.
    installed = "Object.defineProperty(navigator, 'standalone', { value: true });"
    inside = phones("installed", user_agent=iphone, script=installed).open()
    typed(inside, digits)
    inside.title("Mi manzana")
