"""Refinements that are going on: joined when asked for twice, stopped when asked to, begun ahead when allowed."""

import asyncio
from collections.abc import Callable
from typing import Any

from optafly.errors import Cancelled
from optafly.lsp.link import CoreLink
from optafly.lsp.proposals import Spot
from optafly.protocol import RefinedPrompt, RefineRequest

Report = Callable[..., None]
WAITING = "waiting for the refinement before it"


class Job:
    """One refinement in the core; several may wait for its result."""

    def __init__(
        self, link: CoreLink, request: RefineRequest, settings: dict[str, Any], before: "list[asyncio.Task[Any]]"
    ) -> None:
        """``before``: what has to be over first."""
        self.request = request
        self.spots: list[Spot | None] = []
        self.ahead = False
        self._begun_ahead = False
        self._link = link
        self._report: Report | None = None
        self._last = ""
        self._stopped = False
        self.task = asyncio.create_task(self._run(link, settings, before))

    @property
    def over(self) -> bool:
        """Whether it has ended, or was told to."""
        return self._stopped or self.task.done()

    def is_for(self, spot: Spot | None) -> bool:
        """Whether the prompt of this place is waited for."""
        return any(spot is other or (spot and other and spot.is_at(other)) for other in self.spots)

    def cancel(self) -> None:
        """Stop it."""
        self._stopped = True
        self.task.cancel()

    async def result(self, report: Report | None = None) -> RefinedPrompt:
        """The refinement; raises `Cancelled` when it was stopped, and what the core raised."""
        self._report = report
        if report is not None and self._last:
            report(self._last)
        if self._begun_ahead and not self.ahead:
            self._begun_ahead = False
            await self._link.wanted()
        # Whoever waits may give up without stopping the work for the others.
        await asyncio.wait([self.task])
        if self.task.cancelled():
            raise Cancelled("cancelled")
        return self.task.result()

    async def _run(self, link: CoreLink, settings: dict[str, Any], before: "list[asyncio.Task[Any]]") -> RefinedPrompt:
        if before:
            self._said(WAITING)
            await asyncio.wait(before)
        self._begun_ahead = self.ahead
        return await link.refine(self.request, settings, self._said, ahead=self.ahead)

    def _said(self, text: str) -> None:
        self._last = text
        if self._report is not None:
            self._report(text)


class Jobs:
    """The refinements of this server, by request."""

    def __init__(self, link: CoreLink) -> None:
        self._link = link
        self._jobs: dict[RefineRequest, Job] = {}

    def begin(self, request: RefineRequest, settings: dict[str, Any], spot: Spot | None) -> Job | None:
        """Begin a refinement, or join the one of the very same request; None where it goes on for this place already.

        One begun ahead makes way for any other, and one of a prompt for that of what the prompt was changed to.
        """
        job = self._jobs.get(request)
        if job is None or job.over:
            self._stop_ahead()
            if spot is not None and spot.place.replaceable:
                self._stop_older(spot)
            job = self._start(request, settings)
        elif not job.ahead and job.is_for(spot):
            return None
        job.ahead = False
        job.spots.append(spot)
        return job

    def look_ahead(self, request: RefineRequest, settings: dict[str, Any]) -> None:
        """Begin one that nobody asked for, unless somebody waits for another."""
        going_on = [job for job in self._jobs.values() if not job.over]
        if any(job.request == request or not job.ahead for job in going_on):
            return
        self._stop_ahead()
        self._start(request, settings).ahead = True

    def cancel_all(self) -> int:
        """Stop every refinement that somebody asked for, and any begun ahead; returns how many of the former."""
        asked = [job for job in self._jobs.values() if not job.ahead and not job.over]
        for job in list(self._jobs.values()):
            job.cancel()
        return len(asked)

    def in_document(self, uri: str) -> list[Job]:
        """Those asked for from a document."""
        return [
            job
            for job in self._jobs.values()
            if not job.over and any(spot and spot.place.uri == uri for spot in job.spots)
        ]

    async def close(self) -> None:
        """Stop all of them and wait until they have."""
        tasks = [job.task for job in self._jobs.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, request: RefineRequest, settings: dict[str, Any]) -> Job:
        # To the core, a newer request about the same file takes the place of the older. A person who chose two prompts
        # wants both, so they wait for each other here.
        about = (request.workspace, request.file)
        others = [job for job in self._jobs.values() if (job.request.workspace, job.request.file) == about]
        job = Job(self._link, request, settings, [other.task for other in others if not other.over])
        self._jobs[request] = job
        job.task.add_done_callback(lambda _: self._ended(job))
        return job

    def _ended(self, job: Job) -> None:
        if self._jobs.get(job.request) is job:
            del self._jobs[job.request]
        if not job.task.cancelled():
            job.task.exception()

    def _stop_older(self, spot: Spot) -> None:
        for job in list(self._jobs.values()):
            if job.spots and all(other is not None and other.is_at(spot) for other in job.spots):
                job.cancel()

    def _stop_ahead(self) -> None:
        for job in list(self._jobs.values()):
            if job.ahead:
                job.cancel()
