"""A server and a network that fail in every way that has a name: nothing is lost, nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browser.conftest import LEADER
from tests.e2e.browser.office import Office
from tests.e2e.browser.phone import Phone
from tests.e2e.browser.proxy import Proxy
from tests.e2e.browser.test_capture import lamp

PUSH = "/sync/inbox/_bulk_docs"
PULL = "/sync/mailbox/"

#: What fails, where and how often.
FAULTS = {
    "internal_error_on_push": ("500", PUSH, 2),
    "overloaded_on_push": ("503", PUSH, 2),
    "session_lost_on_push": ("401", PUSH, 1),
    "hotel_page_instead_of_reply": ("garbage", PUSH, 2),
    "lost_reply_after_bulk_docs": ("lose_reply", PUSH, 2),
    "overloaded_on_pull": ("503", PULL, 2),
    "hotel_page_instead_of_changes": ("garbage", PULL, 2),
    "feed_changed": ("feed_changed", PULL, 1),
    "every_reply_lost_for_a_while": ("lose_reply", "/sync/", 4),
    "internal_error_on_checkin": ("500", "/sync/checkin", 2),
}


def insist(phone: Phone, times: int) -> None:
    """Somebody in a hurry touches "Enviar ahora" again and again."""
    phone.go("#/outbox")
    for _ in range(times):
        phone.page.get_by_role("button", name="Enviar ahora").click()


def test_whatever_fails_each_report_arrives_once(
    phones: Callable[..., Phone], net: Proxy, office: Office
) -> None:
    phone = phones(url=net.url).open().enrol_demo(LEADER).controlled()
    phone.everything_received()
    for name, (fault, path, times) in FAULTS.items():
        phone.go("#/")
        phone.offline()
        folio = lamp(phone)
        phone.on_phone(1)
        net.fault(fault, path, times)
        phone.offline(False)
        insist(phone, times + 1)
        report = office.until(folio, ["captured"])
        assert report["status"] == "captured", name
        phone.go("#/")
        expect(phone.page.locator("[data-status]"), name).to_contain_text("Todo recibido", timeout=90_000)
        net.faults.clear()
    assert {fault for fault, _, _ in FAULTS.values()} <= set(net.happened)


def test_a_lost_reply_to_the_enrolment_locks_nobody_out(phones: Callable[..., Phone], net: Proxy) -> None:
    net.fault("lose_reply", "/api/enrol", 1)
    phone = phones(url=net.url).open()
    phone.tap(LEADER)
    inside = phone.page.locator(".tabs")
    expect(inside.or_(phone.page.get_by_role("alert")).first).to_be_visible()
    if not inside.is_visible():
        phone.enrol_demo(LEADER)
    phone.title("Mi manzana")
    assert net.happened == ["lose_reply"]
