"""Links that work once, and the sessions they begin."""

import pytest

from optafly.core.dashboard_sessions import LINK_S, MOST, SESSION_S, Sessions, is_form_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(clock)


def test_a_link_works_once(sessions: Sessions) -> None:
    code = sessions.new_link()
    session = sessions.open(code)
    assert session is not None
    assert sessions.open(code) is None
    assert sessions.find(session.name, session.secret) == session


def test_a_link_is_soon_too_old(sessions: Sessions, clock: Clock) -> None:
    code, other = sessions.new_link(), sessions.new_link()
    clock.now = LINK_S - 0.1
    assert sessions.open(code) is not None
    clock.now = LINK_S
    assert sessions.open(other) is None


@pytest.mark.parametrize("code", ["", "x", "0" * 64, "\udcff", "ä" * 64])
def test_what_is_no_code_opens_nothing(sessions: Sessions, code: str) -> None:
    sessions.new_link()
    assert sessions.open(code) is None


def test_a_session_needs_its_own_cookie_and_its_own_name(sessions: Sessions) -> None:
    one, other = sessions.open(sessions.new_link()), sessions.open(sessions.new_link())
    assert one is not None and other is not None
    assert sessions.find(one.name, other.secret) is None
    assert sessions.find(one.name, "") is None
    assert sessions.find("", one.secret) is None
    assert is_form_of(one, one.form)
    assert not is_form_of(one, other.form)
    assert not is_form_of(one, "")
    assert len({one.name, one.secret, one.form, other.name, other.secret, other.form}) == 6


def test_a_session_ends(sessions: Sessions, clock: Clock) -> None:
    session = sessions.open(sessions.new_link())
    assert session is not None
    clock.now = SESSION_S - 0.1
    assert sessions.find(session.name, session.secret) is not None
    clock.now = SESSION_S
    assert sessions.find(session.name, session.secret) is None


def test_the_oldest_make_room(sessions: Sessions) -> None:
    codes = [sessions.new_link() for _ in range(MOST + 1)]
    assert sessions.open(codes[0]) is None
    opened = [sessions.open(sessions.new_link()) for _ in range(MOST + 1)]
    found = [item is not None and sessions.find(item.name, item.secret) is not None for item in opened]
    assert found == [False] + [True] * MOST
