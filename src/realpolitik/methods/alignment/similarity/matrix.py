"""A similarity as a square matrix, for network packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from realpolitik.terms import InputError, Problem, nearest

if TYPE_CHECKING:
    import polars as pl

    from realpolitik.findings import Finding

COLUMNS = ("value", "n", "low", "high")


def similarity_matrix(
    finding: Finding, *, period: Any = None, column: str = "value", diagonal: float | None = None
) -> pl.DataFrame:
    """Square, symmetric matrix of one period's pairs: a column ``state`` and a column per state, both in order of name.

    For networkx: ``networkx.from_pandas_adjacency(matrix.to_pandas().set_index("state"))``.

    Parameters
    ----------
    finding : from `similarity`.
    period : one of its periods; needed where it holds several.
    column : value, n, low or high.
    diagonal : what stands for a state with itself; null by default.

    Raises
    ------
    InputError
        A finding that holds no pairs, an unknown period or column.

    Examples
    --------
    >>> from realpolitik.methods.alignment.roll_calls.made import made_votes
    >>> from realpolitik.methods.alignment.similarity import similarity
    >>> found = similarity(made_votes(), measure="agreement", states=["AAA", "BBB", "LLL"], by="all")
    >>> similarity_matrix(found, diagonal=1.0).columns
    ['state', 'AAA', 'BBB', 'LLL']
    """
    import polars as pl

    pairs = getattr(finding, "table", None)
    if not isinstance(pairs, pl.DataFrame) or not {"a", "b", "period", "value"} <= set(pairs.columns):
        said = getattr(finding, "method", type(finding).__name__)
        raise InputError([Problem("", "finding", str(said), "a finding of similarity")])
    if column not in COLUMNS:
        raise InputError(
            [Problem("", "column", str(column), "one of " + ", ".join(COLUMNS), nearest=nearest(str(column), COLUMNS))]
        )
    periods = pairs["period"].unique(maintain_order=True).to_list()
    chosen = periods[0] if period is None and len(periods) == 1 else period
    if chosen not in periods:
        raise InputError([Problem("", "period", str(period), f"one of the periods, {periods[0]} to {periods[-1]}")])
    own = pairs.filter(pl.col("period") == chosen).select("a", "b", column)
    states = sorted({*own["a"], *own["b"]})
    alone = pl.DataFrame({"a": states, "b": states, column: pl.Series([diagonal] * len(states), dtype=pl.Float64)})
    both = pl.concat([own, own.select(pl.col("b").alias("a"), pl.col("a").alias("b"), column), alone])
    return both.sort("a", "b").pivot("b", index="a", values=column).rename({"a": "state"}).select("state", *states)
