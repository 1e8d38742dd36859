"""What became of a device's work, told to the device alone.

Law: it says what the device's own acknowledgement says and how far backups reach, nothing of any report; so a
phone whose person has left, and whose session is limited, may ask and free what it holds.
"""

from __future__ import annotations

from starlette.responses import Response

from server.delivery.acknowledgement import acknowledgement
from server.documents.ids import chain_id
from server.instants import say
from server.problems import Problem
from server.store.scan import scan
from server.web.authentication import authenticate
from server.web.bodies import answer
from server.web.state import Request


async def custody(request: Request) -> Response:
    """``GET /sync/custody``: ``{time, backed_up_through, acks}``.

    Raises ``device_unknown`` for a session without a device.
    """
    context = request.state["context"]
    session = await authenticate(request, "deliver")
    if session.device is None:
        raise Problem("device_unknown")
    first = chain_id(session.device)
    # Its pages follow it; no other device's id begins with this one's, which ends in a uuid.
    chains = [row.read() async for row in scan(context.databases.cases, first)]
    epoch = await context.feeds.epoch()
    return answer(
        {
            "time": say(context.clock.now()),
            "backed_up_through": {"epoch": epoch.epoch, "admission": epoch.admission},
            "acks": [acknowledgement(chain) for chain in chains],
        }
    )
