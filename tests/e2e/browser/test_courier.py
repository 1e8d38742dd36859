"""Work of a phone without signal travels in a file on a colleague's; both deliver it, it arrives once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.e2e.browser.conftest import LEADER
from tests.e2e.browser.office import Office
from tests.e2e.browser.phone import Phone
from tests.e2e.browser.test_capture import LAMP, lamp, save

SECTOR = re.compile("Su cuartel y el padrón")


def neighbours_lamp(phone: Phone, name: str) -> str:
    """A lamp for a neighbour who gave a name."""
    phone.tap("Nuevo reporte")
    phone.tap("Alumbrado")
    phone.tap(LAMP, exact=True)
    phone.pick("Un vecino")
    phone.tap("La persona acepta")
    phone.page.get_by_label("Nombre del vecino").fill(name)
    phone.page.get_by_label("Teléfono", exact=True).fill("4421234567")
    save(phone)
    return phone.folio()


def shared_file(phone: Phone, folder: Path) -> Path:
    """What the phone's share sheet would be given; here, where there is none, the file it saves."""
    phone.go("#/outbox")
    with phone.page.expect_download() as saved:
        phone.tap("Compartir lo no enviado")
    file = folder / saved.value.suggested_filename
    saved.value.save_as(file)
    return file


def carry(phone: Phone, file: Path) -> None:
    phone.go("#/outbox")
    phone.page.locator("input[type=file]").set_input_files(file)


def test_a_colleague_delivers_what_nobody_on_the_way_can_read(
    leader: Phone, phones: Callable[..., Phone], office: Office, tmp_path: Path
) -> None:
    leader.everything_received()
    leader.go("#/outbox")
    leader.tap("Compartir lo no enviado")
    leader.see("No hay nada sin enviar.")
    leader.go("#/")
    leader.offline()
    folio = neighbours_lamp(leader, "Doña Refugio")
    leader.on_phone(1)
    file = shared_file(leader, tmp_path)
    text = file.read_text()
    assert "Refugio" not in text
    assert "4421234567" not in text

    colleague = phones("colleague").open().enrol_demo(SECTOR).controlled()
    carry(colleague, file)
    colleague.see("El archivo del colega sale con el próximo envío.")
    colleague.tap("Enviar ahora")
    report = office.until(folio, ["captured"])
    assert report["contact"] == {"name": "Doña Refugio", "phone": "4421234567"}

    # The phone that made the file kept everything, and delivers it again: the same, once.
    leader.go("#/")
    leader.on_phone(1)
    leader.offline(False)
    leader.everything_received()
    assert office.until(folio, ["captured"])["folio"] == report["folio"]


def test_a_strange_file_is_refused_and_a_changed_one_delivers_nothing(
    leader: Phone, phones: Callable[..., Phone], office: Office, tmp_path: Path
) -> None:
    leader.offline()
    folio = lamp(leader)
    changed = shared_file(leader, tmp_path)
    changed.write_text(changed.read_text().replace('"made_at":"20', '"made_at":"19', 1))
    strange = tmp_path / "recibo.json"
    strange.write_text('{"hola": "mundo"}')

    colleague = phones("colleague").open().enrol_demo(LEADER).controlled()
    carry(colleague, strange)
    colleague.see("El archivo no es de esta aplicación o está dañado.")
    carry(colleague, changed)
    colleague.see("El archivo del colega sale con el próximo envío.")
    own = lamp_from_outbox(colleague)
    office.until(own, ["captured"])
    office.pull()
    assert office.found(folio) == []

    leader.go("#/")
    leader.offline(False)
    leader.everything_received()
    office.until(folio, ["captured"])


def lamp_from_outbox(phone: Phone) -> str:
    """Own work goes although the file beside it cannot be read."""
    phone.go("#/")
    folio = lamp(phone)
    phone.everything_received()
    return folio
