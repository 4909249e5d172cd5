"""Work on large bodies, beside the event loop: everybody else's answers pass through that one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

LARGE_BYTES: Final = 256 * 1024
"""Smaller bodies are read in a millisecond or two; going to a thread and back would cost them a tenth of one."""

# Each takes turns with the loop, so that more would hold it up more than one after the other does.
_THREADS: Final = 2


class Aside:
    """Does work of small bodies at once, and that of large ones in threads."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="optafly-proxy-large")

    async def do(self, size: int, work: Callable[[], T]) -> T:
        """The outcome of some work on so many bytes; a cancelled caller is waited for no more."""
        if size < LARGE_BYTES:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Begin nothing any more; returns at once."""
        self._pool.shutdown(wait=False, cancel_futures=True)
