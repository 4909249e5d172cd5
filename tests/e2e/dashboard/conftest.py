"""The dashboard in a real browser: Chromium, driven by its own driver, and a core with a home of its own."""

import contextlib
import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from optafly.cache.chroma_store import ChromaStore
from optafly.core.discovery import read_discovery
from optafly.core.parts import cache_folder
from optafly.core.wire import Discovery
from optafly.paths import Paths, resolve_paths
from optafly.stats.events import Answered, Decided, Event, Rates, Refined, Sampled, Usage
from optafly.stats.store import open_store, stats_file
from tests.e2e.core.conftest import BOUND_S, ask, clean_environment, no_core_left
from tests.e2e.core.conftest import until as seen_by_then
from tests.e2e.proxy.conftest import Running, proxy_environment
from tests.standin import running_standin
from tests.unit.cache.made import record

INSTALL = "tests/e2e/dashboard/install.sh (or: make browser)"
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--no-proxy-server",
)  # fmt: skip
HOSTILE = "<img src=x onerror=\"document.title='taken'\"> </script><script>document.title='taken'</script> &amp; &lt;"
LONG = "x" * 300
T = TypeVar("T")
PROMPTS = ("how do I sort a list of walruses?", HOSTILE, LONG)


def until(look: Callable[[], T | None], what: str) -> T:
    """What is seen when it is seen; a page that gives way to the next while it is looked at shows nothing yet."""

    def between_pages() -> T | None:
        with contextlib.suppress(NoSuchElementException, StaleElementReferenceException):
            return look()
        return None

    return seen_by_then(between_pages, what)


class Site(msgspec.Struct, frozen=True):
    """A running core; ``environment`` is that of its processes."""

    discovery: Discovery
    environment: dict[str, str]
    paths: Paths
    process: "subprocess.Popen[bytes]"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.discovery.port}"

    def link(self) -> str:
        """A new link that opens the dashboard."""
        return str(ask(self.discovery, "POST", "/v1/dashboard", {}).body["url"])

    def optafly(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "optafly", *words]
        environment = self.environment | more
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=BOUND_S, check=False)

    def stats(self) -> dict[str, Any]:
        done = self.optafly("stats", "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


class Chromium:
    """What a person sees and does in a browser."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def visit(self, url: str) -> None:
        self.driver.get(url)

    def open(self, site: Site) -> None:
        """Come by a new link, and wait until the dashboard is there."""
        self.visit(site.link())
        self.wait_for_dashboard()

    def wait_for_dashboard(self) -> None:
        until(lambda: self.all("#kept"), "the dashboard")

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    @property
    def text(self) -> str:
        return self.one("body").text

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def colours(self, scheme: str) -> None:
        """Light or dark, as the person's system says."""
        self._tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def width(self, pixels: int) -> None:
        self._tell("Emulation.setDeviceMetricsOverride", width=pixels, height=800, deviceScaleFactor=1, mobile=False)

    def errors(self) -> list[str]:
        """What the console has warned of since this was last asked."""
        told = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [str(line["message"]) for line in told if line["level"] in {"WARNING", "SEVERE"}]

    def requests(self) -> list[str]:
        """What the pages have asked for since this was last asked."""
        told = self.driver.get_log("performance")  # type: ignore[no-untyped-call]
        messages = (json.loads(line["message"])["message"] for line in told)
        return [item["params"]["request"]["url"] for item in messages if item["method"] == "Network.requestWillBeSent"]

    def forget_all(self) -> None:
        """As it was when it was started, but for its cookies."""
        self.visit("about:blank")
        self._tell("Emulation.clearDeviceMetricsOverride")
        self._tell("Emulation.setEmulatedMedia", features=[])
        self.errors()
        self.requests()

    def _tell(self, command: str, **words: object) -> None:
        self.driver.execute_cdp_cmd(command, words)


def program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"{name} is not installed; run {INSTALL}", pytrace=False)
    return path


@pytest.fixture(scope="session")
def _chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    options = ChromeOptions()
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.binary_location = program("chromium")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = Chrome(options, Service(program("chromedriver")))
    try:
        yield Chromium(driver)
    finally:
        driver.quit()


@pytest.fixture
def chromium(_chromium: Chromium) -> Chromium:
    _chromium.forget_all()
    return _chromium


@contextlib.contextmanager
def running_site(
    home: Path,
    events: Iterable[Event] = (),
    prompts: Sequence[str] = (),
    *,
    more: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Site]:
    """A core with what was counted before and answers that are kept; ``more`` is added to its environment."""
    environment = clean_environment(home) | {"OPTAFLY_PROXY_ENABLED": "false", **more}
    paths = resolve_paths(environment)
    now = time.time()
    if prompts:
        store = ChromaStore(cache_folder(paths))
        for number, prompt in enumerate(prompts):
            assert store.store(record(prompt, created=now - number, ttl=86_400.0)).ok
        store.close()
    with open_store(stats_file(paths)) as file:
        file.add(list(events))
    with (
        no_core_left(home),
        subprocess.Popen(
            [sys.executable, "-m", "optafly", "core", "run"], env=environment, stderr=subprocess.DEVNULL
        ) as process,
    ):
        try:
            yield Site(until(lambda: read_discovery(paths), "the core listens"), environment, paths, process)
        finally:
            process.kill()


@contextlib.contextmanager
def proxying_site(home: Path) -> Iterator[tuple[Site, Running]]:
    """A core with its proxy, which passes on to a stand-in for Anthropic."""
    with running_standin() as standin:
        environment = proxy_environment(home, standin.url, OPTAFLY_PROXY_ENABLED="true")
        more = {key: value for key, value in environment.items() if key.startswith(("OPTAFLY_PROXY", "ANTHROPIC_"))}
        with running_site(home, more=more) as site:
            yield site, Running(site.environment, site.process, standin)


def some_events(now: float) -> list[Event]:
    """A month of work: something of every kind, most of it today."""
    rates, used = Rates(2.0, 10.0, 0.2, 2.5, 4.0), Usage(input=400_000, output=30_000, cache_read=90_000)
    cached = Usage(input=100, output=200, cache_read=50_000, cache_write=9_000)
    answered: list[Event] = [
        Answered(
            now - 95, "hit-exact", "claude-x", 12.0, 3.0, spared=used, saved_ms=41_000.0, rates=rates, refined=True
        ),
        Answered(now - 94, "hit-semantic", "claude-x", 31.0, 9.0, spared=used, saved_ms=9_000.0, rates=rates),
        Answered(now - 90, "miss", "claude-x", 4000.0, 700.0, usage=cached, rates=rates, refined=True),
        Answered(now - 89, "bypass", "claude-x", 2000.0, 500.0, usage=used, rates=rates),
        Answered(now - 88, "refused", "claude-x", 3.0, status=403),
        Answered(now - 20 * 86_400, "miss", "claude-x", 9000.0, 900.0, usage=used, rates=rates),
    ]
    return [
        *answered,
        Refined(now - 99, "refined", 31, 87, 0.8, 45.0, True, 1, 0, 12, 210),
        Refined(now - 98, "unchanged", 90, 90, 0.0, 4.0, tokens_before=40, tokens_after=40),
        Decided(now - 97, "accepted"),
        Decided(now - 96, "modified"),
        Decided(now - 20 * 86_400, "rejected"),
        Sampled(now - 80, 512.0),
    ]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A core with figures and kept answers, for tests that change nothing."""
    home = tmp_path_factory.mktemp("filled") / "home"
    with running_site(home, some_events(time.time()), PROMPTS) as site:
        yield site


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    """The same for one test alone."""
    with running_site(tmp_path / "home", some_events(time.time()), PROMPTS) as site:
        yield site


def fetch(url: str) -> str:
    """What another program of this user gets from there."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=BOUND_S) as answer:
        return str(answer.read().decode())


__all__ = ["HOSTILE", "LONG", "PROMPTS", "Chromium", "Site", "fetch", "proxying_site", "running_site", "until"]
