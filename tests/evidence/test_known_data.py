"""The listed data sets: names and files once each, and digests that are those of the files they were measured on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from realpolitik.evidence.known_data import KNOWN

MEASURED = [d for d in KNOWN if d.sha256]


def test_each_name_and_file_stands_once() -> None:
    for field in ("name", "file"):
        listed = [getattr(d, field) for d in KNOWN]
        assert len(set(listed)) == len(listed)


def test_addresses_are_encrypted() -> None:
    assert all(d.url.startswith("https://") for d in KNOWN if d.url)
    assert all(d.home.startswith("https://") for d in KNOWN)


@pytest.mark.parametrize("dataset", MEASURED, ids=lambda d: d.name)
def test_digests_are_those_of_the_files(dataset: object, shared_data: Path) -> None:
    path = shared_data / "votes" / dataset.file  # type: ignore[attr-defined]
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == dataset.sha256  # type: ignore[attr-defined]
