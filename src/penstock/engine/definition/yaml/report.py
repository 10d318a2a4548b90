"""Where something is written in a file, and all that is wrong with the file at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from penstock.errors import DefinitionError
from penstock.kit.spelling import did_you_mean

#: More mistakes than these are told by their number only.
_MOST_TOLD = 20
_LONGEST_QUOTE = 60


class Place(NamedTuple):
    """A place in a file, counted from 1 as editors do."""

    line: int
    column: int


class Mistake(NamedTuple):
    """Something that cannot be as it is written."""

    place: Place
    message: str
    hint: str | None


@dataclass(slots=True)
class Report:
    """The mistakes found in one file.

    Args:
        file: What messages call the file.
    """

    file: str
    mistakes: list[Mistake] = field(default_factory=list)

    def add(self, place: Place, message: str, hint: str | None = None) -> None:
        """Note a mistake, and go on looking for others."""
        self.mistakes.append(Mistake(place, _visible(message), hint and _visible(hint)))

    def suggest(self, word: str, known: Iterable[str]) -> str | None:
        """Return a hint such as "did you mean `load`?"; none when there are many mistakes, of which few are told."""
        return did_you_mean(word[:_LONGEST_QUOTE], known) if len(self.mistakes) < _MOST_TOLD else None

    def show(self, place: Place) -> str:
        """Return a place as editors and terminals open it: `file.yaml:12:5`."""
        return f"{self.file}:{place.line}:{place.column}"

    def raise_if_any(self) -> None:
        """Return when nothing is wrong.

        Raises:
            DefinitionError: It tells every mistake, in the order of the file.
        """
        found = sorted(dict.fromkeys(self.mistakes), key=lambda one: one.place)
        if len(found) == 1:
            raise DefinitionError(f"{self.show(found[0].place)}: {found[0].message}", hint=found[0].hint)
        if found:
            told = "".join(f"\n  - {self._line(one)}" for one in found[:_MOST_TOLD])
            more = f"\n  - and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
            raise DefinitionError(
                f"`{self.file}` has {len(found)} mistakes:{told}{more}",
                hint="see what may stand where: penstock schema",
            )

    def _line(self, mistake: Mistake) -> str:
        hint = "" if mistake.hint is None else f" ({mistake.hint})"
        return f"{self.show(mistake.place)}: {mistake.message}{hint}"


def quoted(text: str) -> str:
    """Return a text of a file as messages show it: on one line, in backticks, not too long."""
    visible = _visible(text[: _LONGEST_QUOTE + 1]).replace("`", "�")
    return f"`{visible if len(visible) <= _LONGEST_QUOTE else visible[:_LONGEST_QUOTE] + '…'}`"


def _visible(text: str) -> str:
    return "".join(char if char.isprintable() else "�" for char in text)
