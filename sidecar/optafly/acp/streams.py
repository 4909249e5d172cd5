"""Descriptors on the event loop: each is read or written by a thread of its own, whatever kind of file it is."""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable
from io import FileIO
from typing import Final

_CHUNK: Final = 64 * 1024
_MOST_CHUNKS: Final = 16
_MOST_WAITING: Final = 1024 * 1024


class Input:
    """Reads a file to its end and closes it; a reader that does not come stops the writer."""

    def __init__(self, file: FileIO, name: str) -> None:
        self._file = file
        self._loop = asyncio.get_running_loop()
        self._chunks: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._room = threading.Semaphore(_MOST_CHUNKS)
        threading.Thread(target=self._run, name=f"optafly-acp-{name}", daemon=True).start()

    async def read(self) -> bytes:
        """What has come, without waiting for more; empty at the end. For one reader."""
        while not self._chunks:
            self._arrived.clear()
            await self._arrived.wait()
        if not self._chunks[0]:
            return b""
        self._room.release()
        return self._chunks.popleft()

    def _run(self) -> None:
        with self._file:
            data = b"-"
            while data:
                self._room.acquire()
                try:
                    data = self._file.read(_CHUNK) or b""
                except (OSError, ValueError):
                    data = b""
                try:
                    self._loop.call_soon_threadsafe(self._arrive, data)
                except RuntimeError:  # the loop has ended
                    return

    def _arrive(self, data: bytes) -> None:
        self._chunks.append(data)
        self._arrived.set()


class Output:
    """Writes to a file in the order it is asked to, and closes it; a reader that does not come stops the caller."""

    def __init__(self, file: FileIO, name: str, broken: Callable[[], object] = lambda: None) -> None:
        """``broken`` is called once, on the loop, when nobody reads any longer."""
        self._file = file
        self._loop = asyncio.get_running_loop()
        self._tell_broken = broken
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._put = 0
        self._taken = 0
        self._full = False
        self._broken = False
        self._room = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name=f"optafly-acp-{name}", daemon=True)
        self._thread.start()

    async def write(self, data: bytes) -> None:
        """Write data, now or after what waits; what nobody reads is dropped."""
        if self._broken:
            return
        self._put += len(data)
        self._waiting.put(data)
        while self._put - self._taken > _MOST_WAITING and not self._broken:
            self._room.clear()
            self._full = True
            # Asked again: the thread may have written it all before it could see that somebody waits.
            if self._put - self._taken > _MOST_WAITING:
                await self._room.wait()

    async def close(self, within_s: float) -> None:
        """Write what waits and close the file, or leave it to the thread after that time."""
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join, within_s)

    def _run(self) -> None:
        with self._file:
            try:
                while (data := self._waiting.get()) is not None:
                    rest = memoryview(data)
                    while rest:
                        rest = rest[self._file.write(rest) or 0 :]
                    self._taken += len(data)
                    if self._full:
                        self._full = False
                        self._loop.call_soon_threadsafe(self._room.set)
            except (OSError, ValueError):
                self._broken = True
                self._say_broken()
            except RuntimeError:  # the loop has ended
                return

    def _say_broken(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._room.set)
            self._loop.call_soon_threadsafe(self._tell_broken)
        except RuntimeError:  # the loop has ended
            return
