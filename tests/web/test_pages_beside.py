"""The pages beside the brief as a reader meets them: wide, on a phone, in the dark, printed, by keyboard, by links."""

from __future__ import annotations

import re

import pytest
from test_brief_page import PHONE, WIDE, opened
from test_brief_page import test_every_trace_is_a_stop_of_the_keyboard_and_opens_by_key as opens_by_key
from test_brief_page import test_no_figure_is_drawn_outside_a_cell as no_bare_figure

pytestmark = pytest.mark.browser
SORTS = ("member", "pair", "blocs", "resolution", "forecast")


@pytest.fixture(params=SORTS)
def address(request: pytest.FixtureRequest, beside) -> str:
    return beside[request.param].as_uri()


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_without_an_error_or_a_request(chromium, address, viewport, scheme) -> None:
    page = opened(chromium, address, viewport, scheme)
    assert page.said == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.close()


def test_the_first_screen_fits_one_page_and_prints_on_one(chromium, address) -> None:
    page = opened(chromium, address, {"width": 1440, "height": 1060})
    assert page.evaluate("document.querySelector('.first').getBoundingClientRect().bottom") <= 1060
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium, address, scheme) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(chromium, address, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()[:4000]
    page.evaluate("document.querySelector('[data-cell]').click()")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()[:4000]
    page.close()


def test_every_trace_opens_by_key(chromium, address) -> None:
    opens_by_key(chromium, address)


def test_no_figure_is_drawn_outside_a_cell(chromium, address) -> None:
    no_bare_figure(chromium, address)


def test_the_charts_are_drawn_and_their_names_do_not_overlap(chromium, address) -> None:
    page = opened(chromium, address)
    page.wait_for_function(
        "document.querySelectorAll('.chart').length === document.querySelectorAll('.chart svg').length"
    )
    overlapping = page.evaluate(
        """() => [...document.querySelectorAll('.chart')].flatMap(chart => {
            const boxes = [...chart.querySelectorAll('text')].filter(t => t.textContent.trim() && getComputedStyle(t).opacity > 0)
                .map(t => ({text: t.textContent, box: t.getBoundingClientRect()})).filter(t => t.box.width > 0);
            const hits = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
            return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => hits(a.box, b.box)).map(b => a.text + ' | ' + b.text));
        })"""
    )
    assert overlapping == []
    page.close()


def test_links_lead_from_the_brief_to_a_page_and_back(chromium, built_in_page, beside) -> None:
    page = opened(chromium, built_in_page.as_uri())
    for name in ("member", "pair", "resolution", "forecast"):
        target = beside[name].parent.relative_to(built_in_page.parent).as_posix()
        page.locator(f"nav.pages a[href='{target}/index.html']").click()
        page.wait_for_load_state("load")
        assert page.url.endswith(f"{target}/index.html")
        page.locator("nav.pages a", has_text="The brief").click()
        page.wait_for_load_state("load")
        assert page.url == built_in_page.as_uri()
    page.close()
