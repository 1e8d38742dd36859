"""Capture and outbox on the engine of every iPhone, without signal, with the phone killed."""

from __future__ import annotations

from tests.e2e.browser.office import Office
from tests.e2e.browser.proxy import Proxy
from tests.e2e.webkit.phone import Phone

LAMP = "Lámpara apagada"


def lamp(phone: Phone) -> str:
    """A lamp at one's own corner; gives the provisional folio."""
    phone.tap("Nuevo reporte")
    phone.tap("Alumbrado")
    phone.tap(LAMP, exact=True)
    phone.tap("Guardar", exact=True)
    phone.title("Guardado")
    return phone.folio()


def test_captured_without_signal_survives_the_phone_and_is_received_once(
    phone: Phone, net: Proxy, office: Office
) -> None:
    net.cut()
    provisional = lamp(phone)
    phone.see("Guardado en este teléfono")
    phone.on_phone(1)
    phone.kill()
    phone.open()
    phone.title("Mi manzana")
    phone.on_phone(1)
    phone.go("#/outbox")
    phone.page.find("//article[@data-custody='saved']")
    net.cut(False)
    phone.tap("Enviar ahora")
    phone.page.find("//article[@data-custody='accepted' or @data-custody='freed']")
    report = office.until(provisional, ["captured"])
    assert report["folio"]
    phone.see(report["folio"], "article")
