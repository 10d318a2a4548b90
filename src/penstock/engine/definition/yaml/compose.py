"""From the bytes of a YAML file to a tree that knows where everything is written; what would harm is refused early."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from penstock.engine.definition.yaml.report import Place, Report, quoted
from penstock.engine.definition.yaml.tree import Listing, Mapping, Node, Scalar
from penstock.errors import DefinitionError

MOST_BYTES = 256 * 1024
#: Counted with every alias standing for all it refers to.
MOST_NODES = 20_000
MOST_DEPTH = 50

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")


def compose(data: bytes, report: Report) -> Mapping:
    """Return what a file holds.

    Raises:
        DefinitionError: It is too large, no text, no YAML, or no mapping.
    """
    text = _decode(data, report)
    builder = _Builder(report)
    try:
        for event in _events(text):
            builder.take(event)
    except _yaml_error() as error:
        raise _explained(error, text, report) from None
    root = builder.root
    if root is None or (isinstance(root, Scalar) and root.value is None):
        raise _refusal(report, Place(1, 1), "the file is empty", "begin with `name:` and `steps:`")
    if not isinstance(root, Mapping):
        raise _refusal(
            report, root.place, f"the file holds {root.kind}, not a mapping", "begin with `name:` and `steps:`"
        )
    return root


def _refusal(report: Report, place: Place, message: str, hint: str | None = None) -> DefinitionError:
    return DefinitionError(f"{report.show(place)}: {message}", hint=hint)


def _decode(data: bytes, report: Report) -> str:
    if len(data) > MOST_BYTES:
        raise _refusal(
            report, Place(1, 1), f"the file has {len(data):,} bytes; {MOST_BYTES:,} are the most", "keep data out of it"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_in(data[: error.start].decode("utf-8", "replace"))
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise _refusal(report, place, message, "save the file as UTF-8") from None
    if found := _UNPRINTABLE.search(text):
        message = f"the character U+{ord(found[0]):04X} may not stand in YAML"
        raise _refusal(report, _place_in(text[: found.start()]), message, "remove it, or write it as an escape")
    return text


def _place_in(before: str) -> Place:
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _events(text: str) -> Iterator[Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(text, Loader=loader))


def _yaml_error() -> type[Exception]:
    from yaml import YAMLError

    return YAMLError


def _explained(error: Any, text: str, report: Report) -> DefinitionError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)
    lines = text.split("\n")
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if "\t" in line[: place.column] and not line[: place.column].strip():
        return _refusal(report, place, "the line is indented with a tab", "YAML is indented with blanks")
    told = " ".join(part for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part)
    return _refusal(report, place, f"this is no YAML: {told or error}".replace("'", "`"), _likely(line))


def _likely(line: str) -> str | None:
    if line.count(": ") > 1 and "{" not in line:
        return "a text that holds `: ` has to be quoted"
    if re.search(r":\s+[@`%]", line):
        return "a text that begins with such a character has to be quoted"
    return None


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end is still to come."""

    place: Place
    is_mapping: bool
    anchor: str | None
    children: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


class _Builder:
    """Makes the tree out of parser events, without recursion: a file may be as deep as it likes, and is refused."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._open: list[_Open] = []
        #: What an anchor stands for, with the number of its nodes and its height; None while it is not complete.
        self._anchors: dict[str, tuple[Node, int, int] | None] = {}
        self._documents = 0
        self._nodes = 0
        self.root: Node | None = None

    def take(self, event: Any) -> None:
        """Take the next event of the parser."""
        take = getattr(self, f"_take_{type(event).__name__.removesuffix('Event').lower()}", None)
        if take is not None:
            take(event, Place(event.start_mark.line + 1, event.start_mark.column + 1))

    def _take_documentstart(self, _event: Any, place: Place) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _refusal(
                self._report, place, "a second document begins here", "a file holds one pipeline; remove `---`"
            )

    def _take_alias(self, event: Any, place: Place) -> None:
        known = self._anchors.get(event.anchor, ())
        if known == ():
            raise _refusal(self._report, place, f"nothing is called {quoted('&' + event.anchor)}")
        if not known:
            raise _refusal(self._report, place, f"{quoted('*' + event.anchor)} stands within itself")
        self._close(known[0], known[1], known[2], place, None)

    def _take_scalar(self, event: Any, place: Place) -> None:
        if event.tag not in _TEXT_TAGS:
            self._refuse_tag(event, place)
        is_plain = not event.style and event.tag is None
        self._close(Scalar(place, event.value, is_plain), 1, 1, place, event.anchor)

    def _take_sequencestart(self, event: Any, place: Place) -> None:
        self._begin(event, place, is_mapping=False)

    def _take_mappingstart(self, event: Any, place: Place) -> None:
        self._begin(event, place, is_mapping=True)

    def _take_sequenceend(self, _event: Any, _place: Place) -> None:
        done = self._open.pop()
        self._close(Listing(done.place, tuple(done.children)), done.size, done.height, done.place, done.anchor)

    def _take_mappingend(self, _event: Any, _place: Place) -> None:
        done = self._open.pop()
        pairs = tuple(zip(done.children[::2], done.children[1::2], strict=True))
        node = Mapping(done.place, tuple(self._unique(pairs)))
        self._close(node, done.size, done.height, done.place, done.anchor)

    def _begin(self, event: Any, place: Place, *, is_mapping: bool) -> None:
        if event.tag not in (None, "!"):
            self._refuse_tag(event, place)
        self._open.append(_Open(place, is_mapping, event.anchor))
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._refuse_depth(place, 0)

    def _close(self, node: Node, size: int, height: int, place: Place, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = (node, size, height)
        self._refuse_depth(place, height)
        if not self._open:
            self.root = node
            return
        around = self._open[-1]
        if around.is_mapping and len(around.children) % 2 == 0 and not isinstance(node, Scalar):
            raise _refusal(self._report, place, f"a key has to be a text, not {node.kind}")
        around.children.append(node)
        around.size += size
        around.height = max(around.height, height + 1)
        self._refuse_size(place)

    def _refuse_depth(self, place: Place, height: int) -> None:
        if len(self._open) + height > MOST_DEPTH:
            raise _refusal(self._report, place, f"lists and mappings are nested more than {MOST_DEPTH} deep")

    def _refuse_size(self, place: Place) -> None:
        if sum(one.size for one in self._open) > MOST_NODES:
            message = f"the file holds more than {MOST_NODES:,} values, counting what aliases stand for"
            raise _refusal(self._report, place, message)

    def _refuse_tag(self, event: Any, place: Place) -> None:
        raise _refusal(
            self._report, place, f"the tag {quoted(event.tag)} is not understood", "write the value without a tag"
        )

    def _unique(self, pairs: tuple[tuple[Node, Node], ...]) -> Iterator[tuple[Scalar, Node]]:
        first: dict[str, Place] = {}
        for key, value in pairs:
            assert isinstance(key, Scalar)  # noqa: S101 - others were refused when they closed
            if key.text in first:
                told = f"{quoted(key.text)} stands twice; first at {self._report.show(first[key.text])}"
                self._report.add(key.place, told)
                continue
            first[key.text] = key.place
            yield key, value
