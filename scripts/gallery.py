"""Draw the gallery: run the pages of docs/gallery, and write each figure that a page shows as a small SVG beside it.

    python scripts/gallery.py DATA [--page votes]

DATA is the folder with votes/, ideal_points/, speeches/ and scenarios/ (see docs/gallery/index.md). A page's code block assigns a
chart to a name; the image of that name (with hyphens) is drawn from it by the vendored Vega in Chromium. figures.json keeps what
the tests compare: a digest of each chart's looks, and how many numbers it draws and what they sum to.
"""

from __future__ import annotations

import argparse
import doctest
import hashlib
import json
import re
import shutil
import sys
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from math import fsum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "gallery"
STATIC = ROOT / "src" / "realpolitik" / "views" / "static"
SCRIPTS = ("vega.min.js", "vega-lite.min.js")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--headless", "--disable-gpu")
WIDTH = 720
MOST_BYTES = 60_000
IMAGE = re.compile(r"!\[([^\]]*)\]\((?:[\w./-]*/)?([\w-]+)\.svg\)")
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
SVG = "http://www.w3.org/2000/svg"
INK, PAPER = "#1c242b", "#ffffff"
#: how the colours of the light figure look on a dark page
DARK = {
    INK: "#e4e9ed", PAPER: "#131416", "#d8dde1": "#363c42", "#d5dbe0": "#363c42", "#8a949e": "#8a949e",
    "#00616f": "#5fc3d1", "#2f6f9f": "#6ea8e0", "#c8a23c": "#d9b44a", "#a8412f": "#e2836f", "#9aa3ab": "#5d6872",
    "#0072b2": "#5db4ea", "#b34700": "#f0965a", "#00785a": "#4cc7a2", "#a3468a": "#dc9fcd", "#7a5c00": "#dcc052",
    "#5b6770": "#a7b1b9",
}  # fmt: skip


def run_page(page: Path, names: Mapping[str, Any]) -> dict[str, Any]:
    """What the names of a page stand for after its code blocks; a block that prints something else is an error."""
    test = doctest.DocTestParser().get_doctest(page.read_text("utf-8"), dict(names), page.name, str(page), 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runner.run(test, out=said.append, clear_globs=False)
    if runner.failures:
        raise SystemExit("".join(said))
    return test.globs


def shown(page: Path) -> list[tuple[str, str]]:
    """(name, text for those who cannot see it) of the figures of a page."""
    return [(name, " ".join(alt.split())) for alt, name in IMAGE.findall(page.read_text("utf-8"))]


def charts(page: Path, names: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The chart behind each figure of a page."""
    values = run_page(page, names)
    return {name: dict(values[name.replace("-", "_")]) for name, _ in shown(page)}


def summary(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What a chart draws in a form that survives another machine's last digit: its looks exactly, its numbers summed."""
    found: list[dict[str, Any]] = []
    looks = hashlib.sha256(json.dumps(_without_values(spec, found), sort_keys=True).encode()).hexdigest()[:16]
    columns: dict[str, list[float]] = {}
    for row in found:
        for name, value in row.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                columns.setdefault(name, []).append(value)
    texts = sorted(v for row in found for v in row.values() if isinstance(v, str))
    sums = {name: [len(values), round(fsum(values), 3)] for name, values in sorted(columns.items())}
    return {"looks": looks, "sums": sums, "texts": hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]}


def _without_values(part: Any, found: list[dict[str, Any]]) -> Any:
    """The specification with its rows moved to `found` and computed bounds of scales left out."""
    if isinstance(part, Mapping):
        if isinstance(part.get("values"), list) and all(isinstance(row, Mapping) for row in part["values"]):
            found.extend(part["values"])
            return {k: _without_values(v, found) for k, v in part.items() if k != "values"}
        return {k: _without_values(v, found) for k, v in part.items() if not (k == "domain" and _numbers(v))}
    return [_without_values(v, found) for v in part] if isinstance(part, list | tuple) else part


def _numbers(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, int | float) for v in value)


def drawn(specs: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """(name, SVG as Vega writes it) of each chart."""
    from playwright.sync_api import sync_playwright

    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        page = browser.new_page()
        for script in SCRIPTS:
            page.add_script_tag(path=str(STATIC / script))
        for name, spec in specs.items():
            sized = {**spec, "width": WIDTH} if spec.get("width") == "container" else dict(spec)
            yield name, page.evaluate("spec => new vega.View(vega.parse(vegaLite.compile(spec).spec)).toSVG()", sized)
        browser.close()


def compact(svg: str, alt: str) -> str:
    """A small SVG with its own light and dark colours, a ground, a title, and no more digits than a screen has."""
    ET.register_namespace("", SVG)
    root = ET.fromstring(_plain_colours(svg))
    for element in root.iter():
        for name in [n for n in element.attrib if n.startswith("aria-") or n in ("role", "class") or "}" in n]:
            del element.attrib[name]
        for name in ("d", "transform"):
            if name in element.attrib:
                element.attrib[name] = _short(element.attrib[name])
    _merge(root)
    _prune(root)
    _hoist(root)
    root.attrib.update({"role": "img", "aria-label": alt})
    width, height = (f"{float(root.attrib[n]):.0f}" for n in ("width", "height"))
    title = ET.Element(f"{{{SVG}}}title")
    title.text = alt
    style = ET.Element(f"{{{SVG}}}style")
    style.text = _style(ET.tostring(root, encoding="unicode"))
    ground = ET.Element(f"{{{SVG}}}rect", {"width": width, "height": height, "fill": PAPER})
    root[:0] = [title, style, ground]
    return ET.tostring(root, encoding="unicode") + "\n"


def _plain_colours(svg: str) -> str:
    return re.sub(r"var\(--[\w-]+, (#[0-9a-f]{6})\)", r"\1", svg).replace("currentColor", INK)


def _style(text: str) -> str:
    used = [(light, dark) for light, dark in DARK.items() if light in text or light == PAPER]
    rules = "".join(f'[fill="{a}"]{{fill:{b}}}[stroke="{a}"]{{stroke:{b}}}' for a, b in used)
    return f"@media (prefers-color-scheme:dark){{{rules}}}"


def _short(text: str) -> str:
    return re.sub(r"-?\d+\.\d+(?:e-?\d+)?", lambda m: f"{float(m[0]):.1f}".removesuffix(".0").replace("-0", "-0"), text)


def _merge(parent: ET.Element) -> None:
    """Neighbouring paths that look alike become one."""
    for child in list(parent):
        _merge(child)
    for before, after in zip(list(parent), list(parent)[1:], strict=False):
        looks = [{k: v for k, v in e.attrib.items() if k != "d"} for e in (before, after)]
        paths = before.tag == after.tag == f"{{{SVG}}}path" and not len(before) + len(after)
        if paths and looks[0] == looks[1] and "transform" not in after.attrib:
            after.attrib["d"] = before.attrib["d"] + after.attrib["d"]
            parent.remove(before)


def _prune(parent: ET.Element) -> None:
    """Without empty groups and backgrounds that draw nothing."""
    for child in list(parent):
        if child.tag == f"{{{SVG}}}clipPath":
            continue
        _prune(child)
        empty = child.tag == f"{{{SVG}}}g" and not len(child)
        blank = child.tag == f"{{{SVG}}}path" and child.get("d", "") in ("", "M0,0")
        unseen = child.get("fill", "") in ("none", "transparent", "") and child.get("stroke", "none") in (
            "none",
            "transparent",
        )
        if empty or blank or (child.tag == f"{{{SVG}}}path" and unseen):
            parent.remove(child)


INHERITED = ("fill", "stroke", "stroke-width", "font-family", "font-size", "font-weight", "text-anchor")


def _hoist(parent: ET.Element) -> None:
    """What all members of a group have in common stands on the group."""
    for child in parent:
        _hoist(child)
    if parent.tag != f"{{{SVG}}}g" or len(parent) < 2:
        return
    for name in INHERITED:
        values = {child.attrib.get(name) for child in parent}
        if len(values) == 1 and None not in values:
            parent.attrib[name] = values.pop()
            for child in parent:
                del child.attrib[name]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--page", help="only this page")
    given = parser.parse_args()
    record = PAGES / "figures.json"
    kept = json.loads(record.read_text("utf-8")) if record.exists() else {}
    for page in sorted(PAGES.glob(f"{given.page or '*'}.md")):
        specs = charts(page, {"data": given.data})
        texts = dict(shown(page))
        for name, svg in drawn(specs):
            small = compact(svg, texts[name])
            if len(small.encode()) > MOST_BYTES:
                print(f"{name}.svg has {len(small.encode())} bytes, above {MOST_BYTES}", file=sys.stderr)
            (PAGES / f"{name}.svg").write_text(small, "utf-8")
            kept[name] = summary(specs[name])
    record.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
