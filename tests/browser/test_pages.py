"""The built reports in a browser: no request, no error, readable, followed by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
COUNTED = "button.n:visible"
OPEN = "[popover]:popover-open"
TOLD = {"resultTypes": ["violations"]}  # nothing is said about the rest: three times as fast


@contextmanager
def shown(browser: Browser, path: Path, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """Open a page; requests to any host are refused and, like errors, listed."""
    context = browser.new_context(**{"viewport": DESK, **options})
    trouble: list[str] = []

    def answer(route: Any) -> None:
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            trouble.append(f"request to {route.request.url}")
            route.abort()

    context.route("**/*", answer)
    page = context.new_page()
    page.on("console", lambda message: trouble.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
    page.goto(path.as_uri())
    try:
        yield page, trouble
    finally:
        context.close()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_no_request_no_message_no_sideways_scroll(
    browser: Browser, path: Path, viewport: dict[str, int]
) -> None:
    with shown(browser, path, viewport=viewport) as (page, trouble):
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"]
        assert page.locator("h1").count() == 1
        assert trouble == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Browser, path: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_core_python.sync_playwright").Axe()
    with shown(browser, path, color_scheme=scheme) as (page, _):
        found = violations(axe.run(page, options=TOLD))
        if page.locator(COUNTED).count():
            page.locator(COUNTED).first.click()
            page.wait_for_selector(OPEN)
            found += violations(axe.run(page, {"include": [["[popover]"]]}, TOLD))
        assert found == []


def violations(result: dict[str, Any]) -> list[str]:
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for rule in result["violations"]
        for node in rule["nodes"][:3]
    ]


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_number_opens_its_trace(browser: Browser, report: Path, script: bool) -> None:
    with shown(browser, report, java_script_enabled=script) as (page, trouble):
        button = page.locator(COUNTED).first
        card = page.locator(f'[id="{button.get_attribute("popovertarget")}"]')
        assert not card.is_visible()
        button.click()
        assert card.is_visible()
        assert "evsyn trace" in card.inner_text()
        card.get_by_role("button", name="Close").click()
        assert not card.is_visible()
        for key in ("Enter", "Space"):
            button.focus()
            page.keyboard.press(key)
            assert card.is_visible()
            page.keyboard.press("Tab")  # the next stop is inside the card
            assert card.locator(":focus").count() == 1
            page.keyboard.press("Escape")
            assert not card.is_visible()
        assert trouble == []


def test_a_trace_shows_a_quote_with_its_source(browser: Browser, report: Path) -> None:
    with shown(browser, report, viewport=PHONE) as (page, _):
        quoted = page.locator("[popover]:has(blockquote)").first
        name = quoted.get_attribute("id")
        page.locator(f'button.n[popovertarget="{name}"]:visible').first.click()
        assert len(quoted.locator("blockquote").first.inner_text()) > 2
        assert len(quoted.locator("figcaption").first.inner_text()) > 2
        box = quoted.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]


def test_a_trace_stays_on_the_screen(browser: Browser, report: Path) -> None:
    with shown(browser, report, viewport={"width": 1200, "height": 900}) as (page, _):
        buttons = page.locator("main button.n:visible")
        for number in range(0, buttons.count(), max(1, buttons.count() // 6)):
            buttons.nth(number).scroll_into_view_if_needed()
            buttons.nth(number).click()
            box = page.locator(OPEN).bounding_box()
            assert box
            assert box["x"] >= -1 and box["x"] + box["width"] <= 1201
            assert box["y"] >= -1 and box["y"] + box["height"] <= 901
            page.keyboard.press("Escape")


def test_an_address_with_a_trace_opens_it(browser: Browser, report: Path) -> None:
    with shown(browser, report) as (page, trouble):
        name = page.locator(COUNTED).first.get_attribute("popovertarget")
        page.goto(f"{report.as_uri()}#{name}")
        page.wait_for_selector(OPEN)
        assert page.locator(OPEN).get_attribute("id") == name
        assert trouble == []


def test_skip_link_first_links_lead_somewhere_print_hides_controls(
    browser: Browser, path: Path
) -> None:
    with shown(browser, path) as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        links = page.locator("header.top a").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        assert links and all((path.parent / link).is_file() for link in links)
        page.emulate_media(media="print")
        assert not page.locator("header.top").is_visible()
        assert page.locator("[popover]:visible").count() == 0
        assert page.locator("h1").is_visible()
