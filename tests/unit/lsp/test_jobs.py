"""Which refinements go on at once, which are joined, and which make way."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from optafly.errors import Cancelled
from optafly.lsp.anchors import Anchor
from optafly.lsp.jobs import WAITING, Job, Jobs
from optafly.lsp.link import CoreLink
from optafly.lsp.places import Place
from optafly.lsp.proposals import Spot
from optafly.protocol import RefinedPrompt, RefineRequest
from tests.unit.lsp.made import result


class PlannedLink:
    """A core that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: dict[str, asyncio.Future[RefinedPrompt]] = {}
        self.ahead: list[str] = []
        self.wanted_now = 0

    async def refine(
        self, request: RefineRequest, settings: Mapping[str, Any], say: Callable[[str], None], *, ahead: bool
    ) -> RefinedPrompt:
        self.ahead += [request.prompt] if ahead else []
        self.asked[request.prompt] = asyncio.get_running_loop().create_future()
        say("at work")
        return await self.asked[request.prompt]

    async def wanted(self) -> None:
        self.wanted_now += 1

    def answer(self, prompt: str) -> None:
        self.asked[prompt].set_result(result(prompt))


@pytest.fixture
def link() -> PlannedLink:
    return PlannedLink()


@pytest.fixture
def jobs(link: PlannedLink) -> Jobs:
    return Jobs(cast(CoreLink, link))


def request(prompt: str, file: str | None = "a.py") -> RefineRequest:
    return RefineRequest(prompt, "/w", file)


def spot(at: int, *, replaceable: bool = True) -> Spot:
    return Spot(Place("file:///w/a.md", "text", replaceable), Anchor(at, at + 4))


def begin(jobs: Jobs, prompt: str, at: Spot | None, file: str | None = "a.py") -> Job:
    job = jobs.begin(request(prompt, file), {}, at)
    assert job is not None
    return job


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_two_about_one_file_follow_each_other(jobs: Jobs, link: PlannedLink) -> None:
    first, second = begin(jobs, "one", spot(0)), begin(jobs, "two", spot(50))
    said: list[str] = []
    waiting = asyncio.create_task(second.result(said.append))
    await turns()
    assert list(link.asked) == ["one"]
    assert said == [WAITING]
    link.answer("one")
    assert (await first.result()).original == "one"
    await turns()
    link.answer("two")
    assert (await waiting).original == "two"
    assert said == [WAITING, "at work"]


async def test_two_about_two_files_go_on_at_once(jobs: Jobs, link: PlannedLink) -> None:
    begin(jobs, "one", spot(0))
    begin(jobs, "two", spot(50), "b.py")
    await turns()
    assert list(link.asked) == ["one", "two"]
    await jobs.close()


async def test_one_that_is_stopped_lets_the_next_begin(jobs: Jobs, link: PlannedLink) -> None:
    first = begin(jobs, "one", spot(0))
    begin(jobs, "two", spot(50))
    first.cancel()
    with pytest.raises(Cancelled):
        await first.result()
    await turns()
    assert "two" in link.asked
    assert jobs.cancel_all() == 1
    assert jobs.cancel_all() == 0
    assert jobs.in_document("file:///w/a.md") == []
    await jobs.close()


async def test_the_same_once_more_is_joined_or_goes_on_already(jobs: Jobs, link: PlannedLink) -> None:
    first = begin(jobs, "one", spot(0))
    assert jobs.begin(request("one"), {}, spot(0)) is None
    assert begin(jobs, "one", spot(50)) is first
    assert begin(jobs, "one", None) is first
    assert jobs.begin(request("one"), {}, None) is None
    await turns()
    link.answer("one")
    await first.result()
    await turns()
    assert begin(jobs, "one", spot(0)) is not first
    await jobs.close()


async def test_one_that_was_stopped_is_not_joined(jobs: Jobs, link: PlannedLink) -> None:
    first = begin(jobs, "one", spot(0))
    first.cancel()
    second = begin(jobs, "one", spot(0))
    assert second is not first
    await turns()
    link.answer("one")
    assert (await second.result()).original == "one"


async def test_a_changed_prompt_takes_the_place_of_what_it_was(jobs: Jobs, link: PlannedLink) -> None:
    first = begin(jobs, "one", spot(0))
    begin(jobs, "one and more", spot(2))
    with pytest.raises(Cancelled):
        await first.result()
    review = begin(jobs, "review", spot(90, replaceable=False))
    begin(jobs, "explain", spot(90, replaceable=False))
    assert not review.over
    await jobs.close()


async def test_work_ahead_makes_way_and_is_joined(jobs: Jobs, link: PlannedLink) -> None:
    jobs.look_ahead(request("one"), {})
    jobs.look_ahead(request("two"), {})
    await turns()
    assert list(link.asked) == ["two"]
    joined = begin(jobs, "two", spot(0))
    assert not joined.ahead
    jobs.look_ahead(request("three"), {})
    await turns()
    assert "three" not in link.asked
    link.answer("two")
    assert (await joined.result()).original == "two"
    jobs.look_ahead(request("four"), {})
    await turns()
    begin(jobs, "five", spot(0))
    await turns()
    assert link.asked["four"].cancelled()
    assert jobs.cancel_all() == 1
    await jobs.close()


async def test_what_is_begun_ahead_is_said_to_be_and_when_somebody_asks_for_it(jobs: Jobs, link: PlannedLink) -> None:
    jobs.look_ahead(request("one"), {})
    await turns()
    assert (link.ahead, link.wanted_now) == (["one"], 0)
    joined = begin(jobs, "one", spot(0))
    waiting = [asyncio.create_task(joined.result()) for _ in range(2)]
    await turns()
    assert link.wanted_now == 1
    link.answer("one")
    await asyncio.gather(*waiting)
    asked = begin(jobs, "two", spot(0))
    await turns()
    link.answer("two")
    await asked.result()
    assert (link.ahead, link.wanted_now) == (["one"], 1)
