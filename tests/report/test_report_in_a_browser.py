"""The pages as a browser shows them: to everybody, on any screen, on paper, and without anything from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from purview_ai.report.page import fleet_page, index_page, tenant_page
from report.browsers import DESKTOP, PHONE, chromium, reading
from report.examples_of_pages import (
    HOSTILE,
    daily_runs,
    empty_page,
    fleet,
    going_run,
    hostile_page,
    index,
    long_words_page,
    rich_page,
    sound_page,
    with_runs,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

RICH, INDEX = tenant_page(rich_page()), index_page(index())
PAGES = {
    "rich": RICH,
    "index": INDEX,
    "sound": tenant_page(sound_page()),
    "empty": tenant_page(empty_page()),
    "hostile": tenant_page(hostile_page()),
    "long words": tenant_page(long_words_page()),
    "many runs": tenant_page(with_runs(*daily_runs(400), going_run())),
    "fleet": fleet_page(fleet()),
    "hostile fleet": fleet_page(fleet(HOSTILE)),
}
pages = pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 && box.width > 0 && box.bottom > 0;
  return [one.tagName, one.textContent.trim(), shown];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests of this file, and closed before those of another begin: it occupies the thread's event loop."""
    with chromium() as found:
        yield found


@pytest.mark.parametrize("name", ["rich", "index", "empty", "hostile", "fleet"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_to_object_to(
    browser: Browser, tmp_path: Path, name: str, size: tuple[int, int], scheme: str
) -> None:
    with reading(browser, tmp_path, PAGES[name], size, color_scheme=scheme) as reader:
        reader.open_all_details()
        assert reader.objections() == []


def test_axe_would_object_to_a_page_that_is_worse(browser: Browser, tmp_path: Path) -> None:
    worse = RICH.replace('<html lang="en">', "<html>").replace("--soft: #4b5866", "--soft: #c0c8d0")
    with reading(browser, tmp_path, worse) as reader:
        objections = " ".join(reader.objections())
    assert "html-has-lang" in objections


@pages
def test_a_page_asks_for_nothing_but_itself(browser: Browser, tmp_path: Path, html: str) -> None:
    with reading(browser, tmp_path, html) as reader:
        assert reader.asked == [reader.page.url]
        assert reader.violations() == []
        assert reader.said == []


def test_a_hostile_name_is_shown_and_does_nothing(browser: Browser, tmp_path: Path) -> None:
    with reading(browser, tmp_path, PAGES["hostile"]) as reader:
        assert reader.page.locator("h1").inner_text().startswith('<script>document.title="owned"</script>')
        assert reader.page.title().endswith("failed - Purview report")
        assert reader.page.locator("script, img, [onerror], [href^='javascript']").count() == 0
        assert reader.said == []


def test_the_policy_would_stop_what_got_through(browser: Browser, tmp_path: Path) -> None:
    through = "<script>document.title='owned'</script><img src='x.png'><p style='color: red' onclick='f()'>"
    with reading(browser, tmp_path, RICH.replace("</main>", f"{through}</main>")) as reader:
        assert "owned" not in reader.page.title()
        assert set(reader.violations()) == {"script-src-elem", "script-src-attr", "style-src-attr", "img-src"}


@pages
def test_everything_is_there_without_javascript(browser: Browser, tmp_path: Path, html: str) -> None:
    with reading(browser, tmp_path, html) as reader:
        with_it = reader.page.locator("body").text_content()
    with reading(browser, tmp_path, html, java_script_enabled=False) as reader:
        assert reader.page.locator("body").text_content() == with_it
        for summary in reader.page.locator("summary").all()[:2]:
            summary.click()
            assert summary.locator("xpath=following-sibling::*[1]").is_visible()


@pages
def test_the_page_never_scrolls_sideways(browser: Browser, tmp_path: Path, html: str) -> None:
    for width in (320, 360, 700, 1280):
        with reading(browser, tmp_path, html, (width, 800)) as reader:
            reader.open_all_details()
            assert reader.page.evaluate("document.documentElement.scrollWidth") <= width


@pages
def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser, tmp_path: Path, html: str) -> None:
    with reading(browser, tmp_path, html) as reader:
        wanted = [one.text_content() or "" for one in reader.page.locator("a[href], summary").all()]
        reached = list(_tabbed(reader.page))
    assert [text for _, text, _ in reached] == [text.strip() for text in wanted]
    assert all(shown for _, _, shown in reached)


def _tabbed(page: Page) -> Iterator[tuple[str, str, bool]]:
    page.keyboard.press("Tab")
    while (found := page.evaluate(FOCUSED))[0] != "BODY":
        yield tuple(found)
        page.keyboard.press("Tab")


def test_the_first_key_leads_past_the_navigation(browser: Browser, tmp_path: Path) -> None:
    with reading(browser, tmp_path, RICH) as reader:
        reader.page.keyboard.press("Tab")
        assert reader.page.locator(".skip").is_visible()
        reader.page.keyboard.press("Enter")
        assert reader.page.evaluate("document.activeElement.id") == "content"


def test_keys_open_the_table_of_the_runs(browser: Browser, tmp_path: Path) -> None:
    with reading(browser, tmp_path, RICH) as reader:
        table = reader.page.get_by_role("table", name="Runs of chatgpt")
        assert not table.is_visible()
        reader.page.get_by_text("All runs of chatgpt as a table").focus()
        reader.page.keyboard.press("Enter")
        assert table.get_by_role("row").count() == 1 + 43


def test_a_table_stays_a_table_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    with reading(browser, tmp_path, RICH, PHONE) as reader:
        table = reader.page.get_by_role("table", name="Until when the keys are good")
        assert table.get_by_role("row").count() == 5
        assert table.get_by_role("rowheader", name="old-key").is_visible()


@pytest.mark.parametrize(("size", "shown"), [(DESKTOP, "large"), (PHONE, "small")])
def test_a_chart_has_a_name_and_words(browser: Browser, tmp_path: Path, size: tuple[int, int], shown: str) -> None:
    with reading(browser, tmp_path, RICH, size) as reader:
        charts = reader.page.get_by_role("img", name="How the runs ended (chatgpt)")
        assert charts.count() == 1
        assert charts.get_attribute("class") == shown
        assert charts.bounding_box() == pytest.approx(charts.locator("svg").bounding_box(), abs=8)


def test_paper_shows_what_is_closed_on_the_screen(browser: Browser, tmp_path: Path) -> None:
    with reading(browser, tmp_path, RICH, color_scheme="dark") as reader:
        page = reader.page
        inner = [one for table in page.locator("details table").all() for one in table.locator("td").all()[:1]]
        assert inner
        assert not any(cell.is_visible() for cell in inner)
        page.emulate_media(media="print")
        assert all(cell.is_visible() for cell in inner)
        assert not page.get_by_role("navigation").is_visible()
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 36, 48)"
        address = "getComputedStyle(document.querySelector('.documents a'), '::after').content"
        assert "attr(" in page.evaluate(address) or "https://learn.microsoft.com" in page.evaluate(address)
        assert page.pdf(format="A4").startswith(b"%PDF")


def test_each_scheme_has_its_colours(browser: Browser, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}
    for scheme in ("light", "dark"):
        with reading(browser, tmp_path, RICH, color_scheme=scheme) as reader:
            seen[scheme] = reader.page.evaluate(
                "[document.documentElement, document.querySelector('.series.good .mark')]"
                ".map((one) => getComputedStyle(one)).map((one) => one.backgroundColor + one.fill)"
            )
    assert all(light != dark for light, dark in zip(seen["light"], seen["dark"], strict=True))


def test_the_index_leads_to_the_page_of_a_stack(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "contoso.html").write_text(RICH)
    with reading(browser, tmp_path, INDEX) as reader:
        reader.page.get_by_role("link", name="contoso").click()
        assert reader.page.get_by_role("heading", level=1).inner_text() == "contoso"
