"""Chromium, as a reader has it: the system's own, driven from outside."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

DESKTOP, PHONE = (1280, 900), (360, 740)
_MISSING = "Chromium is missing: make browser, or name the program with CHROMIUM=<path>"
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_WATCH = """
window.violated = [];
document.addEventListener("securitypolicyviolation", (one) => window.violated.push(one.violatedDirective));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium; nothing is ever downloaded."""
    found = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    assert found, _MISSING
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Reader:
    """Somebody who reads one page."""

    page: Page
    asked: list[str] = field(default_factory=list[str])
    """What the page asked for, itself included."""
    said: list[str] = field(default_factory=list[str])
    """Messages of the console, errors, and dialogs."""

    def open_all_details(self) -> None:
        """As somebody would who opens each."""
        self.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    def objections(self) -> list[str]:
        """What axe has to object to."""
        found = Axe().run(self.page, options=_RULES).response["violations"]
        return [f"{one['id']}: {one['help']}: {[node['html'] for node in one['nodes']][:3]}" for one in found]

    def violations(self) -> list[str]:
        """What the page's own policy had to forbid."""
        return self.page.evaluate("window.violated")


@contextmanager
def reading(
    browser: Browser, folder: Path, html: str, size: tuple[int, int] = DESKTOP, **context: Any
) -> Iterator[Reader]:
    """A page that lies in a folder, opened with a window of so many pixels."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    width, height = size
    with browser.new_context(viewport={"width": width, "height": height}, **context) as around:
        around.add_init_script(_WATCH)
        reader = Reader(around.new_page())
        reader.page.on("request", lambda request: reader.asked.append(request.url))
        reader.page.on("console", lambda message: reader.said.append(message.text))
        reader.page.on("pageerror", lambda error: reader.said.append(str(error)))
        reader.page.on("dialog", lambda dialog: reader.said.append(dialog.message))
        reader.page.goto(file.as_uri())
        yield reader
