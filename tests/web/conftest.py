"""Pages in Chromium: skipped with a reason where none is found, a failure where BROWSER=required."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from realpolitik.studies import brief
from small_case import TEXT, small_case

ARGUMENTS = ("--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking")
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A running Chromium."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def small_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the small case, with a reader's copy of its document attached."""
    folder = tmp_path_factory.mktemp("small")
    copy = folder / "d0.txt"
    copy.write_text(TEXT)
    return brief(small_case(), documents={"D0": copy}).write(folder / "out") / "index.html"


@pytest.fixture(scope="session")
def built_in_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the built-in case."""
    import realpolitik as rp

    return rp.brief("iran-ukraine-2022", as_of="2022-03-31").write(tmp_path_factory.mktemp("built-in")) / "index.html"


@pytest.fixture(scope="session")
def beside(built_in_page: Path) -> dict[str, Path]:
    """The pages beside the built-in case's brief, and one of two blocs, by their sort."""
    import realpolitik as rp

    folder = built_in_page.parent
    blocs = rp.pair("iran-ukraine-2022", "partners", "western_europe_and_others", as_of="2022-03-31")
    return {
        "member": folder / "members" / "IRN" / "index.html",
        "pair": folder / "pairs" / "IRN-RUS" / "index.html",
        "blocs": blocs.write(folder / "pairs" / "partners-weog") / "index.html",
        "resolution": folder / "resolutions" / "A-RES-ES-11-1" / "index.html",
        "forecast": folder / "forecasts" / "A-RES-ES-11-1" / "index.html",
    }
