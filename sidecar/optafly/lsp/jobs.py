"""Refinements that are going on: joined when asked for twice, stopped when asked to, begun ahead when allowed."""

import asyncio
from collections.abc import Callable
from typing import Any

from optafly.errors import Cancelled
from optafly.lsp.link import CoreLink
from optafly.protocol import RefinedPrompt, RefineRequest

Report = Callable[..., None]


class Job:
    """One refinement in the core; several may wait for its result."""

    def __init__(self, link: CoreLink, request: RefineRequest, settings: dict[str, Any], uri: str | None) -> None:
        self.request = request
        self.uri = uri
        self.ahead = False
        self._report: Report | None = None
        self._last = ""
        self._task = asyncio.create_task(link.refine(request, settings, self._said))

    @property
    def done(self) -> bool:
        """Whether there is nothing left to stop."""
        return self._task.done()

    def cancel(self) -> None:
        """Stop it."""
        self._task.cancel()

    async def result(self, report: Report | None = None) -> RefinedPrompt:
        """The refinement; raises `Cancelled` when it was stopped, and what the core raised."""
        self._report = report
        if report is not None and self._last:
            report(self._last)
        # Whoever waits may give up without stopping the work for the others.
        await asyncio.wait([self._task])
        if self._task.cancelled():
            raise Cancelled("cancelled")
        return self._task.result()

    def _said(self, text: str) -> None:
        self._last = text
        if self._report is not None:
            self._report(text)


class Jobs:
    """The refinements of this server, by request."""

    def __init__(self, link: CoreLink) -> None:
        self._link = link
        self._jobs: dict[RefineRequest, Job] = {}

    def begin(self, request: RefineRequest, settings: dict[str, Any], uri: str | None) -> Job:
        """Begin a refinement, or join the one of the very same request; one begun ahead makes way for any other."""
        job = self._jobs.get(request)
        if job is None or job.done:
            self._stop_ahead()
            job = self._start(request, settings, uri)
        job.ahead = False
        job.uri = job.uri or uri
        return job

    def look_ahead(self, request: RefineRequest, settings: dict[str, Any]) -> None:
        """Begin one that nobody asked for, unless somebody waits for another."""
        if request in self._jobs or any(not job.ahead for job in self._jobs.values()):
            return
        self._stop_ahead()
        self._start(request, settings, None).ahead = True

    def cancel_all(self) -> int:
        """Stop every refinement that somebody asked for, and any begun ahead; returns how many of the former."""
        asked = [job for job in self._jobs.values() if not job.ahead]
        for job in list(self._jobs.values()):
            job.cancel()
        return len(asked)

    def in_document(self, uri: str) -> list[Job]:
        """Those asked for from a document."""
        return [job for job in self._jobs.values() if job.uri == uri and not job.ahead]

    async def close(self) -> None:
        """Stop all of them and wait until they have."""
        tasks = [job._task for job in self._jobs.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, request: RefineRequest, settings: dict[str, Any], uri: str | None) -> Job:
        job = Job(self._link, request, settings, uri)
        self._jobs[request] = job
        job._task.add_done_callback(lambda _: self._ended(job))
        return job

    def _ended(self, job: Job) -> None:
        if self._jobs.get(job.request) is job:
            del self._jobs[job.request]
        if not job._task.cancelled():
            job._task.exception()

    def _stop_ahead(self) -> None:
        for job in list(self._jobs.values()):
            if job.ahead:
                job.cancel()
