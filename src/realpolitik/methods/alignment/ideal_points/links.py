"""Which roll calls repeat an earlier one, by title: the versions of one resolution share their item parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_WORDS = "the of in and for on to a an by with from its resolution adopted general assembly draft as whole report"
_COMMON = frozenset(_WORDS.split())
_TAIL = re.compile(r"\s*:\s*(draft )?resolution")
_OTHER = re.compile("[^a-z ]+")


@lru_cache(maxsize=20_000)
def plain_title(title: str | None) -> str:
    """A title without numbers, punctuation and the words that every resolution carries."""
    head = _TAIL.split(str(title or "").lower(), maxsplit=1)[0]
    return " ".join([word for word in _OTHER.sub(" ", head).split() if word not in _COMMON])[:80]


def title_links(titles: Sequence[str | None], session: NDArray[np.integer], most: int = 8) -> NDArray[np.int64]:
    """Group of each roll call: equal plain titles in different sessions at most `most` apart are one group.

    >>> title_links(["Right to food : resolution", "Other matter", "Right to food : resolution"], np.array([70, 70, 71])).tolist()
    [0, 1, 0]
    """
    group = np.arange(len(titles))
    plain = {title: plain_title(title) for title in set(titles)}
    last: dict[str, int] = {}
    for j, title in enumerate(titles):
        key = plain[title]
        if len(key) > 8 and key in last:
            before = last[key]
            if 0 < session[j] - session[before] <= most:
                group[j] = group[before]
        last[key] = j
    return group


def matched_links(ids: Sequence[object], pairs: Sequence[tuple[object, object]]) -> NDArray[np.int64]:
    """Group of each roll call from (earlier, later) pairs; chains are followed to their first member."""
    place = {name: k for k, name in enumerate(ids)}
    group = np.arange(len(ids))

    def first(k: int) -> int:
        while group[k] != k:
            k = int(group[k])
        return k

    for earlier, later in pairs:
        if earlier in place and later in place:
            a, b = first(place[earlier]), first(place[later])
            group[max(a, b)] = min(a, b)
    return np.array([first(k) for k in range(len(ids))])
