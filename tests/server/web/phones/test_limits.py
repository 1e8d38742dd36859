"""Rate limits guard the doors and never touch a push, a check-in or a photo."""

from __future__ import annotations

import pytest

from tests.device import Refused
from tests.server.intake.municipality import inside
from tests.server.serving import Served
from tests.server.web.phones.conftest import Phones


def test_a_flood_at_the_doors_leaves_the_pushes_alone(phone: Phones, served: Served) -> None:
    lucia = phone("lucia")
    assert lucia.pen
    limits = served.context.limits
    body = {"code": "00000000", "installation": lucia.pen.installation, "public_key": lucia.pen.public_key}
    codes = [lucia.client.post("/api/enrol", json=body).status_code for _ in range(15)]
    assert codes[-1] == 429
    for limit in (limits.password, limits.challenge, limits.code, limits.code_overall):
        for key in ("127.0.0.1", ""):
            limit._buckets[key] = (0.0, 1e12)
    with pytest.raises(Refused, match="too_many_requests"):
        lucia.call("POST", "/api/session/challenge", {"device": lucia.pen.id}, token=False)
    for _ in range(50):
        event = lucia.pen.capture("lampara", **inside(1))
        assert lucia.push([event]) == [{"ok": True, "id": event["_id"]}]
        assert "time" in lucia.checkin()
