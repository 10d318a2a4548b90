"""Small objects that know how a publisher splits its answers into pages."""

from penstock.sources.paging.keyset import Keyset
from penstock.sources.paging.last_indexes import LastIndexes
from penstock.sources.paging.next_link import NextLink
from penstock.sources.paging.numbered import Offset, PageNumber
from penstock.sources.paging.page import Cursor, Page, Paging, Read, Row, Step
from penstock.sources.paging.walk import walk

__all__ = [
    "Cursor",
    "Keyset",
    "LastIndexes",
    "NextLink",
    "Offset",
    "Page",
    "PageNumber",
    "Paging",
    "Read",
    "Row",
    "Step",
    "walk",
]
