"""The dashboard as a browser sees it: who gets in, what it shows, what a form can do."""

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import msgspec
import pytest

from optafly.cache.chroma_store import ChromaStore
from optafly.core.dashboard_script import SCRIPT
from optafly.core.dashboard_style import POLICY, STYLE
from optafly.core.discovery import read_discovery
from optafly.core.parts import cache_folder
from optafly.core.wire import Discovery
from optafly.paths import resolve_paths
from optafly.stats.events import Answered, Decided, Rates, Refined, Usage
from optafly.stats.store import open_store, stats_file
from tests.e2e.core.conftest import BOUND_S, ask, clean_environment, no_core_left, until
from tests.unit.cache.made import record

KEPT = ("how do I sort a list of walruses?", "<script>alert(1)</script> \x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}")
FORM = "application/x-www-form-urlencoded"


class Core(msgspec.Struct, frozen=True):
    discovery: Discovery
    environment: dict[str, str]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.discovery.port}"


class Page(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    text: str


class Browser:
    """Keeps a cookie, with its path, as browsers do."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.cookie = ""
        self.path = ""

    def get(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Page:
        fields = {"Host": f"127.0.0.1:{self.core.discovery.port}"}
        if self.path and path.startswith(self.path):
            fields["Cookie"] = self.cookie
        if body is not None:
            fields |= {"Content-Type": FORM, "Origin": self.core.origin}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.core.discovery.port, timeout=BOUND_S)
        try:
            connection.request(method, path, body, {name: value for name, value in fields.items() if value})
            answer = connection.getresponse()
            found = Page(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode())
        finally:
            connection.close()
        if (given := found.headers.get("set-cookie")) is not None:
            self.cookie = given.partition(";")[0]
            self.path = re.findall(r"Path=([^;]+)", given)[0]
        return found

    def open(self) -> Page:
        link = link_of(self.core)
        page = self.get(link)
        assert page.status == 200
        return page

    def form(self) -> dict[str, str]:
        text = self.get(self.path).text
        return {
            "form": re.findall(r'name="form" value="(\w+)"', text)[0],
            "id": re.findall(r'name="id" value="(\w+)"', text)[0],
        }

    def forget(self, fields: dict[str, str], **headers: str) -> Page:
        return self.get(f"{self.path}forget", "POST", urlencode(fields), **headers)


def link_of(core: Core) -> str:
    found = ask(core.discovery, "POST", "/v1/dashboard", {})
    url = urlsplit(found.body["url"])
    assert f"{url.scheme}://{url.netloc}" == core.origin
    return f"{url.path}?{url.query}"


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    home = tmp_path_factory.mktemp("dashboard") / "home"
    environment = clean_environment(home)
    paths = resolve_paths(environment)
    store = ChromaStore(cache_folder(paths))
    for prompt in KEPT * 1:
        assert store.store(record(prompt, created=time.time(), ttl=1000.0)).ok
    store.close()
    now = time.time()
    rates, used = Rates(2.0, 10.0, 0.1, 2.5, 4.0), Usage(input=1_000_000)
    with open_store(stats_file(paths)) as events:
        events.add([Answered(now - 90, "hit-exact", "claude-x", 12.0, spared=used, saved_ms=4000.0, rates=rates)])
        events.add([Answered(now - 80, "miss", "claude-x", 4000.0, usage=used, rates=rates)])
        events.add([Refined(now - 70, "refined", 31, 87, 0.8, 45.0), Decided(now - 60, "accepted")])
        events.add([Decided(now - 20 * 86_400, "rejected")])
    with no_core_left(home):
        command = [sys.executable, "-m", "optafly", "core", "run"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            yield Core(until(lambda: read_discovery(paths), "the core listens"), environment)
            process.kill()


@pytest.fixture
def browser(core: Core) -> Browser:
    return Browser(core)


class Outline(HTMLParser):
    """What a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in {"src", "href", "action", "srcset", "data", "poster"}:
                self.links.append(value or "")
            if name.startswith("on") or name == "style":
                self.handlers.append(name)


def test_the_command_prints_a_link_that_opens_the_page_once(core: Core, browser: Browser) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "optafly", "dashboard"],
        env=core.environment, capture_output=True, text=True, timeout=BOUND_S, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    (url,) = done.stdout.splitlines()
    assert url.startswith(f"{core.origin}/dashboard/open?code=")
    link = url.removeprefix(core.origin)
    assert browser.get(link, "HEAD").status == 405  # what only looks does not use it up
    page = browser.get(link)
    assert page.status == 200
    assert f'content="0;url={browser.path}"' in page.text
    given = page.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", f"Path={browser.path}"):
        assert part in given
    assert browser.get(browser.path).status == 200
    again = Browser(core).get(link)
    assert (again.status, "set-cookie" in again.headers) == (403, False)
    assert "optafly dashboard" in again.text


def test_nothing_is_shown_without_the_session(core: Core, browser: Browser) -> None:
    browser.open()
    stranger = Browser(core)
    for path in ("/dashboard/", "/dashboard/x/", browser.path, "/dashboard/open", "/dashboard/open?code=" + "0" * 64):
        page = stranger.get(path)
        assert page.status in {403, 404}
        assert "Key figures" not in page.text
    assert stranger.get(browser.path, Cookie="optafly=" + "0" * 64).status == 403
    # The cookie is good for the pages and nothing else.
    assert browser.get("/v1/status", Cookie=browser.cookie).status == 401
    assert browser.get("/v1/cache/entries", Cookie=browser.cookie).status == 401
    # And the link is for those who have the token.
    assert stranger.get("/v1/dashboard", "POST").status == 401


def test_other_pages_and_other_hosts_are_refused(core: Core, browser: Browser) -> None:
    browser.open()
    assert browser.get(browser.path, Origin="https://evil.example").status == 403
    assert browser.get(browser.path, Origin="null").status == 403
    assert browser.get(browser.path, Host="evil.example").status == 403
    assert browser.get(link_of(core), Host=f"evil.example:{core.discovery.port}").status == 403


def test_it_shows_what_was_counted(browser: Browser) -> None:
    browser.open()
    text = browser.get(browser.path).text
    for part in ("1 of 2, 95 %", "$2.00", "4.0 s", "31 → 87", "45 ms", "nobody is asked", "50 %"):
        assert part in text, part
    assert text.count("<svg") == 6
    week = browser.get(f"{browser.path}?span=7d").text
    assert "1 of 1, 95 %" in week
    assert browser.get(f"{browser.path}?span=%3Cscript%3E").status == 200


def test_the_page_loads_nothing_and_runs_its_own_script_alone(browser: Browser) -> None:
    opening = browser.open()
    page = browser.get(browser.path)
    for shown in (opening, page, browser.get("/dashboard/no/such")):
        outline = Outline()
        outline.feed(shown.text)
        assert not outline.tags & {"link", "img", "iframe", "object", "embed", "base"}
        assert outline.handlers == []
        assert all(link.startswith(("?span=", "/dashboard/", "forget")) for link in outline.links)
        assert "://" not in shown.text
        assert shown.headers["content-security-policy"] == POLICY
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["referrer-policy"] == "same-origin"
        assert shown.headers["cache-control"] == "no-store"
        # The digests of the policy are those of these very texts.
        assert f"<style>{STYLE}</style>" in shown.text
        assert shown.text.count("<script") == shown.text.count(f"<script>{SCRIPT}</script>") == (shown is page)
    for part in ("default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in POLICY
    assert "unsafe" not in POLICY
    assert "prefers-color-scheme: dark" in STYLE


def test_what_was_asked_is_escaped(browser: Browser) -> None:
    browser.open()
    text = browser.get(browser.path).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert not {"\x1b", "\N{RIGHT-TO-LEFT OVERRIDE}"} & set(text)


def test_a_form_of_another_page_forgets_nothing(core: Core, browser: Browser) -> None:
    browser.open()
    fields = browser.form()
    assert browser.forget(fields | {"form": "0" * 64}).status == 403
    assert browser.forget({"id": fields["id"]}).status == 403
    assert browser.forget(fields, Origin="").status == 403
    assert browser.forget(fields, Origin="https://evil.example").status == 403
    assert browser.forget(fields, Origin="http://127.0.0.1:1").status == 403
    assert browser.forget(fields, Content_Type="text/plain").status == 403
    assert browser.forget(fields, Cookie="optafly=x").status == 403
    assert browser.forget(fields | {"more": "x" * 5000}).status == 413
    assert browser.get(f"{browser.path}forget").status == 405
    assert len(ask(core.discovery, "GET", "/v1/cache/entries").body) == 2


def test_an_answer_is_forgotten_from_the_page(core: Core, browser: Browser) -> None:
    browser.open()
    fields = browser.form()
    page = browser.forget(fields)
    assert (page.status, page.headers["location"]) == (303, f"{browser.path}?span=30d#kept")
    assert len(ask(core.discovery, "GET", "/v1/cache/entries").body) == 1
    assert fields["id"] not in browser.get(browser.path).text
    again = browser.forget(fields)
    assert again.status == 409
    assert "no answer is kept" in again.text
    assert f'href="{browser.path}?span=30d#kept"' in again.text


def test_the_time_shown_stays_when_an_answer_is_forgotten(core: Core, browser: Browser) -> None:
    browser.open()
    page = browser.forget(browser.form() | {"id": "0" * 32, "span": "7d"})
    assert (page.status, "?span=7d#kept" in page.text) == (409, True)


def test_an_open_page_is_told_whether_it_still_is(core: Core, browser: Browser) -> None:
    browser.open()
    assert browser.get(f"{browser.path}alive").status == 204
    assert Browser(core).get(f"{browser.path}alive").status == 403


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root can play another user")
def test_a_link_that_another_user_read_opens_nothing_and_stays_good(core: Core, browser: Browser) -> None:
    link = link_of(core)
    os.seteuid(65534)
    try:
        page = Browser(core).get(link)
    finally:
        os.seteuid(0)
    assert (page.status, "set-cookie" in page.headers) == (403, False)
    assert "another user" in page.text
    assert browser.get(link).status == 200


def test_a_damaged_file_of_statistics_is_said(tmp_path: Path) -> None:
    from optafly.core.dashboard_data import count

    file = tmp_path / "stats.sqlite3"
    file.write_bytes(b"garbage" * 1000)
    counted = count(file, "7d", time.time())
    assert "damaged" in counted.trouble
    assert len(counted.points) == 28
