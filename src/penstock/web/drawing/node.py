"""One node of a drawn graph: what it shows, how wide it is, and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from penstock.web.drawing.layout import Box
from penstock.web.drawing.lettering import shorten, width_of
from penstock.web.drawing.status import name_some, sign, status_class, word
from penstock.web.drawing.svg import element, target, text

LABEL_SIZE = 13
WORD_SIZE = 11
_BEFORE_TEXT = 30
_AFTER_TEXT = 12
_NARROWEST = 112
_WIDEST = 244
#: By how much the second outline of a folded node lies behind the first.
SHADOW = 4


class Kind(StrEnum):
    """What a node stands for, told by its shape and in its name."""

    TASK = "task"
    DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class Node:
    """A task or a dataset, ready to be drawn.

    Args:
        label: What is read on it; its name, if empty.
        status: One of the known statuses, or empty for none.
        href: Where it leads, an address of this console; nowhere, if empty.
        note: A few words beside its status: a duration, a count.
        members: How many nodes it stands for.
    """

    name: str
    label: str = ""
    status: str = ""
    href: str = ""
    note: str = ""
    kind: Kind = Kind.TASK
    members: int = 1

    @property
    def key(self) -> str:
        """What tells it from every other node: a task and a dataset may share a name."""
        return f"{self.kind} {self.name}"

    @property
    def shown(self) -> str:
        """What is read on it."""
        return self.label or self.name

    @property
    def remark(self) -> str:
        """What is read below its label."""
        if self.members > 1:
            return self.note
        return " · ".join(filter(None, (word(self.status), self.note)))

    @property
    def width(self) -> int:
        """How wide its box is."""
        longest = max(width_of(self.shown, LABEL_SIZE), width_of(self.remark, WORD_SIZE))
        return min(max(longest + self._before_text + _AFTER_TEXT, _NARROWEST), _WIDEST)

    @property
    def _before_text(self) -> int:
        return _BEFORE_TEXT if self.status else _AFTER_TEXT

    def draw(self, box: Box, upstream: Sequence[str] = ()) -> str:
        """Return the node in its box.

        Args:
            upstream: What it follows, for those who hear the drawing.

        Raises:
            UsageError: There is no such status, or the address is not one of this console.
        """
        x, y, room = box.x, box.y, box.width - self._before_text - _AFTER_TEXT
        return target(
            self._spoken(upstream),
            *self._outline(box),
            sign(self.status, x + 11, y + 8 if self.remark else box.middle - 6),
            text(shorten(self.shown, room, LABEL_SIZE), x + self._before_text, self._baseline(box), "label"),
            text(shorten(self.remark, room, WORD_SIZE), x + self._before_text, y + 35, "note") if self.remark else "",
            href=self.href,
            class_=f"node kind-{self.kind} {status_class(self.status)}",
        )

    def _baseline(self, box: Box) -> int:
        return box.y + 19 if self.remark else box.middle + 5

    def _outline(self, box: Box) -> list[str]:
        shift = SHADOW if self.members > 1 else 0
        rounding = 8 if self.kind is Kind.TASK else 0
        outlines = [
            element(
                "rect",
                class_="box",
                x=box.x + by,
                y=box.y + by,
                width=box.width,
                height=box.height,
                rx=rounding or None,
            )
            for by in range(shift, -1, -SHADOW)
        ]
        if self.kind is Kind.DATASET:
            outlines.append(element("path", class_="lid", d=f"M{box.x} {box.y + 3}H{box.right}"))
        return outlines

    def _spoken(self, upstream: Sequence[str]) -> str:
        kind = "dataset " if self.kind is Kind.DATASET else ""
        spoken = f"{kind}{self.shown}" + (f": {self.remark}" if self.remark else "")
        return f"{spoken}; follows {name_some(upstream)}" if upstream else spoken
