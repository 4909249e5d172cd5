"""Forgetting a kept answer from the page."""

from pathlib import Path

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.core.conftest import ask
from tests.e2e.dashboard.conftest import PROMPTS, Chromium, Site, proxying_site, until
from tests.unit.proxy.played import body


def kept(site: Site) -> list[str]:
    return [item["prompt"] for item in ask(site.discovery, "GET", "/v1/cache/entries").body]


def forget_button(chromium: Chromium, prompt: str) -> WebElement:
    (row,) = (row for row in chromium.all("tr") if prompt in row.text)
    return row.find_element(By.CSS_SELECTOR, "td > button")


def choose(chromium: Chromium, words: str) -> None:
    """Press a button of the question that is open."""
    (button,) = (item for item in chromium.all("[popover]:popover-open button") if item.text == words)
    button.click()


def test_it_asks_and_keeps_or_forgets(own: Site, chromium: Chromium) -> None:
    chromium.open(own)
    forget_button(chromium, PROMPTS[0]).click()
    question = chromium.one("[popover]:popover-open").text
    assert "Forget this answer?" in question
    assert PROMPTS[0] in question
    assert "cannot be brought back" in question
    choose(chromium, "Keep it")
    assert not chromium.all("[popover]:popover-open")
    assert len(kept(own)) == len(PROMPTS)

    forget_button(chromium, PROMPTS[0]).click()
    choose(chromium, "Forget it")
    until(lambda: PROMPTS[0] not in chromium.text, "the page without it")
    chromium.wait_for_dashboard()
    assert sorted(kept(own)) == sorted(PROMPTS[1:])
    assert chromium.errors() == []


def test_the_question_is_answered_by_keyboard(own: Site, chromium: Chromium) -> None:
    chromium.open(own)
    button = forget_button(chromium, PROMPTS[0])
    button.send_keys(Keys.ENTER)
    assert chromium.driver.switch_to.active_element.text == "Keep it"  # what does no harm comes first
    chromium.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not chromium.all("[popover]:popover-open")
    assert chromium.driver.switch_to.active_element == button
    button.send_keys(Keys.SPACE)
    chromium.driver.switch_to.active_element.send_keys(Keys.TAB)
    assert chromium.driver.switch_to.active_element.text == "Forget it"
    chromium.driver.switch_to.active_element.send_keys(Keys.ENTER)
    until(lambda: len(kept(own)) == len(PROMPTS) - 1, "it is forgotten")


def test_the_time_shown_stays(own: Site, chromium: Chromium) -> None:
    chromium.open(own)
    chromium.visit(f"{chromium.driver.current_url}?span=7d")
    forget_button(chromium, PROMPTS[0]).click()
    choose(chromium, "Forget it")
    until(lambda: PROMPTS[0] not in chromium.text, "the page without it")
    assert chromium.one("nav a[aria-current=page]").text == "7 days"


def test_what_is_gone_already_is_said_with_a_way_back(own: Site, chromium: Chromium) -> None:
    chromium.open(own)
    assert own.optafly("cache", "clear", "--yes").returncode == 0
    forget_button(chromium, PROMPTS[0]).click()
    choose(chromium, "Forget it")
    until(lambda: "no answer is kept" in chromium.text, "it is said")
    chromium.one("a").click()
    chromium.wait_for_dashboard()
    assert "no answer is kept" in chromium.text


def test_a_forgotten_answer_is_not_given_again(tmp_path: Path, chromium: Chromium) -> None:
    prompt = "What is a quagga?"
    with proxying_site(tmp_path / "home") as (site, running):
        assert running.ask(body(prompt)).own["cache"] == "miss"
        running.kept(body(prompt))
        chromium.open(site)
        forget_button(chromium, prompt).click()
        choose(chromium, "Forget it")
        until(lambda: "no answer is kept" in chromium.text, "the page without it")
        assert running.ask(body(prompt)).own["cache"] == "miss"
