"""Take the picture of a report that README shows: docs/images/report.png.

``python scripts/report_picture.py [CHROMIUM]`` after ``make reports``; needs Playwright and a
Chromium (its own, or the one named).
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "reports" / "response_rates_striae.html"
NUMBER = "7 of 16"


def main() -> int:
    """Open the page, follow one number, take the picture."""
    browser = sys.argv[1] if len(sys.argv) > 1 else None
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(
            viewport={"width": 1200, "height": 860}, device_scale_factor=1.5, color_scheme="light"
        )
        page.goto(PAGE.as_uri())
        page.locator("button", has_text=NUMBER).first.click()
        page.screenshot(path=ROOT / "docs" / "images" / "report.png")
        chromium.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
