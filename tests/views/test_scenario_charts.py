"""Charts of cross-impact findings: a mark for each cell, scenario, tie or attractor, drawn by the vendored Vega."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from importlib.resources import files

import pytest

from realpolitik.methods import scenarios as sc
from realpolitik.terms import InputError

STATIC = files("realpolitik.views") / "static"
SCRIPTS = ("vega.min.js", "vega-lite.min.js", "vega-embed.min.js")
MODEL = sc.from_matrix(
    {"A": ["x", "y"], "B": ["u", "v"], "C": ["p", "q", "r"]},
    [
        [0, 0, 2, -2, 1, 0, -1],
        [0, 0, -2, 2, -1, 0, 1],
        [1, -1, 0, 0, 2, 0, -2],
        [-1, 1, 0, 0, -2, 0, 2],
        [2, -2, 0, 0, 0, 0, 0],
        [0] * 7,
        [-2, 2, 0, 0, 0, 0, 0],
    ],
    name="tiny",
)
#: finding, options, class of the marks in the drawing, how many of them
SOLVED, SPARE = sc.consistent_scenarios(MODEL), sc.consistent_scenarios(MODEL, tolerance=4)
MAPPED, READ, ENDS = sc.influence_map(MODEL), sc.scenario_robustness(MODEL, draws=200), sc.basins(MODEL)
CHARTS = {
    "tableau": (SOLVED, {}, "mark-rect", 6),
    "tableau with tolerance": (SPARE, {"view": "tableau"}, "mark-rect", 3 * SPARE.table.height),
    "consistency": (SOLVED, {"view": "consistency"}, "mark-rect", 6),
    "map": (MAPPED, {}, "mark-symbol", 3),
    "indirect map": (MAPPED, {"indirect": True}, "mark-symbol", 3),
    "network": (MAPPED, {"view": "network"}, "mark-symbol", 3 + 5),
    "landscape": (MAPPED, {"view": "landscape"}, "mark-symbol", 2),
    "readings": (READ, {}, "mark-rect", READ.table.height),
    "basins": (ENDS, {}, "mark-rect", ENDS.table.height),
}


@pytest.mark.parametrize("finding", [READ, ENDS])
def test_futures_have_the_number_of_their_row_in_the_table_of_scenarios(finding: object) -> None:
    names = [row["name"] for row in finding.plot()["data"]["values"]]  # type: ignore[attr-defined]
    assert len(set(names)) == len(names)
    numbered = {int(n): name.split(" | ") for n, _, name in (name.partition(": ") for name in names) if n.isdigit()}
    assert sorted(numbered) == list(range(1, SOLVED.table.height + 1))
    for number, variants in numbered.items():
        assert set(variants) <= set(SOLVED.table.select(SOLVED.key).row(number - 1))


@pytest.fixture(params=list(CHARTS))
def chart(request: pytest.FixtureRequest) -> tuple:
    finding, options, kind, number = CHARTS[request.param]
    return finding.plot(**options), kind, number


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    if found is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--headless", "--disable-gpu"]
        )
        yield browser
        browser.close()


def test_it_is_valid_json_with_the_houses_looks(chart) -> None:
    spec, _, _ = chart
    again = json.loads(json.dumps(spec, allow_nan=False))
    assert again["$schema"].endswith("v6.json")
    assert again["config"]["background"] == "transparent"
    assert again["description"]


def test_a_tableau_has_a_cell_per_scenario_and_descriptor() -> None:
    spec = SOLVED.plot(view="tableau", labels={"A": "first factor"})
    cells = spec["data"]["values"]
    drawn = {(c["descriptor"], c["scenario"]): c["variant"] for c in cells}
    told = {
        ("first factor" if d == "A" else d, i): row[d]
        for i, row in enumerate(SOLVED.table.iter_rows(named=True), 1)
        for d in "ABC"
    }
    assert drawn == told
    assert len(cells) == len(told)


def lines(spec: dict) -> list[str]:
    return spec["layer"][1]["encoding"]["y"]["scale"]["domain"]


def test_every_variant_has_its_line_in_the_order_of_the_model_whatever_the_scenarios() -> None:
    expected = ["A: x", "A: y", "B: u", "B: v", "C: p", "C: q", "C: r"]
    assert lines(SOLVED.plot()) == expected
    assert lines(sc.consistent_scenarios(MODEL, given={"A": "y"}).plot()) == expected
    assert lines(SOLVED.plot(variants={"C": ["r", "q", "p"], "A": ["x", "y"]})) == [
        "A: x",
        "A: y",
        "C: r",
        "C: q",
        "C: p",
    ]


def test_the_descriptor_asked_about_stands_first_and_like_scenarios_stand_together() -> None:
    spec = SPARE.plot(first="C")
    assert lines(spec)[:3] == ["C: p", "C: q", "C: r"]
    numbers = spec["layer"][1]["encoding"]["x"]["scale"]["domain"]
    assert sorted(numbers) == list(range(1, SPARE.table.height + 1))
    held = [SPARE.table["C"][n - 1] for n in numbers]
    assert held == sorted(held)
    assert {c["descriptor"] for c in spec["data"]["values"] if c["first"]} == {"C"}


def test_what_is_drawn_can_be_cut_and_says_so() -> None:
    spec = SPARE.plot(view="consistency", most=1)
    assert {c["scenario"] for c in spec["data"]["values"]} == {1}
    assert f"the first 1 of {SPARE.table.height}" in spec["description"]


def test_the_network_has_an_arrow_per_tie() -> None:
    arrows = MAPPED.plot(view="network")["layer"][0]["data"]["values"]
    assert {(a["by"], a["on"], a["strength"]) for a in arrows} == set(MAPPED.tables["network"].iter_rows())


def test_no_scenario_gives_an_empty_chart() -> None:
    none = sc.consistent_scenarios(MODEL, given={"C": "q"})
    assert none.table.height == 0
    for view in ("tableau", "consistency"):
        assert none.plot(view=view)["data"]["values"] == []


def test_an_unknown_view_names_the_nearest() -> None:
    with pytest.raises(InputError, match="network"):
        MAPPED.plot(view="netwrk")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_drawn_without_an_error(chromium, chart, scheme) -> None:
    spec, kind, number = chart
    page = chromium.new_page(viewport={"width": 900, "height": 700}, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_content("<meta name='color-scheme' content='light dark'><div id='chart' style='width:800px'></div>")
    for name in SCRIPTS:
        page.add_script_tag(content=(STATIC / name).read_text("utf-8"))
    page.evaluate("spec => vegaEmbed('#chart', spec, {actions: false, renderer: 'svg'}).then(() => true)", spec)
    marks = page.evaluate(
        """kind => [...document.querySelectorAll(`#chart g.${kind}.role-mark path`)].filter(p => p.getAttribute('d')).length""",
        kind,
    )
    folder = os.environ.get("CHARTS_FOLDER")
    if folder:
        page.screenshot(path=f"{folder}/{spec['description'].split('(')[0].strip()}-{scheme}.png")
    page.close()
    assert said == []
    assert marks == number
