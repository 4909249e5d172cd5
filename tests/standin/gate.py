"""Lets a test release what the stand-in sends, piece by piece, from any thread."""

import asyncio
import threading


class Gate:
    """Holds each piece back until it is released; `wait_reached` tells that the stand-in stands before one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._released = 0
        self._open = False
        self._reached = 0
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def release(self, count: int = 1) -> None:
        """Let ``count`` more pieces pass."""
        with self._changed:
            self._released += count
            self._wake()

    def open(self) -> None:
        """Let everything pass from now on."""
        with self._changed:
            self._open = True
            self._wake()

    def wait_reached(self, count: int, timeout: float = 10.0) -> None:
        """Return when so many pieces have come to the gate, passed or not; TimeoutError after ``timeout`` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._reached >= count, timeout):
                raise TimeoutError(f"{self._reached} pieces came to the gate, {count} were waited for")

    async def passed(self) -> None:
        """Come to the gate and wait until it lets one piece pass (called by the stand-in)."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()
        with self._changed:
            self._reached += 1
            self._changed.notify_all()
            self._waiting.append((loop, woken))
        try:
            while not self._take():
                await woken.wait()
                woken.clear()
        finally:
            with self._changed:
                self._waiting.remove((loop, woken))

    def _take(self) -> bool:
        with self._changed:
            if self._open:
                return True
            if self._released == 0:
                return False
            self._released -= 1
            return True

    def _wake(self) -> None:
        for loop, woken in self._waiting:
            loop.call_soon_threadsafe(woken.set)
