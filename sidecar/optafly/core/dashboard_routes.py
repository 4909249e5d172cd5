"""Routes of the dashboard: the one part of the core that a browser may talk to."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qs, quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from optafly.core.answers import Answers
from optafly.core.dashboard_data import MOST_KEPT, SPANS, USUAL_SPAN, Kept, count
from optafly.core.dashboard_page import dashboard_page, message_page, opening_page
from optafly.core.dashboard_sessions import LINK_S, SESSION_S, Session, Sessions, is_form_of
from optafly.core.dashboard_style import POLICY
from optafly.core.failures import log_unexpected
from optafly.core.peers import is_own_connection
from optafly.core.replies import reply
from optafly.core.security import KNOWN, PAGES
from optafly.core.wire_dashboard import DashboardLink
from optafly.errors import OptaFlyError

COOKIE: Final = "optafly"
HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "content-security-policy": POLICY,
        # Not "no-referrer": with that a browser says "null" instead of the page's origin when it sends a form.
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
    }
)
_ROWS_S: Final = 3.0
"""How long kept answers are waited for: the thread that has them may be loading networks."""
_ASK_AGAIN: Final = (
    "This page is closed: a link works once and within a minute, and a page for 12 hours or until the core ends."
    " To open it anew, run: optafly dashboard"
)
_OTHER_USER: Final = "This link is another user's. For your own dashboard, run: optafly dashboard"
_CACHE_BUSY: Final = "kept answers cannot be shown just now; load the page again in a moment"
_FORM: Final = "application/x-www-form-urlencoded"


class Dashboard:
    """The pages (``app``), and the links that lead to them; to be used on one event loop."""

    def __init__(self, file: Path, answers: Answers, *, port: int, note_use: Callable[[], None]) -> None:
        self._file = file
        self._answers = answers
        self._port = port
        self._note_use = note_use
        self._sessions = Sessions()
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="optafly-dashboard")
        self.app = Starlette(
            routes=[
                Route(f"{PAGES}open", self._safe(self._open), methods=["GET"]),
                Route(f"{PAGES}{{name}}/", self._safe(self._show), methods=["GET"]),
                Route(f"{PAGES}{{name}}/alive", self._safe(self._alive), methods=["GET"]),
                Route(f"{PAGES}{{name}}/forget", self._safe(self._forget), methods=["POST"]),
            ],
            exception_handlers={HTTPException: _not_there},
        )

    def close(self) -> None:
        """Read nothing any more."""
        self._reading.shutdown(wait=False, cancel_futures=True)

    async def link(self, _: Request) -> Response:
        """A link that opens the dashboard once, for who has the token of the core."""
        url = f"http://127.0.0.1:{self._port}{PAGES}open?code={self._sessions.new_link()}"
        return reply(DashboardLink(url, LINK_S))

    async def _open(self, request: Request) -> Response:
        # What only looks whether the link is there must not use it up.
        if request.method != "GET":
            return _page(message_page(_ASK_AGAIN), 405)
        # The code stands in the command line of the browser that was started with it, for all users to read.
        if request.client is None or not await asyncio.to_thread(is_own_connection, request.client.port, self._port):
            return _page(message_page(_OTHER_USER), 403)
        session = self._sessions.open(request.query_params.get("code", ""))
        if session is None:
            return _page(message_page(_ASK_AGAIN), 403)
        path = f"{PAGES}{session.name}/"
        answer = _page(opening_page(path))
        answer.set_cookie(COOKIE, session.secret, max_age=int(SESSION_S), path=path, httponly=True, samesite="strict")
        return answer

    async def _show(self, request: Request) -> Response:
        session = self._session(request)
        if session is None:
            return _page(message_page(_ASK_AGAIN), 403)
        self._note_use()
        span, now = _span(request.query_params.get("span", "")), time.time()
        loop = asyncio.get_running_loop()
        counting = loop.run_in_executor(self._reading, count, self._file, span, now)
        kept = await self._kept()
        return _page(dashboard_page(session, await counting, kept, now))

    async def _alive(self, request: Request) -> Response:
        # A page that is merely open keeps no core.
        return _page("", 403 if self._session(request) is None else 204)

    async def _forget(self, request: Request) -> Response:
        session = self._session(request)
        if session is None or not self._is_own(request):
            return _page(message_page(_ASK_AGAIN), 403)
        fields = parse_qs((await request.body()).decode("utf-8", "replace"))
        form, names = fields.get("form", [""])[0], fields.get("id", [])
        if not is_form_of(session, form):
            return _page(message_page(_ASK_AGAIN), 403)
        self._note_use()
        back = f"{PAGES}{quote(session.name)}/?span={_span(fields.get('span', [''])[0])}#kept"
        try:
            await self._answers.forget(names)
        except OptaFlyError as error:
            return _page(message_page(str(error), back), 409)
        return _page("", 303, {"location": back})

    async def _kept(self) -> Kept:
        try:
            async with asyncio.timeout(_ROWS_S):
                return Kept(await self._answers.rows(MOST_KEPT))
        except TimeoutError:
            return Kept(trouble=_CACHE_BUSY)
        except OptaFlyError as error:
            return Kept(trouble=str(error))

    def _session(self, request: Request) -> Session | None:
        found = self._sessions.find(request.path_params["name"], request.cookies.get(COOKIE, ""))
        if found is not None:
            request.scope.get("extensions", {}).get(KNOWN, lambda: None)()
        return found

    def _is_own(self, request: Request) -> bool:
        """Whether a form was sent by a page of ours: browsers say from where, and nothing else sends one."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return request.headers.getlist("origin") == [f"http://{request.headers['host']}"] and kind == _FORM

    def _safe(self, handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except HTTPException:
                raise
            except ClientDisconnect:
                return Response(status_code=499)  # nobody reads it
            except Exception as error:
                log_unexpected(error)
                return _page(message_page(f"The core failed ({type(error).__name__}); its log says where."), 500)

        return answer


def _span(name: str) -> str:
    return name if name in SPANS else USUAL_SPAN


async def _not_there(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return _page(message_page("There is no such page. Run: optafly dashboard"), error.status_code)


def _page(html: str, status: int = 200, more: Mapping[str, str] = MappingProxyType({})) -> Response:
    if status == 204:
        return Response(status_code=status, headers=HEADERS)
    return HTMLResponse(html, status, {**HEADERS, **more})
