"""How alike two states vote: agreement, S, kappa, pi, Lijphart's index, tau-b and cosine, by period, and its change."""

from .change import CHANGE, similarity_change
from .compare import SIMILARITY, similarity
from .matrix import similarity_matrix
from .measures import ABSENCES, MEASURES

__all__ = ["ABSENCES", "CHANGE", "MEASURES", "SIMILARITY", "similarity", "similarity_change", "similarity_matrix"]
