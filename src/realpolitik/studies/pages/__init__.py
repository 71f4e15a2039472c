"""Pages on members and roll calls: a member's, two members' or blocs', a roll call's, a forecast's."""

from .beside import pages_beside
from .forecast import forecast
from .member import member
from .pair import pair
from .resolution import resolution

__all__ = ["forecast", "member", "pages_beside", "pair", "resolution"]
