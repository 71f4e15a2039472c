"""The measures by name, what they need, the values they can take and where they are undefined."""

from __future__ import annotations

from dataclasses import dataclass

AGREEMENT, SCORE, KAPPA, PI, TAU_B, COSINE = range(6)


@dataclass(frozen=True)
class Measure:
    """code: its column in `tables.all_values`; form: its formula; distance: between two answers; undefined: where."""

    code: int
    form: int
    distance: str
    says: str
    undefined: str = ""

    @property
    def nominal(self) -> bool:
        """Whether the answers need no order, so that absence can be a further one."""
        return self.distance == "nominal"

    @property
    def lowest(self) -> float:
        """The lowest value it can take on any votes; the highest is 1."""
        return 0.0 if self.form == AGREEMENT else -1.0


_CONSTANT = "both states cast one and the same vote throughout (expected disagreement 0)"
_FLAT = "one of the states never varied its vote"
_ZERO = "one of the states abstained throughout"

MEASURES: dict[str, Measure] = {
    "agreement": Measure(0, AGREEMENT, "nominal", "share of identical votes"),
    "s_score": Measure(1, SCORE, "linear", "S with absolute distances (Signorino and Ritter 1999)"),
    "s_squared": Measure(2, SCORE, "squared", "S with squared distances (Signorino and Ritter 1999)"),
    "lijphart": Measure(
        3, AGREEMENT, "linear", "index of agreement, half for a difference of one step (Lijphart 1963)"
    ),
    "kappa": Measure(4, KAPPA, "nominal", "Cohen's kappa (Cohen 1960)", _CONSTANT),
    "kappa_linear": Measure(5, KAPPA, "linear", "Cohen's kappa, linear weights (Cohen 1968)", _CONSTANT),
    "kappa_quadratic": Measure(6, KAPPA, "squared", "Cohen's kappa, quadratic weights (Cohen 1968)", _CONSTANT),
    "pi": Measure(7, PI, "nominal", "Scott's pi (Scott 1955)", _CONSTANT),
    "pi_linear": Measure(8, PI, "linear", "Scott's pi, linear weights", _CONSTANT),
    "pi_quadratic": Measure(9, PI, "squared", "Scott's pi, quadratic weights", _CONSTANT),
    "tau_b": Measure(10, TAU_B, "linear", "Kendall's tau-b", _FLAT),
    "cosine": Measure(11, COSINE, "linear", "cosine of votes coded 1, 0, -1", _ZERO),
}
ALIASES = {"s_abs": "s_score", "s_sq": "s_squared"}
WITH_OWN_DISTANCES = ("s_score", "kappa", "pi")

ABSENCES = {
    "dropped": "only roll calls on which both voted",
    "as_abstention": "absence read as abstention",
    "as_category": "absence as a fourth answer",
}
