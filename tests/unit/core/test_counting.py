"""Which refinements are counted: what a person asked for, once, with the time that they waited."""

from pathlib import Path

import msgspec
import pytest

from optafly.core.counting import Counting
from optafly.core.recording import Recording
from optafly.paths import resolve_paths
from optafly.protocol import RefineRequest
from optafly.stats.events import Refined
from optafly.stats.store import read_events, stats_file
from tests.unit.lsp.made import result

BOUND_S = 60.0
REQUEST = RefineRequest("fix it", "/w", "a.py")
OTHER = msgspec.structs.replace(REQUEST, prompt="fix that")


class Counted:
    """Counting with a clock of its own, and what came of it."""

    def __init__(self, folder: Path) -> None:
        self._paths = resolve_paths({"OPTAFLY_HOME": str(folder)})
        self.recording = Recording(self._paths, {})
        self.now = 100.0
        self.counting = Counting(self.recording, clock=lambda: self.now)

    def refine(self, request: RefineRequest = REQUEST, *, ahead: bool = False, kept: bool = False) -> None:
        """One that is begun and done; it takes a millisecond."""
        work = self.counting.begin("editor", request, ahead=ahead)
        work.kept = kept
        self.counting.done(work, result())

    def events(self) -> list[tuple[str, float]]:
        assert self.recording.flush(BOUND_S)
        found = read_events(stats_file(self._paths), 0.0, 1e12)
        return [(event.ready, event.took_ms) for event in found if isinstance(event, Refined)]


@pytest.fixture
def counted(tmp_path: Path) -> Counted:
    return Counted(tmp_path)


def test_what_nobody_asked_for_is_not_counted(counted: Counted) -> None:
    counted.refine(ahead=True)
    counted.refine(OTHER)
    assert counted.events() == [("", 1.0)]


def test_what_was_worked_out_ahead_counts_once_when_it_is_asked_for(counted: Counted) -> None:
    counted.refine(ahead=True)
    counted.refine(kept=True)
    counted.refine(kept=True)
    assert counted.events() == [("ahead", 1.0), ("again", 1.0)]


def test_what_was_worked_out_ahead_and_is_not_there_any_more_is_worked_out_anew(counted: Counted) -> None:
    counted.refine(ahead=True)
    counted.refine()
    counted.refine(kept=True)
    assert counted.events() == [("", 1.0), ("again", 1.0)]


def test_looking_ahead_at_what_was_asked_for_makes_it_no_new_refinement(counted: Counted) -> None:
    counted.refine()
    counted.refine(ahead=True, kept=True)
    counted.refine(kept=True)
    assert counted.events() == [("", 1.0), ("again", 1.0)]


def test_who_asks_while_it_is_worked_out_ahead_waits_for_the_rest(counted: Counted) -> None:
    work = counted.counting.begin("editor", REQUEST, ahead=True)
    counted.counting.wanted("another")
    counted.now += 2
    counted.counting.wanted("editor")
    counted.now += 0.5
    counted.counting.done(work, result())
    assert counted.events() == [("ahead", 500.0)]


def test_who_asks_at_the_moment_it_is_done_has_asked_for_it(counted: Counted) -> None:
    counted.refine(ahead=True)
    counted.counting.wanted("editor")
    counted.counting.wanted("editor")
    counted.refine(kept=True)
    assert counted.events() == [("ahead", 0.0), ("again", 1.0)]


def test_the_word_that_it_is_wanted_may_come_before_the_request(counted: Counted) -> None:
    counted.counting.wanted("editor")
    work = counted.counting.begin("editor", REQUEST, ahead=True)
    counted.now += 2.0
    counted.counting.done(work, result())
    counted.refine(OTHER, ahead=True)
    assert counted.events() == [("ahead", 2000.0)]


def test_a_word_that_came_too_late_is_about_nothing_that_is_begun_later(counted: Counted) -> None:
    counted.refine(ahead=True, kept=True)
    counted.counting.wanted("editor")
    counted.now += 60.0
    counted.refine(OTHER, ahead=True)
    assert counted.events() == []


def test_what_failed_is_counted_as_nothing(counted: Counted) -> None:
    work = counted.counting.begin("editor", REQUEST, ahead=True)
    counted.counting.done(work, None)
    counted.counting.wanted("editor")
    assert counted.events() == []
