"""The page in a real browser: no request leaves it, it fits a phone, and it can be read."""

from __future__ import annotations

import itertools
import re
import shutil
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bi.brief.change_facts import GradeChange
from bi.brief.facts import gather
from bi.brief.page import render
from bi.brief.picture import HEIGHT, WIDTH, take
from tests.bi.brief_evening import build
from warehouse.store import open_reader

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed as `chromium`"),
]

# What A4 leaves within the margins of the style sheet, in CSS pixels.
A4_INNER = {"width": round((210 - 24) / 25.4 * 96), "height": round((297 - 20) / 25.4 * 96)}
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}

# Least contrast of any text with the nearest painted ground behind it, and whose text it is.
LEAST_CONTRAST = """() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 0, 255];
  };
  let least = [99, ''];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const ink = parse(element.closest('svg') ? style.fill : style.color);
    const [a, b] = [light(ink), light(ground(element))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < least[0]) least = [contrast, text];
  }
  return least;
}"""

# Rows in which the words of one part run into those of another.
OVERLAPPING = """rows => rows.filter(row => {
  const boxes = [...row.children].filter(part => part.textContent.trim()).map(part => {
    const text = document.createRange(); text.selectNodeContents(part);
    return text.getBoundingClientRect();
  });
  return boxes.some((one, i) => boxes.slice(i + 1).some(two =>
    one.left < two.right - 1 && two.left < one.right - 1 &&
    one.top < two.bottom - 3 && two.top < one.bottom - 3));
}).map(row => row.textContent)"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("brief")
    with open_reader(build(folder / "riskon.duckdb")) as reader:
        facts = gather(reader)
    page = folder / "brief.html"
    page.write_text(render(facts), encoding="utf-8")
    return page.as_uri()


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An evening with 28 claims, all graded otherwise than the session before, and ten triggers."""
    folder = tmp_path_factory.mktemp("crowded")
    with open_reader(build(folder / "riskon.duckdb")) as reader:
        facts = gather(reader)
    statement = "Capital goods, autos, chemicals, construction, services and textiles lead"
    claims = tuple(
        replace(facts.claims[at % 5], claim_id=f"claim_{at}", statement=statement)
        for at in range(28)
    )
    graded = tuple(
        GradeChange(claim.claim_id, statement, "CONTRADICTED", "NOT SUPPORTED") for claim in claims
    )
    triggers = tuple(facts.standing.triggers[at % 2] for at in range(10))
    told = replace(
        facts,
        claims=claims,
        changes=replace(facts.changes, grades=graded),
        standing=replace(facts.standing, triggers=triggers),
    )
    page = folder / "brief.html"
    page.write_text(render(told), encoding="utf-8")
    return page.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def opened(browser: Browser, address: str, **context: Any) -> tuple[Page, list[str]]:
    """The page, and what it asked for beyond files and data."""
    page = browser.new_page(**context)
    outside: list[str] = []
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(("file:", "data:")) else outside.append(request.url)
        ),
    )
    page.on("console", lambda message: outside.append(f"console: {message.text}"))
    page.goto(address, wait_until="networkidle")
    return page, outside


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_asked_of_the_outside_and_nothing_overflows(
    browser: Browser, address: str, size: dict[str, int]
) -> None:
    page, outside = opened(browser, address, viewport=size)
    for summary in page.locator("summary").all():
        summary.click()
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.title().startswith("SIMULATED: Is money rotating back into risk?")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_all_text_has_contrast(
    browser: Browser, address: str, size: dict[str, int], scheme: str
) -> None:
    page, _ = opened(browser, address, viewport=size, color_scheme=scheme)
    for summary in page.locator("summary").all():
        summary.click()
    contrast, text = page.evaluate(LEAST_CONTRAST)
    assert contrast >= 4.5, text
    page.close()


@pytest.mark.parametrize(
    ("size", "shown", "hidden"), [(PHONE, "narrow", "wide"), (DESK, "wide", "narrow")]
)
def test_each_width_has_its_own_readable_drawing(
    browser: Browser, address: str, size: dict[str, int], shown: str, hidden: str
) -> None:
    page, _ = opened(browser, address, viewport=size)
    assert page.locator(f"figure .{shown}").first.is_visible()
    assert page.locator(f"figure .{hidden}").first.is_hidden()
    heights = page.locator(f"figure .{shown} svg text").evaluate_all(
        "texts => texts.filter(t => t.textContent).map(t => t.getBoundingClientRect().height)"
    )
    assert heights
    assert min(heights) >= 10
    page.close()


def test_the_verdict_is_seen_without_scrolling_on_a_phone(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address, viewport=PHONE)
    box = page.get_by_role("region", name="Verdict").bounding_box()
    assert box is not None
    assert box["y"] + 100 < PHONE["height"]
    page.close()


def test_the_keyboard_reaches_and_opens_everything(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address, viewport=DESK)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.close()


def pages(browser: Browser, address: str) -> tuple[int, float, float]:
    """Pages of the PDF, and the heights of the first and of the second, in A4 pages."""
    page, _ = opened(browser, address, viewport=DESK, color_scheme="dark")
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    page.set_viewport_size(A4_INNER)
    page.emulate_media(media="print")
    first, second = page.evaluate(
        """() => {
          const turn = document.querySelector('.evidence').getBoundingClientRect().top;
          return [turn, document.body.getBoundingClientRect().bottom - turn];
        }"""
    )
    page.close()
    leaves = len(re.findall(rb"/Type\s*/Page\b", printed))
    return leaves, first / A4_INNER["height"], second / A4_INNER["height"]


def test_it_prints_on_two_pages(browser: Browser, address: str) -> None:
    leaves, first, second = pages(browser, address)
    assert leaves == 2
    assert first < 1
    assert second < 1


def test_a_crowded_evening_prints_on_two_pages(browser: Browser, crowded: str) -> None:
    leaves, _, second = pages(browser, crowded)
    assert leaves == 2
    assert second > 0.6


def test_print_is_light_short_and_says_so(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address, viewport=DESK, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    contrast, text = page.evaluate(LEAST_CONTRAST)
    assert contrast >= 4.5, text
    shown = page.locator("body").inner_text()
    for told in ("Where it stands", "What to watch next", "Appetite for risk", "The claims"):
        assert told in shown
    for told in ("Riskon describes", "Printed short", "2026-02-11.html", "graded at"):
        assert told in shown
    for hidden in ("Data health", "Breadth of the market", "About this page", "Why, legs"):
        assert hidden not in shown
    assert page.locator("details pre").first.is_hidden()
    page.close()


def test_tables_keep_their_meaning_when_stacked(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address, viewport=PHONE)
    table = page.get_by_role("region", name="The claims").get_by_role("table").first
    assert table.get_by_role("rowheader").count() == 5
    assert table.get_by_role("row").count() >= 11
    page.close()


def test_what_a_change_takes_is_whole_on_a_phone(browser: Browser, address: str) -> None:
    """Half of a condition is another condition: nothing of it lies behind a sideways scroll."""
    page, _ = opened(browser, address, viewport=PHONE)
    region = page.locator("[aria-labelledby=triggers]")
    assert region.evaluate("at => at.scrollWidth <= at.clientWidth")
    also = region.get_by_text("also: a second close in a row")
    box = also.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    page.close()


def test_background_is_marked_in_print_too(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address, viewport=DESK)
    page.emulate_media(media="print")
    marks = page.locator(".claims .bearing-print")
    assert marks.count() == 1
    assert marks.first.is_visible()
    assert "(background)" in page.locator(".claims").first.inner_text()
    page.close()


def test_monitors_and_gauges_are_whole_at_every_width(browser: Browser, address: str) -> None:
    for size in (PHONE, DESK):
        page, _ = opened(browser, address, viewport=size)
        for name in ("What to watch next", "Appetite for risk"):
            region = page.get_by_role("region", name=name)
            over = region.locator("li").evaluate_all(OVERLAPPING)
            assert region.get_by_role("listitem").count() >= 6
            assert over == [], (name, size)
        pointers = page.locator(".gauge .pointer")
        assert pointers.count() == 5
        for at in range(5):
            assert pointers.nth(at).bounding_box() is not None
        page.close()


def test_a_gauges_pointer_is_at_its_value(browser: Browser, address: str) -> None:
    for size in (PHONE, DESK):
        page, _ = opened(browser, address, viewport=size)
        row = page.locator(".gauges li").nth(1)
        track, pointer = row.locator(".track"), row.locator(".pointer")
        ends, at = track.bounding_box(), pointer.bounding_box()
        assert ends is not None
        assert at is not None
        # The trend pillar of the hand-made evening is 71.
        share = (at["x"] + at["width"] / 2 - ends["x"]) / ends["width"]
        assert abs(share - 0.71) < 0.01
        page.close()


def test_a_picture_is_taken_of_the_top(address: str, tmp_path: Path) -> None:
    picture = tmp_path / "docs" / "brief.png"
    take(Path(url2pathname(urlparse(address).path)), picture)
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">II", content[16:24]) == (WIDTH, HEIGHT)


def test_a_page_that_is_not_there_has_no_picture(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        take(tmp_path / "none.html", tmp_path / "none.png")


def test_wide_tables_scroll_within_and_keep_whose_row_it_is(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address, viewport=PHONE)
    for name, cells in (("counts", 7), ("lists", 7), ("universes", 9), ("sector-map", 6)):
        region = page.locator(f"[aria-labelledby={name}]")
        assert region.evaluate("at => at.scrollWidth > at.clientWidth")
        region.evaluate("at => at.scrollLeft = at.scrollWidth")
        header = region.get_by_role("rowheader").first.bounding_box()
        last = region.get_by_role("cell").nth(cells - 1).bounding_box()
        assert header is not None
        assert last is not None
        assert 0 <= header["x"] < last["x"] + last["width"] <= PHONE["width"]
    page.close()


def test_the_heatmap_is_ordered_by_strength_in_grey_and_in_the_dark(
    browser: Browser, address: str
) -> None:
    light = """at => getComputedStyle(at).backgroundColor.match(/\\d+/g).map(Number)
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)"""
    for scheme, way in (("light", -1), ("dark", 1)):
        page, _ = opened(browser, address, viewport=DESK, color_scheme=scheme)
        for side in ("up", "down"):
            strengths = [
                page.locator(f".map .{side}-{third}").first.evaluate(light) for third in (1, 2, 3)
            ]
            assert strengths == sorted(strengths, key=lambda grey: way * grey)
            steps = [abs(b - a) for a, b in itertools.pairwise(strengths)]
            assert min(steps) >= 10, scheme
        page.close()


def test_bars_of_contributions_stay_in_their_cells(browser: Browser, address: str) -> None:
    for size in (PHONE, DESK):
        page, _ = opened(browser, address, viewport=size)
        outside = page.locator("td.bar span").evaluate_all(
            """all => all.filter(at => {
              const [own, cell] = [at, at.parentElement].map(one => one.getBoundingClientRect());
              return own.left < cell.left - 1 || own.right > cell.right + 1 || own.width < 1;
            }).length"""
        )
        assert page.locator("td.bar span").count() == 6
        assert outside == 0
        page.close()


def test_each_cell_of_the_strip_is_whole(browser: Browser, address: str) -> None:
    for size in (PHONE, DESK):
        page, _ = opened(browser, address, viewport=size)
        cells = page.get_by_role("region", name="The world outside").get_by_role("listitem")
        assert cells.count() == 18
        cut = cells.evaluate_all(
            "all => all.filter(at => at.scrollWidth > at.clientWidth).map(at => at.textContent)"
        )
        assert cut == []
        page.close()


def test_the_odds_of_a_claim_take_one_line_at_a_desk(browser: Browser, address: str) -> None:
    page, _ = opened(browser, address, viewport=DESK)
    cells = page.locator('.claims > tbody > tr > td[data-label="By luck"]')
    assert cells.filter(has_text="about 1 in").count() > 0
    lines = cells.evaluate_all(
        "all => all.map(at => { const text = document.createRange(); text.selectNodeContents(at);"
        " return new Set([...text.getClientRects()].map(line => line.top)).size; })"
    )
    assert set(lines) == {1}
    page.close()
