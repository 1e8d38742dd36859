"""Seals acts until it is killed: ``sealing.py FOLDER ACCOUNT``. Each id is told once it is durable."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

from server.channels.outbox import PenOutbox
from server.clock import SystemClock, new_uuid7


def main(folder: Path, account: str) -> None:
    clock = SystemClock()
    outbox = PenOutbox(folder, lambda: new_uuid7(clock))
    while True:
        event = f"event:{new_uuid7(clock)}:{new_uuid7(clock)}"
        draft: Any = {"_id": event, "device": f"{account}~{outbox.installation}"}
        sealed = outbox.seal(draft)
        print(sealed.docs[-1]["device_seq"], flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
