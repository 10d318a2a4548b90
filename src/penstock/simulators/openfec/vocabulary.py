"""What the codes of the FEC are called in full."""

from __future__ import annotations

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District Of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "PR": "Puerto Rico", "GU": "Guam", "VI": "Virgin Islands", "AS": "American Samoa", "MP": "Northern Mariana Islands",
}  # fmt: skip
TYPES = {
    "H": "House", "S": "Senate", "P": "Presidential", "O": "Super PAC (Independent Expenditure-Only)",
    "Q": "PAC - Qualified", "N": "PAC - Nonqualified", "V": "PAC with Non-Contribution Account - Nonqualified",
    "W": "PAC with Non-Contribution Account - Qualified", "X": "Party - Nonqualified", "Y": "Party - Qualified",
    "Z": "National Party Nonfederal Account", "C": "Communication Cost", "D": "Delegate Committee",
    "E": "Electioneering Communication", "I": "Independent Expenditor (Person or Group)",
    "U": "Single Candidate Independent Expenditure",
}  # fmt: skip
DESIGNATIONS = {
    "P": "Principal campaign committee", "A": "Authorized by a candidate", "J": "Joint fundraising committee",
    "U": "Unauthorized", "B": "Lobbyist/Registrant PAC", "D": "Leadership PAC",
}  # fmt: skip
PARTIES = {
    "DEM": "DEMOCRATIC PARTY", "REP": "REPUBLICAN PARTY", "LIB": "LIBERTARIAN PARTY", "GRE": "GREEN PARTY",
    "IND": "INDEPENDENT",
}  # fmt: skip
OFFICES = {"H": "House", "S": "Senate", "P": "President"}
INCUMBENCY = {"I": "Incumbent", "C": "Challenger", "O": "Open seat"}
ENTITIES = {
    "IND": "INDIVIDUAL", "ORG": "ORGANIZATION", "CAN": "CANDIDATE", "PAC": "POLITICAL ACTION COMMITTEE",
    "CCM": "CANDIDATE COMMITTEE", "PTY": "PARTY ORGANIZATION", "COM": "COMMITTEE",
}  # fmt: skip
REPORTS = {"Q1": "APRIL QUARTERLY", "Q2": "JULY QUARTERLY", "Q3": "OCTOBER QUARTERLY", "YE": "YEAR-END"}
RECEIPTS = {
    "10": "CONTRIBUTION TO INDEPENDENT EXPENDITURE-ONLY COMMITTEE", "15": "CONTRIBUTION",
    "15C": "CONTRIBUTION FROM CANDIDATE", "15E": "EARMARKED CONTRIBUTION",
    "15J": "MEMO (FILER'S % OF CONTRIBUTION GIVEN TO JOIN", "15Z": "IN-KIND CONTRIBUTION RECEIVED",
    "16C": "LOAN RECEIVED FROM CANDIDATE", "18G": "TRANSFER IN AFFILIATED", "18K": "CONTRIBUTION RECEIVED",
}  # fmt: skip
SPENDING = {
    "22Y": "CONTRIBUTION REFUND TO INDIVIDUAL", "24G": "TRANSFER OUT AFFILIATED", "24K": "CONTRIBUTION MADE",
    "24T": "EARMARKED INTERMEDIARY OUT", "24Z": "IN-KIND CONTRIBUTION MADE",
}  # fmt: skip


def split_name(name: str) -> tuple[str | None, str | None, str | None]:
    """Return last, first and middle name of `LAST, FIRST MIDDLE`; an organisation's name has none of them."""
    last, comma, rest = name.partition(", ")
    if not comma:
        return None, None, None
    first, _, middle = rest.partition(" ")
    return last, first or None, middle or None
