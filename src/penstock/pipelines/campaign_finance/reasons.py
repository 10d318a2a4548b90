"""The closed vocabularies of the tables: why a row is doubtful, dropped, counted or not."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """What became of a row with a finding."""

    #: Not in silver: nothing could be counted from it.
    DROPPED = "dropped"
    #: Kept as it is, and marked.
    DOUBTFUL = "doubtful"


class FindingReason(StrEnum):
    """What is wrong with a row."""

    AMOUNT_UNREADABLE = "amount unreadable"
    #: Published with more than two decimals.
    AMOUNT_ROUNDED = "amount rounded"
    COMMITTEE_MISSING = "committee missing"
    COMMITTEE_UNKNOWN = "committee unknown"
    #: Several committees have the name.
    COMMITTEE_AMBIGUOUS = "committee ambiguous"
    CANDIDATE_UNKNOWN = "candidate unknown"
    CODE_UNKNOWN = "unknown transaction code"
    CONTRIBUTOR_TYPE_UNKNOWN = "unknown contributor type"
    DATE_MISSING = "date missing"
    DATE_IMPOSSIBLE = "date impossible"
    #: More than four years before the cycle begins, or more than one after it ends.
    DATE_FAR = "date far from cycle"
    #: The filing period names no year.
    FILING_YEAR_MISSING = "filing year missing"
    NAME_MISSING = "name missing"
    #: It was there once, and its day was read whole without it.
    NO_LONGER_LISTED = "no longer listed"
    OFFICE_MISSING = "office missing"
    OFFICE_UNKNOWN = "office unknown"
    PARTY_UNKNOWN = "party unknown"
    YEAR_UNREADABLE = "year unreadable"
    ZIP_UNREADABLE = "zip unreadable"


class CountReason(StrEnum):
    """Why a row of `gold.contributions` is counted or not, beside the categories of `codes.Category`."""

    UNKNOWN_CODE = "unknown transaction code"
    SUPERSEDED = "superseded by an amendment"
    CONDUIT_NOTE = "note on a conduit"
    MEMO = "memo item"
    REPORTED_TWICE = "reported by the recipient too"


class MatchRule(StrEnum):
    """What holds the rows of one contributor together; `README.md` says how sure each one is."""

    COMMITTEE_ID = "committee id"
    SAME_RECORD = "same name, place and employer"
    NAME_AND_ZIP = "name and zip"
    NAME_AND_CITY = "name and city"
    NAME_AND_EMPLOYER = "name, state and employer"
    NAME_ONLY = "name only"
    ORGANISATION_NAME = "organisation name"


class Verdict(StrEnum):
    """How our sum compares with the publisher's."""

    EQUAL = "equal"
    #: Within one per cent.
    CLOSE = "close"
    #: Usual: gifts up to 200 dollars need not be itemised, and so are in no file.
    LOWER = "ours lower"
    HIGHER = "ours higher"
