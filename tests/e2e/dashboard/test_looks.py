"""How the page looks and behaves: colours, narrow windows, the keyboard, and what it loads and runs."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from selenium.webdriver.common.keys import Keys

from tests.e2e.dashboard.conftest import HOSTILE, LONG, Chromium, Site

LEGIBLE = 4.5
LARGE_LEGIBLE = 3.0
# Every text that is seen with its colour, the first opaque one behind it, and its size; and every coloured mark.
SEEN = """
  const behind = item => {
    for (let at = item; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return "none";
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const item = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !item.checkVisibility() || item.closest("script, title")) continue;
    const style = getComputedStyle(item);
    const colour = item.closest("svg") ? style.fill : style.color;
    found.push([walker.currentNode.data.trim().slice(0, 40), colour, behind(item), parseFloat(style.fontSize),
                style.fontWeight >= 600]);
  }
  for (const item of document.querySelectorAll("svg rect, svg circle, svg line:not(.grid)")) {
    const style = getComputedStyle(item);
    found.push(["mark " + item.getAttribute("class"), item.tagName === "line" ? style.stroke : style.fill,
                behind(item), 99, true]);
  }
  return found;
"""


def luminance(colour: str) -> float:
    """Of a colour as ``rgb(1, 2, 3)``, by WCAG 2."""
    parts = [float(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    assert len(parts) == 3, colour
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pale(chromium: Chromium) -> set[str]:
    """What can hardly be read."""
    told: list[tuple[str, str, str, float, bool]] = chromium.run(SEEN)
    assert len(told) > 20
    found = set()
    for text, colour, back, size, bold in told:
        needed = LARGE_LEGIBLE if size >= 24 or (bold and size >= 18.66) else LEGIBLE
        if (ratio := contrast(colour, back)) < needed:
            found.add(f"{text!r}: {colour} on {back} is {ratio:.2f}")
    return found


def test_the_measure_of_contrast_is_that_of_the_standard() -> None:
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(filled: Site, chromium: Chromium, scheme: str) -> None:
    chromium.colours(scheme)
    chromium.open(filled)
    page = str(chromium.run("return getComputedStyle(document.body).backgroundColor"))
    assert (luminance(page) < 0.2) == (scheme == "dark")
    assert pale(chromium) == set()
    chromium.all("td > button")[0].click()
    assert pale(chromium) == set()
    chromium.run("const note = document.getElementById('gone'); note.textContent = 'gone'; note.hidden = false")
    assert pale(chromium) == set()


@pytest.mark.parametrize("width", [320, 400, 768, 920, 1280])
def test_a_narrow_window_is_not_scrolled_sideways(filled: Site, chromium: Chromium, width: int) -> None:
    chromium.width(width)
    chromium.open(filled)
    assert sideways(chromium) == []
    chromium.all("td > button")[-1].click()
    assert sideways(chromium) == []
    box = chromium.one("[popover]:popover-open").rect
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def sideways(chromium: Chromium) -> list[str]:
    """What reaches over the right edge of the window, or can be scrolled within it."""
    script = """
      const page = document.documentElement;
      return [...document.querySelectorAll("body, body *")].filter(item => item.checkVisibility() &&
        (item.getBoundingClientRect().right > page.clientWidth + 0.5 ||
         (item.scrollWidth > item.clientWidth + 1 && getComputedStyle(item).overflowX !== "visible")))
        .map(item => item.outerHTML.slice(0, 80));
    """
    found: list[str] = chromium.run(script)
    wide = chromium.run("return document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return ["the page", *found] if wide else found


def test_everything_is_reached_by_keyboard_and_has_a_name(filled: Site, chromium: Chromium) -> None:
    chromium.open(filled)
    expected = [item for item in chromium.all("a, button") if item.is_displayed()]
    reached = []
    for _ in expected:
        chromium.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(chromium.driver.switch_to.active_element)
    assert reached == expected
    names = [item.accessible_name for item in reached]
    assert all(names)
    assert len(set(names)) == len(names), names  # each says what it is about
    assert "Forget the answer to: how do I sort a list of walruses?" in names
    outline = chromium.driver.switch_to.active_element.value_of_css_property("outline-style")
    assert outline == "solid"  # where one is can be seen


def test_charts_are_named_and_headings_in_order(filled: Site, chromium: Chromium) -> None:
    chromium.open(filled)
    names = [item.get_attribute("aria-label") or "" for item in chromium.all("svg[role=img]")]
    assert "Requests by outcome: 6 in all" in names
    assert chromium.run("return [...document.querySelectorAll('h1,h2,h3')].map(item => item.tagName)") == [
        "H1",
        *["H2"] * 4,
    ]
    assert chromium.one("html").get_attribute("lang") == "en"


def test_text_of_a_prompt_stays_text(filled: Site, chromium: Chromium) -> None:
    chromium.open(filled)
    shown = [item.text for item in chromium.all("td.text")]
    assert HOSTILE in shown
    assert f"{LONG[:159]}…" in shown
    assert chromium.driver.title == "OptaFly"
    assert (len(chromium.all("img")), len(chromium.all("script"))) == (0, 1)


def test_nothing_but_the_core_is_asked_and_nothing_goes_wrong(filled: Site, chromium: Chromium) -> None:
    chromium.open(filled)
    chromium.driver.refresh()
    chromium.wait_for_dashboard()
    chromium.run("document.dispatchEvent(new Event('visibilitychange'))")
    asked = chromium.requests()
    assert len(asked) >= 3
    assert [url for url in asked if not url.startswith(f"{filled.origin}/dashboard/")] == []
    assert chromium.errors() == []


class Elsewhere(msgspec.Struct, frozen=True):
    """Another server on this machine, and what it was asked."""

    url: str
    asked: list[str]


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Elsewhere(f"http://127.0.0.1:{server.server_port}", asked)
        server.shutdown()
        thread.join()


def test_a_script_or_an_address_that_got_into_the_page_does_nothing(
    filled: Site, chromium: Chromium, elsewhere: Elsewhere
) -> None:
    chromium.open(filled)
    script = """
      const [url, done] = arguments;
      const inline = document.createElement("script");
      inline.textContent = "document.title = 'taken'";
      document.body.append(inline);
      const handler = document.createElement("div");
      handler.innerHTML = `<img src="${url}/img" onerror="document.title = 'taken'"><a href="javascript:0">x</a>`;
      document.body.append(handler);
      const loaded = document.createElement("script");
      loaded.src = `${url}/script`;
      document.body.append(loaded);
      const style = document.createElement("style");
      style.textContent = `body { background: url(${url}/style) }`;
      document.body.append(style);
      fetch(`${url}/fetch`).then(() => done("fetched"), () => done("refused"));
    """
    assert chromium.driver.execute_async_script(script, elsewhere.url) == "refused"
    assert chromium.driver.title == "OptaFly"
    assert elsewhere.asked == []
    told = "\n".join(chromium.errors())
    for directive in ("script-src", "img-src", "style-src", "connect-src"):
        assert directive in told or f"'{directive}' was not explicitly set" in told


def test_the_page_is_in_no_frame(filled: Site, chromium: Chromium, elsewhere: Elsewhere) -> None:
    chromium.open(filled)
    page = chromium.driver.current_url
    chromium.visit(elsewhere.url)
    script = """
      const [url, done] = arguments;
      const frame = document.createElement("iframe");
      frame.onload = () => { let seen; try { seen = frame.contentDocument; } catch { seen = null; } done(!seen) };
      frame.src = url;
      document.body.append(frame);
    """
    assert chromium.driver.execute_async_script(script, page)
    told = "\n".join(chromium.errors())
    assert "frame-ancestors" in told or "X-Frame-Options" in told
