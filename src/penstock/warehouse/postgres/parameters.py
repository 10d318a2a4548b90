"""Statements with parameters by name (`$name`) as PostgreSQL wants them: by number (`$1`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from psycopg.types.numeric import Int4

from penstock.errors import WarehouseError
from penstock.warehouse.postgres.text import store
from penstock.warehouse.sql.dialect import Params

# What a `$` or `;` may stand in without meaning anything, and then what has a meaning.
_TOKEN = re.compile(
    r"""
    (?P<skipped>
        --[^\n]*
        | (?<![\w$])[eE]'(?:[^'\\]|\\.|'')*'
        | '(?:[^']|'')*'
        | "(?:[^"]|"")*"
        | (?<![\w$])(?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?P=tag)
        | [^\W\d][\w$]*
        | \s+
    )
    | (?P<comment>/\*)
    | \$(?P<name>[^\W\d]\w*)
    | (?P<end>;)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_MARK = re.compile(r"/\*|\*/")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with numbered parameters.

    Args:
        names: The parameter of each number, from 1.
        verb: The first word, in lower case.
    """

    text: str
    names: tuple[str, ...]
    verb: str

    def bind(self, params: Params) -> list[object]:
        """Return the values in order.

        Raises:
            WarehouseError: A parameter has no value.
        """
        for name in self.names:
            if name not in params:
                raise WarehouseError(f"the statement names the parameter `${name}`, which has no value")
        return [_typed(store(params[name])) for name in self.names]


@lru_cache(maxsize=256)
def parse(sql: str) -> Statement:
    """Return the statement ready for PostgreSQL.

    Raises:
        WarehouseError: There is more than one statement.
    """
    parts: list[str] = []
    names: dict[str, int] = {}
    verb, is_over, place = "", False, 0
    while found := _TOKEN.match(sql, place):
        place = _end_of_comment(sql, found.end()) if found["comment"] else found.end()
        part = sql[found.start() : place]
        is_content = not (found["comment"] or part.isspace() or part.startswith("--") or found["end"])
        if is_over and is_content:
            raise WarehouseError("more than one statement was given at once", hint="give them one by one")
        is_over = is_over or bool(found["end"])
        if is_content and part not in "(" and not verb:
            verb = part.lower()
        parts.append(f"${names.setdefault(found['name'], len(names) + 1)}" if found["name"] else part)
    return Statement("".join(parts), tuple(names), verb)


def _typed(value: object) -> object:
    # The driver would call a small number a `smallint`, and products of these overflow.
    if isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31:
        return Int4(value)
    return value


def _end_of_comment(sql: str, place: int) -> int:
    depth = 1
    while depth and (found := _COMMENT_MARK.search(sql, place)):
        depth += 1 if found[0] == "/*" else -1
        place = found.end()
    return len(sql) if depth else place
