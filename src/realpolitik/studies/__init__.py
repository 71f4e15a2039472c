"""What is run for a question: which methods, in which order, and the brief that tells the answer."""

from .brief import brief
from .compare import Comparison, compare
from .pages import forecast, member, pair, resolution
from .run import methods, run
from .systems import SYSTEMS, System

__all__ = [
    "SYSTEMS",
    "Comparison",
    "System",
    "brief",
    "compare",
    "forecast",
    "member",
    "methods",
    "pair",
    "resolution",
    "run",
]
