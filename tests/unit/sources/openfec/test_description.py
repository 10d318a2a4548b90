"""Whatever is asked or read stands in the publisher's own description of its API."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from penstock.errors import AbsentSourceError
from penstock.sources.openfec import endpoint as at
from penstock.sources.openfec.client import EntityType, Office, OpenFec
from penstock.sources.openfec.endpoint import Endpoint
from penstock.sources.openfec.filters import Numbers, Texts
from penstock.sources.openfec.reading import Record
from penstock.sources.paging import LastIndexes
from tests.unit.sources.openfec.publisher import Publisher, a_page
from tests.unit.sources.openfec.samples import REAL, description

pytestmark = REAL

ENDPOINTS: dict[str, Endpoint[Any]] = {name: value for name, value in vars(at).items() if isinstance(value, Endpoint)}
#: How each method is called, and which endpoint it asks.
METHODS: dict[str, tuple[Endpoint[Any], tuple[Any, ...]]] = {
    "iter_committees": (at.COMMITTEES, ()),
    "get_committee": (at.COMMITTEE, ("C00000001",)),
    "iter_committee_totals": (at.COMMITTEE_TOTALS, ("C00000001",)),
    "iter_totals": (at.TOTALS, ("pac-party",)),
    "iter_candidates": (at.CANDIDATES, ()),
    "iter_candidates_found": (at.CANDIDATES_FOUND, ()),
    "get_candidate": (at.CANDIDATE, ("H0MA01001",)),
    "iter_candidate_totals": (at.CANDIDATE_TOTALS, ()),
    "iter_receipts": (at.RECEIPTS, ()),
    "iter_efile_receipts": (at.EFILE_RECEIPTS, ()),
    "iter_disbursements": (at.DISBURSEMENTS, ()),
    "iter_efile_disbursements": (at.EFILE_DISBURSEMENTS, ()),
    "iter_expenditures": (at.EXPENDITURES, ()),
    "iter_efile_expenditures": (at.EFILE_EXPENDITURES, ()),
    "iter_elections": (at.ELECTIONS, ("house", 2020)),
    "iter_races": (at.RACES, ()),
    "iter_election_dates": (at.ELECTION_DATES, ()),
    "iter_filings": (at.FILINGS, ()),
    "iter_efile_filings": (at.EFILE_FILINGS, ()),
}
#: Kinds of value a field of the description may come as, by its type and format.
KINDS: dict[tuple[str | None, str | None], set[type]] = {
    ("string", None): {str},
    ("string", "date"): {date},
    ("string", "date-time"): {datetime},
    ("integer", None): {int},
    ("number", None): {Decimal},
    ("boolean", None): {bool},
}
#: Where the description is known to say less, or something else, than the bodies.
OTHERWISE = {
    ("ScheduleB", "report_year"): (int, "described as a fraction"),
    ("ScheduleE", "report_year"): (int, "described as a fraction"),
    ("ScheduleEEfile", "expenditure_amount"): (Decimal, "described as whole dollars; efile rows hold cents"),
}


def operation(path: str) -> dict[str, Any]:
    return description()["paths"][f"/v1{path}"]["get"]


def described_parameters(path: str, where: str = "query") -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in operation(path)["parameters"] if each["in"] == where}


def definition(name: str) -> dict[str, Any]:
    return description()["definitions"][name]


def name_of_row(path: str) -> str:
    page = operation(path)["responses"]["default"]["schema"]["$ref"].rsplit("/", 1)[1]
    return definition(page)["properties"]["results"]["items"]["$ref"].rsplit("/", 1)[1]


def each_endpoint() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)


@each_endpoint()
def test_every_filter_and_sort_is_a_parameter_of_its_endpoint(endpoint: Endpoint[Any]) -> None:
    described = described_parameters(endpoint.path)
    assert set(endpoint.filters.__annotations__) <= set(described)
    assert "sort" in described


@each_endpoint()
def test_a_filter_takes_several_values_only_where_the_endpoint_does(endpoint: Endpoint[Any]) -> None:
    described = described_parameters(endpoint.path)
    several = {name for name, hint in get_type_hints(endpoint.filters).items() if hint in (Texts, Numbers)}
    lists = {name for name in endpoint.filters.__annotations__ if described[name]["type"] == "array"}
    # One value is a list of one: `is_notice` is a list of truths in Schedule E.
    assert several <= lists
    assert {name for name in lists - several if described[name]["items"]["type"] != "boolean"} <= {"sort"}


@each_endpoint()
def test_a_filter_is_a_number_where_the_endpoint_takes_numbers(endpoint: Endpoint[Any]) -> None:
    for name, hint in get_type_hints(endpoint.filters).items():
        described = described_parameters(endpoint.path)[name]
        kind = described.get("items", described)["type"]
        if hint == Numbers:
            assert kind == "integer" or name == "election_year", name
        elif hint == Texts:
            assert kind == "string", name
        elif hint == bool | None:
            assert kind == "boolean", name


@each_endpoint()
def test_an_endpoint_pages_as_it_is_read(endpoint: Endpoint[Any]) -> None:
    described = set(described_parameters(endpoint.path))
    if isinstance(endpoint.paging, LastIndexes):
        assert {"last_index", f"last_{endpoint.sort}", "sort_null_only", "sort_hide_null"} <= described
        assert "page" not in described
    else:
        assert {"page", "per_page"} <= described
        assert "last_index" not in described


@each_endpoint()
def test_every_field_that_is_read_is_described_with_its_type(endpoint: Endpoint[Any]) -> None:
    offences = list(iter_offences(endpoint.kind, name_of_row(endpoint.path)))
    assert not offences, "\n".join(offences)


@each_endpoint()
def test_what_the_publisher_promises_and_is_a_key_is_required(endpoint: Endpoint[Any]) -> None:
    hints = get_type_hints(endpoint.kind)
    promised = set(definition(name_of_row(endpoint.path)).get("required", ())) & set(hints)
    assert promised <= {name for name, hint in hints.items() if NoneType not in get_args(hint)} | {"two_year_period"}


def test_every_method_asks_its_endpoint_for_nothing_that_is_not_described() -> None:
    public = {name for name, _ in inspect.getmembers(OpenFec, inspect.isfunction) if not name.startswith("_")}
    assert public == set(METHODS)
    for name, (endpoint, arguments) in METHODS.items():
        filters = {} if name.startswith("get_") else dict.fromkeys(endpoint.filters.__annotations__, "1")
        (path, params) = asked_by(name, arguments, filters)
        parts = zip(path.split("/"), endpoint.path.split("/"), strict=True)
        assert all(part == described or described.startswith("{") for part, described in parts), path
        assert set(params) <= set(described_parameters(endpoint.path)), name
        required = {each for each, said in described_parameters(endpoint.path).items() if said.get("required")}
        assert required <= set(params), name


def asked_by(name: str, arguments: tuple[Any, ...], filters: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    publisher = Publisher(anywhere=a_page([], count=0, pages=0, last_indexes=None))
    method: Callable[..., Any] = getattr(OpenFec(publisher), name)
    if name.startswith("get_"):
        with pytest.raises(AbsentSourceError):
            method(*arguments)
    else:
        assert list(method(*arguments, **filters)) == []
    return publisher.asked[0]


def test_the_kinds_of_totals_and_offices_are_those_described() -> None:
    assert list(get_args(EntityType)) == described_parameters(at.TOTALS.path, "path")["entity_type"]["enum"]
    assert list(get_args(Office)) == described_parameters(at.ELECTIONS.path)["office"]["enum"]


def iter_offences(kind: type[Record], described_as: str) -> Iterator[str]:
    described = definition(described_as)["properties"]
    for name, hint in get_type_hints(kind).items():
        if name == "raw":
            continue
        place = f"`{name}` of `{described_as}`"
        if name not in described:
            yield f"{place} is not described"
        elif (described_as, name) in OTHERWISE:
            if inner(hint) is not OTHERWISE[described_as, name][0]:
                yield f"{place} is read as {inner(hint)}"
        else:
            yield from iter_mismatches(inner(hint), described[name], place)


def iter_mismatches(hint: Any, said: dict[str, Any], place: str) -> Iterator[str]:
    if "$ref" in said:
        yield from iter_offences(hint, said["$ref"].rsplit("/", 1)[1])
    elif get_origin(hint) is tuple:
        if said.get("type") != "array":
            yield f"{place} is no list"
        else:
            yield from iter_mismatches(get_args(hint)[0], said["items"], place)
    elif hint not in KINDS.get((said.get("type"), said.get("format")), set()):
        yield f"{place} is read as {hint.__name__} and described as {said.get('type')} {said.get('format') or ''}"


def inner(hint: Any) -> Any:
    members = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return next(member for member in members if member is not NoneType)
