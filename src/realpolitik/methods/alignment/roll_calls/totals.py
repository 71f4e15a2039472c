"""How far the totals of a vote strayed from their expectation on earlier roll calls: members err together.

If members erred apart, the spread of a total would be sqrt(sum p (1 - p)), and 90 % of totals would lie within 1.6 of it.
`REACH` is the multiple within which 90 % did lie, by number of earlier versions: with nobody announced on sessions 36 to
59 (first step), with ten announced on sessions 50 to 59.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from .record import OUTCOMES

REACH = {
    False: ((7.9, 6.1, 5.0, 3.8), (4.7, 4.6, 3.4, 3.5), (5.1, 4.6, 3.0, 3.6)),
    True: ((5.7, 5.0, 3.5, 4.0), (4.0, 4.0, 2.5, 3.9), (4.1, 3.2, 1.9, 3.9)),
}
MANY = 10  #: announced votes from which the second row of numbers holds


def expected_totals(p: np.ndarray, versions: int, announced: int) -> pl.DataFrame:
    """Expected number of members by outcome, and the interval within which 90 % of like roll calls' totals fell.

    >>> [round(x) for x in expected_totals(np.tile([0.7, 0.2, 0.05, 0.05], (190, 1)), 0, 0).row(0)[1:]]
    [133, 83, 183]
    """
    reach = np.array(REACH[announced >= MANY][min(versions, 2)])
    mean, spread = p.sum(0), np.sqrt((p * (1 - p)).sum(0) + 0.25)
    low, high = np.clip([mean - reach * spread, mean + reach * spread], 0, len(p))
    return pl.DataFrame({"outcome": OUTCOMES, "expected": mean, "low": low, "high": high})
