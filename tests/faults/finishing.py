"""A process that ends by SIGKILL within the finishing of a photo: ``finishing.py FOLDER STEP before|after``.

Run by ``test_finishing_killed``. The whole photo came; the process ends before or after one of the steps that
make a delivery of it. Nothing of it is left but its files.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from server.context import open_context
from server.evidence.lifecycle import Step
from server.evidence.spool import Upload
from server.evidence.uploads import Uploads
from server.settings import Settings
from tests.server.evidence.pictures import picture, sha256

EVENT = "event:018f0000-0000-7000-8000-000000000001:018f0000-0000-7000-8000-000000000002"
DEVICE = "rosa~018f0000-0000-7000-8000-000000000003"
PHOTO = picture(seed=61)


async def all_of(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def main(folder: Path, wanted: Step, before: bool) -> None:
    real = Uploads._apply

    async def apply(self: Uploads, step: Step, upload: Upload) -> None:
        if step is not wanted or not before:
            await real(self, step, upload)
        if step is wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    Uploads._apply = apply  # type: ignore[method-assign]
    async with open_context(Settings(data_dir=folder)) as context:
        upload = await context.uploads.create("rosa", DEVICE, sha256(PHOTO), "image/jpeg", EVENT, len(PHOTO))
        print(upload.id, flush=True)
        await context.uploads.append(upload, 0, all_of(PHOTO), None)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Step(sys.argv[2]), sys.argv[3] == "before"))
