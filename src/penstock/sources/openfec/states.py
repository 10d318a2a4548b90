"""The states, territories and other codes by which the FEC says where somebody is."""

from __future__ import annotations

from penstock.errors import UsageError
from penstock.kit.spelling import nearest

#: The 50 states and the District of Columbia.
STATES = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "District of Columbia",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
}
#: Territories; each elects a delegate to the House.
TERRITORIES = {
    "AS": "American Samoa",
    "GU": "Guam",
    "MP": "Northern Mariana Islands",
    "PR": "Puerto Rico",
    "VI": "Virgin Islands",
}
#: Codes of addresses and offices that are neither.
OTHER_PLACES = {
    "AA": "Armed Forces Americas",
    "AE": "Armed Forces Europe",
    "AP": "Armed Forces Pacific",
    "FM": "Micronesia",
    "MH": "Marshall Islands",
    "PW": "Palau",
    "US": "United States (President)",
    "ZZ": "Foreign country",
}
#: Every code there is: asked one by one, these find every committee that states where it is.
PLACES = {**STATES, **TERRITORIES, **OTHER_PLACES}
_CODES = {name.casefold(): code for code, name in PLACES.items()} | {code.casefold(): code for code in PLACES}
_GROUPS = {
    "all": (*STATES, *TERRITORIES),
    "states": tuple(STATES),
    "territories": tuple(TERRITORIES),
    "everywhere": tuple(PLACES),
}


def parse_states(text: str) -> tuple[str, ...]:
    """Return the codes a text such as `MD, VA` names, each once and in that order.

    A name (`Maryland`) stands for its code, `states` and `territories` for these, `all` for both. Candidates for
    President stand under `US`, which is none of them: `everywhere` names every code there is.

    Raises:
        UsageError: One of them is unknown, or there is none.
    """
    words = [word.strip() for word in text.replace(";", ",").split(",") if word.strip()]
    if not words:
        raise UsageError("no state is named", hint="give codes such as `MD, VA`, or `all`")
    return tuple(dict.fromkeys(code for word in words for code in _codes(word)))


def _codes(word: str) -> tuple[str, ...]:
    folded = word.casefold()
    if folded in _GROUPS:
        return _GROUPS[folded]
    if folded in _CODES:
        return (_CODES[folded],)
    raise UsageError(f"there is no state `{word}`", hint=_suggestion(folded))


def _suggestion(folded: str) -> str:
    # Two letters resemble other codes, anything longer resembles a name.
    likely = nearest(folded, [known for known in (*_CODES, *_GROUPS) if (len(known) == 2) == (len(folded) == 2)])
    if likely is None:
        return "give codes such as `MD, VA`, or `all`"
    code = _CODES.get(likely, likely)
    return f"did you mean `{code}`" + (f" ({PLACES[code]})?" if code in PLACES else "?")
