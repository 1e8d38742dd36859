"""The event loop of long-running commands: uvloop where it is installed, asyncio's own elsewhere."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

#: Seconds a thread that holds the interpreter may keep another waiting. A commit hands over to a thread and
#: back; at Python's 5 ms each, that is longer than the disk takes.
SWITCH_SECONDS = 0.001

#: Allocations between two collections of the youngest objects, and how many of those make one of the older.
#: Python's 700 and 10 have a batch of parsed documents looked through dozens of times, and all that is in
#: memory every few seconds: some 80 ms in which nobody is answered. Little here is cyclic.
COLLECT = (20_000, 20, 20)


def run_in_loop(work: Coroutine[Any, Any, T]) -> T:
    """As ``asyncio.run``; on two cores uvloop halves the time a request spends outside of our own code."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*COLLECT)
    try:
        from uvloop import new_event_loop
    except ImportError:  # Not made for this platform.
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)


def settle() -> None:
    """Call when a service is up: what it holds now it holds for good, so no collection looks at it again."""
    gc.collect()
    gc.freeze()
