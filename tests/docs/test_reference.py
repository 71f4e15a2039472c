"""Every public name stands on the reference page."""

import re
from pathlib import Path

import pytest

import realpolitik as rp

API = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


@pytest.mark.skipif(not API.exists(), reason="the documentation is not beside the tests")
def test_every_public_name_is_on_the_reference_page():
    said = set(re.findall(r"^\.\. auto\w+:: ([\w.]+)$", API.read_text("utf-8"), re.M))
    documented = {path.rsplit(".", 1)[-1] for path in said}
    assert set(rp.__all__) - {"__version__"} - documented == set()
