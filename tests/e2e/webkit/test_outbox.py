"""The outbox on WebKit: a photo, an undone report and a lost reply, each thing received once."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.e2e.browser.office import Office
from tests.e2e.browser.proxy import Proxy
from tests.e2e.webkit.phone import Phone
from tests.e2e.webkit.test_capture import LAMP, lamp

PUSH = "/sync/inbox/_bulk_docs"
#: Pixels of a photo that must be made smaller before it goes.
TALL, WIDE = 2000, 1500


def photo(folder: Path) -> Path:
    file = folder / "poste.jpg"
    Image.effect_noise((WIDE, TALL), 40).convert("RGB").save(file, quality=70)
    return file


def test_a_photo_an_undone_report_and_a_lost_reply(
    phone: Phone, net: Proxy, office: Office, tmp_path: Path
) -> None:
    net.cut()
    phone.tap("Nuevo reporte")
    phone.tap("Alumbrado")
    phone.tap(LAMP, exact=True)
    phone.page.keys("//input[@data-gallery]", str(photo(tmp_path)))
    phone.page.find("//img[@alt='Foto 1']")
    phone.tap("Guardar", exact=True)
    phone.title("Guardado")
    kept = phone.folio()
    phone.tap("Listo")
    undone = lamp(phone)
    phone.tap("Deshacer")
    phone.title("Nuevo reporte")
    phone.see("Seguía con este reporte")
    phone.go("#/outbox")
    phone.see("Foto 1: en este teléfono")
    net.fault("lose_reply", PUSH)
    net.cut(False)
    phone.tap("Enviar ahora")
    phone.page.find("//article[not(//article[@data-custody='saved'])][@data-custody='accepted']")
    phone.see("Foto 1: verificada")
    assert net.happened == ["lose_reply"]
    report = office.until(kept, ["captured"])
    assert [one["verdict"] for one in report["evidence"]] == ["ok"]
    # The phone thought it had a line and tried: it may have left, so it is withdrawn, and its form came back.
    assert office.until(undone, ["captured", "withdrawn"])["status"] == "withdrawn"
