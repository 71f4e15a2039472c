"""Data sets that this package can read, none of which it ships: licence, version, citation, and where to get them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DataSet:
    """One data set: what it holds, under which terms, how to cite it, and the file that is expected.

    ``url`` is where the file itself can be fetched, empty where it has to be taken by hand from ``home``; ``sha256`` is
    that of the file, empty where none was published or measured: a later edition at the same address has another digest.
    """

    name: str
    holds: str
    version: str
    licence: str
    citation: str
    home: str
    file: str
    reads: str  #: what reads it
    url: str = ""
    sha256: str = ""


RAW = "https://raw.githubusercontent.com"

KNOWN: tuple[DataSet, ...] = (
    DataSet(
        "un-votes", "General Assembly roll calls: every member's vote on each resolution adopted by a recorded vote",
        "a dated edition, such as 2025_9_19_ga_voting.csv; take the newest", "Copyright, United Nations; non-commercial use, with attribution",
        "United Nations Dag Hammarskjöld Library. General Assembly Voting Data. United Nations, https://digitallibrary.un.org/record/4060887.",
        "https://digitallibrary.un.org/record/4060887 (with a browser: the site turns programs away)", "un-votes.csv", "read_un_library",
    ),
    DataSet(
        "un-council-votes", "Security Council roll calls: every member's vote on each adopted resolution",
        "a dated edition, such as 2025_11_25_sc_voting.csv; take the newest", "Copyright, United Nations; non-commercial use, with attribution",
        "United Nations Dag Hammarskjöld Library. Security Council Voting Data. United Nations, https://digitallibrary.un.org/record/4055387.",
        "https://digitallibrary.un.org/record/4055387 (with a browser: the site turns programs away)", "un-council-votes.csv", "read_un_library",
    ),
    DataSet(
        "un-votes-numeric", "UN General Assembly roll calls with numeric votes and COW numbers", "1946 on, revised yearly",
        "stated at the DOI; confirm there",
        "Voeten, Erik; Strezhnev, Anton; Bailey, Michael. United Nations General Assembly Voting Data. doi:10.7910/DVN/LEJUQZ",
        "https://doi.org/10.7910/DVN/LEJUQZ", "un-votes-numeric.csv", "read_voeten",
    ),
    DataSet(
        "unvotes", "UN General Assembly votes of the R package unvotes (absences missing)", "to 2019", "MIT",
        "Robinson, David; Goguen-Compagnoni, Nicholas. unvotes: United Nations General Assembly Voting Data.",
        "https://github.com/dgrtwo/unvotes", "un_votes.rda", "read_unvotes, with unvotes-roll-calls",
        f"{RAW}/dgrtwo/unvotes/master/data/un_votes.rda",
        "cf814a48bc536e8f87f8e027942ac515fe6aae9d63cd71dd88ed718b14887e87",
    ),
    DataSet(
        "unvotes-roll-calls", "The roll calls that unvotes' votes belong to (dates before 2000 some days early)", "to 2019", "MIT",
        "Robinson, David; Goguen-Compagnoni, Nicholas. unvotes: United Nations General Assembly Voting Data.",
        "https://github.com/dgrtwo/unvotes", "un_roll_calls.rda", "read_unvotes, with unvotes",
        f"{RAW}/dgrtwo/unvotes/master/data/un_roll_calls.rda",
        "ff2070ae600cfd32176c6d149637306b9b677d6b910f48bec59a15357d673b4b",
    ),
    DataSet(
        "ideal-points", "Published ideal points of UN members by session", "2020-04", "MIT",
        "Bailey, Michael; Strezhnev, Anton; Voeten, Erik 2017. Estimating Dynamic State Preferences from United Nations Voting Data. "
        "Journal of Conflict Resolution 61(2). doi:10.1177/0022002715595700",
        "https://github.com/evoeten/United-Nations-General-Assembly-Votes-and-Ideal-Points", "ideal-points.csv", "a reference to compare with",
        f"{RAW}/evoeten/United-Nations-General-Assembly-Votes-and-Ideal-Points/master/Output/IdealpointestimatesAll_Apr2020.csv",
    ),
    DataSet(
        "cow-trade", "Dyadic trade of states, imports in million current US dollars", "4.0, to 2014", "stated by its publisher; confirm there",
        "Barbieri, Katherine; Keshk, Omar. Correlates of War Project Trade Data Set Codebook, Version 4.0.",
        "https://correlatesofwar.org", "cow-trade.csv", "figures named data:cow-trade-4.0/...",
    ),
    DataSet(
        "sipri-arms", "Arms transfers in trend-indicator values", "to 2021", "SIPRI's own terms; confirm there",
        "Stockholm International Peace Research Institute. SIPRI Arms Transfers Database.",
        "https://www.sipri.org/databases/armstransfers", "sipri-arms.csv", "figures named data:sipri-arms/...",
    ),
    DataSet(
        "general-debate", "Speeches of the UN General Debate", "13", "CC0 as stated at the DOI; confirm there",
        "Jankin, Slava; Baturo, Alexander; Dasandi, Niheer. United Nations General Debate Corpus. doi:10.7910/DVN/0TJX8Y",
        "https://doi.org/10.7910/DVN/0TJX8Y", "general-debate.csv", "speech_tone",
    ),
)  # fmt: skip
