"""Kind of act of a resolution, read from its title and agenda by a stated list of rules.

The first rule that matches decides. A rule looks at the title alone, or at title and agenda, and may name
words that exclude it. The list is the whole classifier: there is nothing learnt in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .text import clean_agenda, clean_title

KINDS = (
    "reparation",
    "penalty_or_membership",
    "unilateral_measures",
    "nuclear_disarmament",
    "disarmament",
    "middle_east",
    "humanitarian",
    "militarisation",
    "human_rights_country",
    "southern_africa",
    "territory_or_force",
    "decolonisation",
    "racism",
    "human_rights",
    "budget",
    "procedure",
    "development",
    "law_and_cooperation",
    "peace_and_security",
    "other",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the list: a kind, the words that show it, where they are sought and what excludes it."""

    kind: str
    words: str
    where: str = "title"
    unless: str = r"(?!)"

    def matches(self, title: str, agenda: str) -> bool:
        """Whether the rule holds for a cleaned, lower-case title and agenda."""
        text = title if self.where == "title" else f"{title} | {agenda}"
        return bool(re.search(self.words, text)) and not re.search(self.unless, title)


_PALESTINE = (
    r"palestin|israel|syrian golan|occupied arab|arab territor|unrwa|jerusalem|middle east peace|"
    r"situation in the middle east|refugees in the near east|lebanon|lebanese|june 1967|displaced since 1967"
)
_NUCLEAR = (
    r"nuclear|non-?proliferation of|fissile|fissionable|test[- ]ban|tlatelolco|rarotonga|pelindaba|bangkok treaty|"
    r"hiroshima|atomic energy|iaea"
)
_ARMS = (
    r"disarmament|\barms\b|\barmament|\bweapon|\bmines?\b|\bmissile|ammunition|munitions|outer space|military (budget|expend|activ|research)|"
    r"biological|chemical weapons|depleted uranium|verification|confidence-building|zone of peace|"
    r"conventional (forces|weapons)|ballistic|napalm|security assurances|1925 geneva protocol|illicit brokering|science and technology in the context of international security"
)
_APARTHEID = r"apartheid|south africa|southern africa|namibia|south west africa|rhodesia|zimbabwe|nelson mandela"
_COLONIAL = (
    r"coloni|self-governing|self-determination|granting of independence|independence to|"
    r"american samoa|bermuda|guam|new caledonia|western sahara|spanish sahara|east timor|tokelau|gibraltar|falkland|malvinas|"
    r"french polynesia|mayotte|trust territor|trusteeship|malagasy|territories under portuguese|angola|mozambique|belize|"
    r"virgin islands|cayman|turks and caicos|montserrat|anguilla|pitcairn|st\. helena|chagos"
)

RULES: tuple[Rule, ...] = (
    Rule("budget", r"^financing of the united nations|conference facilities"),
    Rule("law_and_cooperation", r"co-?operation between the united nations|law of the sea|watercourses"),
    Rule(
        "reparation",
        r"\breparation|\bcompensation for|war damage",
        unless=r"palestin|israel|racis|slave|colonial|officials",
    ),
    Rule(
        "penalty_or_membership",
        r"suspension of the rights of membership|credentials|expulsion|representation of china|rights of the people's republic|"
        r"\badmission of new|\badmission of|membership in the united nations|sanctions against|restoration of the lawful rights",
        unless=r"sanctions against south africa|unilateral",
    ),
    Rule(
        "unilateral_measures",
        r"unilateral|coercive measures|coercion|embargo imposed by|economic measures as a means|trade embargo",
    ),
    Rule(
        "nuclear_disarmament",
        _NUCLEAR,
        unless=r"palestin|south africa|effects of atomic radiation|cooperation between the united nations",
    ),
    Rule(
        "disarmament",
        _ARMS,
        unless=r"palestin|israel|occupied|militari[sz]ation of|peaceful uses of outer space|collaboration with south africa",
    ),
    Rule("disarmament", r"disarmament|arms race|mercenar", where="both", unless=r"palestin|israel|right"),
    Rule("middle_east", _PALESTINE),
    Rule(
        "middle_east",
        r"palestine question|territories occupied by israel|middle east situation|question of palestine",
        where="both",
    ),
    Rule("militarisation", r"militari[sz]ation|foreign military|military bases"),
    Rule(
        "humanitarian",
        r"humanitarian|displaced persons|\brefugee|emergency assistance|disaster relief|safety and security of",
        unless=r"humanitarian law|new international humanitarian order",
    ),
    Rule(
        "human_rights_country",
        r"human rights situation in|situation of human rights|human rights in (el salvador|chile|guatemala|iraq|iran|cuba|haiti|myanmar|sudan|nigeria|"
        r"afghanistan|kosovo|bosnia|the |east|cambodia|zaire|rwanda|burundi|belarus|uzbekistan|turkmenistan)|human rights and fundamental freedoms in (el|chile|guatemala)|"
        r"situation of human rights and fundamental freedoms in|protection of human rights in (chile|el)|rape and abuse of women in the areas of armed conflict",
        unless=r"the context|the administration|the world|the prevention|the family|the field|the use",
    ),
    Rule(
        "human_rights_country",
        r"human rights--(?!advancement|reports|treat|publications|programme|convention|declar|advisory|international|educat|terror|"
        r"extreme|develop|instit|action)[a-z ]+\(?(republic|islamic|dem|myanmar|cuba|iraq|sudan|chile|salvador|haiti|rwanda)",
        where="both",
        unless=r"right to|rights of|freedom|torture|children|women|globali[sz]ation",
    ),
    Rule("southern_africa", _APARTHEID),
    Rule(
        "territory_or_force",
        r"territorial integrity|aggression against|\binvasion|armed intervention|use of force|withdrawal of (foreign|all)|occupied territories of (azerbaijan|croatia)|"
        r"situation in (afghanistan|kampuchea|cambodia|bosnia|the occupied territories|hungary|grenada|panama|central america|the republic of bosnia)|"
        r"aggression|question of (cyprus|korea|hungary|tibet)|military attack|intervention in|"
        r"cyprus|kampuchea|military (attack|intervention|activities in and against)|non-interference|inadmissibility of (the policy of state terrorism|intervention)|situation in crimea|ukraine",
        unless=r"definition of aggression$|special committee on|international criminal court",
    ),
    Rule(
        "territory_or_force",
        r"nicaragua|libyan arab jamahiriya|grenada|panama|iraqi aggression",
        unless=r"assistance|right|development|cooperation",
    ),
    Rule("decolonisation", _COLONIAL, unless=r"right of everyone|universal realization|mercenaries"),
    Rule(
        "racism",
        r"racis|racial|nazi|fasc|slave trade|durban|xenophobi|intoleran(?!t)",
        unless=r"religious intolerance|religion",
    ),
    Rule(
        "budget",
        r"budget|financing|scale of assessments|expenses of|programme planning|salar|pension|pattern of conferences|personnel questions|"
        r"joint inspection|administrative and|apportionment|capital master plan|emoluments|united nations common system|financial (situation|reports|emergenc)|"
        r"human resources",
        unless=r"financing for development|financing of development|financing of housing|terrorism",
    ),
    Rule(
        "human_rights",
        r"human rights|\bright(s)? (to|of)|\bfreedom|torture|death penalty|executions|women|child|girl|religio|democra|elections|discriminat|"
        r"genocide|cultur(e|al) (of peace|diversity)|defamation|indigenous|migrants?|older persons|trafficking|enforced disappearance|covenants?|"
        r"fundamental freedoms|equitable geographical distribution in the membership of the human rights",
        unless=r"right of peoples|law of the sea|development of women",
    ),
    Rule(
        "development",
        r"develop(ment|ing)|econom|trade|commodit|debt|poverty|agricultur|food|climate|environment|sustainable|"
        r"industrial|technology|desert|energy|oceans|water|health|habitat|human settlements|least developed|north-south|natural resources|"
        r"transnational|population|globali[sz]ation|information and communications|oil slick|tourism|storms|forests?|fisher|harmony with nature|marine|biodiversity|disaster|covid|pandemic",
    ),
    Rule(
        "law_and_cooperation",
        r"international (court|law|criminal)|law of the sea|treaty|convention|charter of the united nations|cooperation between|criminal|"
        r"terroris|drug|narcotic|diplomatic|jurisdiction|legal|rule of law|codification|cloning|antarctica|piracy|residual mechanism|tribunal|"
        r"international day|year of|dialogue among|cybersecurity|information (security|technolog)|crime",
    ),
    Rule(
        "peace_and_security",
        r"peace|security|good-neighbourly|mediterranean|indian ocean|conflict|mediation|prevention|small island|zone|détente|detente|"
        r"situation in|question of|strengthening of",
        unless=r"security council$|equitable representation",
    ),
    Rule(
        "procedure",
        r"report of|reports? of the|revitali[sz]ation|agenda|work of the|organi[sz]ation of|committee|commission|council|secretary-general|"
        r"representation|rules of procedure|general assembly|languages|multilingualism|information in the service|questions relating to information|public information",
    ),
    Rule("human_rights", r"human rights", where="both"),
    Rule("decolonisation", r"decoloni|colonial", where="both"),
    Rule("development", r"development|economic", where="both"),
    Rule("budget", r"budget", where="both"),
)


@lru_cache(maxsize=1 << 15)
def kind_of_act(title: str, agenda: str = "") -> str:
    """Kind of act of one resolution, by the first of `RULES` that matches, else "other".

    >>> kind_of_act("Territorial integrity of Ukraine : resolution / adopted by the General Assembly")
    'territory_or_force'
    >>> kind_of_act("Suspension of the rights of membership of the Russian Federation in the Human Rights Council")
    'penalty_or_membership'
    """
    heading, item = clean_title(title), clean_agenda(agenda)
    return next((rule.kind for rule in RULES if rule.matches(heading, item)), "other")


def kinds_of_acts(titles: Sequence[str], agendas: Sequence[str]) -> np.ndarray:
    """Index into `KINDS` of each resolution; equal texts are read once."""
    index = {kind: k for k, kind in enumerate(KINDS)}
    return np.array([index[kind_of_act(*pair)] for pair in zip(titles, agendas, strict=True)], np.int8)
