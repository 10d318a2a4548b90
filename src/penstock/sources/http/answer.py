"""What a publisher answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from penstock.kit.jsonable import Json

#: Headers worth knowing later, in lower case; all others are dropped.
KEPT_HEADERS = (
    "cache-control",
    "content-disposition",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, wherever it came from; no secret is in it.

    Args:
        url: What was asked, with its parameters.
        status: The HTTP status.
        headers: Those of interest, by lower-case name.
        body: The bytes, decompressed.
        data: What the body says, for `get_json`; fractions are Decimals.
        from_cache: Whether the body was here already; the publisher may have been asked if it still holds.
        from_tape: Whether it is a recording.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = field(default=b"", repr=False)
    data: Json = field(default=None, repr=False)
    from_cache: bool = False
    from_tape: bool = False

    @property
    def dated_at(self) -> datetime | None:
        """The publisher's clock when it answered (header `Date`); None when it does not say."""
        return parse_http_date(self.headers.get("date", ""))


def parse_http_date(text: str) -> datetime | None:
    """Return the instant a header such as `Sat, 21 Nov 2026 14:00:00 GMT` names; None when it names none."""
    from email.utils import parsedate_to_datetime

    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
