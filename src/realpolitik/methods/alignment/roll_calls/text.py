"""Titles and agenda items as words: cleaning, the key that links versions, and likeness of texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy import sparse

_STOP = frozenset(
    re.findall(
        r"\w+",
        "the of in and for on to a an by with from its resolution adopted general assembly draft as whole report united nations",
    )
)
_TAIL = re.compile(r"\s*[:/]\s*(draft )?resolution.*$")
_DOCUMENT = re.compile(r"\b[as]/[^ ]+( \d+[a-z]*(\.\d+)?(\[\d+\])?)?")
_YEARS = re.compile(r"\b(19|20)\d\d\b")


def clean_title(title: str) -> str:
    """The title in lower case without the cataloguer's tail ("resolution / adopted by ...")."""
    return _TAIL.sub("", str(title).lower().strip())


def clean_agenda(agenda: str) -> str:
    """The agenda in lower case without document symbols and item numbers."""
    return _DOCUMENT.sub(" ", str(agenda or "").lower()).strip()


def words_of(text: str) -> list[str]:
    """The words of a cleaned text that can tell resolutions apart, in order; letters of any script, without accents."""
    plain = text if text.isascii() else _without_accents(text)
    return [w for w in re.sub(r"[\W\d_]+", " ", plain).split() if w not in _STOP]


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def title_key(title: str) -> str:
    """Key shared by the yearly versions of a resolution: its words, without years, first 80 characters."""
    return " ".join(words_of(clean_title(title)))[:80]


def subject_headings(agenda: str) -> list[str]:
    """The library's subject headings at the end of each agenda item ("nuclear weapons--elimination")."""
    parts = _YEARS.sub("", str(agenda or ""))
    return [h.strip().lower() for h in re.findall(r"[A-Z][A-Z ,.'()&-]{3,}(?:--[A-Z ,.'()&-]+)?", parts)]


def term_matrix(titles: Sequence[str], agendas: Sequence[str]) -> sparse.csr_matrix:
    """Resolutions x terms, 1 where a term occurs: title words, pairs of words, agenda words and headings."""
    vocabulary: dict[str, int] = {}
    rows, cols = [], []
    for j, (title, agenda) in enumerate(zip(titles, agendas, strict=True)):
        for term in terms_of(title, agenda):
            rows.append(j)
            cols.append(vocabulary.setdefault(term, len(vocabulary)))
    shape = (len(titles), max(1, len(vocabulary)))
    return sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, cols)), shape=shape)


def terms_of(title: str, agenda: str) -> tuple[str, ...]:
    """Terms of one resolution in one order, marked by where they stand so that title words count apart from agenda words."""
    heading = words_of(clean_title(title))
    pairs = {f"{a}_{b}" for a, b in pairwise(heading)}
    item = {f"a:{w}" for w in words_of(clean_agenda(agenda))}
    return tuple(sorted(set(heading) | pairs | item | {f"h:{h}" for h in subject_headings(agenda)}))


def weighted_terms(terms: sparse.csr_matrix, known: np.ndarray) -> sparse.csr_matrix:
    """Rows of unit length, terms weighted by how rare they are among the resolutions marked `known`."""
    n = max(1, int(known.sum()))
    frequency = np.asarray(terms[known].sum(axis=0)).ravel()
    weighted = terms @ sparse.diags(np.log((1 + n) / (1 + frequency)) + 0.2)
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-9)) @ weighted)
