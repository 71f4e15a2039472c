"""Ideal points: a dynamic ordinal model of every recorded vote, with three engines."""

from .checks import ANCHORS, ENGINES
from .estimate import IDEAL_POINTS, ideal_points

__all__ = ["ANCHORS", "ENGINES", "IDEAL_POINTS", "ideal_points"]
