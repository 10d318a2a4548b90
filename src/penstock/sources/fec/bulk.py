"""The FEC's bulk files of a cycle: found in a folder or fetched from an address, and known by their content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from penstock.errors import AbsentSourceError, SourceError
from penstock.kit.filehash import observe_files
from penstock.kit.jsonable import digest, from_json
from penstock.kit.observation import Observation
from penstock.sources.bulk import PlainFile, stage_bulk_files
from penstock.sources.download import Manners, download, look_at
from penstock.sources.fec.layouts import Layout, get_layout

#: Where the FEC publishes; a base address like this one may stand in place of a folder.
PUBLISHED_AT = "https://www.fec.gov/files/bulk-downloads/"


@dataclass(frozen=True, slots=True)
class BulkFile:
    """The file, or files, of one kind as a dataset whose state is their content.

    Args:
        kinds: Kinds of bulk file, e.g. `("itcont",)`.
        optional: Whether having none is a state like any other instead of an error.
    """

    kinds: tuple[str, ...]
    optional: bool = False

    @property
    def name(self) -> str:
        """The kinds, as plans and reasons show them."""
        return f"{'+'.join(self.kinds)} bulk {'files' if self.optional else 'file'}"

    def fingerprint(self, params: Mapping[str, Any], known: Observation | None) -> Observation:
        """Return the state of the files below parameter `bulk_dir` for parameter `cycle`.

        Raises:
            SourceError: A file is missing, unreadable, or of another cycle.
        """
        bulk_dir, cycle = str(params["bulk_dir"]), int(params["cycle"])
        layouts = [get_layout(kind) for kind in self.kinds]
        if _is_address(bulk_dir):
            return _observe_remote(layouts, bulk_dir, cycle, optional=self.optional)
        paths = [
            path for layout in layouts for path in find_bulk_files(layout, bulk_dir, cycle, optional=self.optional)
        ]
        try:
            return observe_files(paths, known)
        except OSError as error:
            raise _unreadable(error) from error


@contextmanager
def open_bulk_files(
    kind: str, bulk_dir: str, cycle: int, *, workdir: Path, downloads: Path, manners: Manners | None = None
) -> Iterator[tuple[PlainFile, ...]]:
    """Yield the files of a kind as plain text; what was decompressed is removed afterwards.

    Raises:
        SourceError: There is none, or one is damaged or of another cycle.
        StateError: There is no room to decompress into.
    """
    layout = get_layout(kind)
    paths = fetch_bulk_files(layout, bulk_dir, cycle, downloads=downloads, manners=manners)
    with stage_bulk_files(paths, workdir, layout.is_name) as files:
        yield files


def fetch_bulk_files(
    layout: Layout,
    bulk_dir: str,
    cycle: int,
    *,
    downloads: Path,
    optional: bool = False,
    manners: Manners | None = None,
) -> tuple[Path, ...]:
    """Return where the files of a kind lie here, after downloading what an address offers.

    Args:
        manners: How downloads behave, and who may end them.

    Raises:
        SourceError: There is none and it is not optional, or it cannot be had.
    """
    if not _is_address(bulk_dir):
        return find_bulk_files(layout, bulk_dir, cycle, optional=optional)
    url = _url(layout, bulk_dir, cycle)
    if optional and look_at(url, manners) is None:
        return ()
    target = _target(layout, bulk_dir, cycle, downloads)
    download(url, target, manners)
    return (target,)


def published_at(layout: Layout, bulk_dir: str, cycle: int, *, downloads: Path) -> datetime | None:
    """Return an instant by which the file downloaded was made, as its server says; None for files of a folder.

    The times of files in a folder tell when they were copied, not when they were made.
    """
    note = _target(layout, bulk_dir, cycle, downloads).with_suffix(".zip.state.json")
    if not _is_address(bulk_dir) or not note.is_file():
        return None
    modified = from_json(note.read_bytes()).get("modified")
    return parsedate_to_datetime(modified).astimezone(UTC) if modified else None


def remove_downloads(layout: Layout, bulk_dir: str, cycle: int, *, downloads: Path) -> int:
    """Remove what was downloaded of a kind, and return how many bytes that frees; files of a folder are left alone."""
    if not _is_address(bulk_dir):
        return 0
    target = _target(layout, bulk_dir, cycle, downloads)
    freed = target.stat().st_size if target.is_file() else 0
    for path in (target, target.with_name(target.name + ".state.json")):
        path.unlink(missing_ok=True)
    return freed


def _target(layout: Layout, bulk_dir: str, cycle: int, downloads: Path) -> Path:
    return downloads / digest(bulk_dir) / str(cycle) / layout.zip_name(cycle)


def find_bulk_files(layout: Layout, bulk_dir: str, cycle: int, *, optional: bool = False) -> tuple[Path, ...]:
    """Return the files of a kind in the folder, or in its subfolder named by the cycle, by name.

    Raises:
        SourceError: The folder is missing, holds no such file (unless optional), or one of another cycle.
    """
    folder = Path(bulk_dir).expanduser()
    if not folder.is_dir():
        what = f"`{folder}` is a file" if folder.is_file() else f"there is no folder `{folder}`"
        raise SourceError(what, hint="check `--bulk-dir`: the folder of the files, or a web address")
    places = [folder, folder / str(cycle)]
    for place in places:
        found = _list_of_kind(layout, place)
        if found:
            _refuse_other_cycle(layout, found, cycle)
            return found
    if optional:
        return ()
    looked = " or ".join(f"`{place}`" for place in places)
    raise AbsentSourceError(f"no `{layout.kind}` file in {looked}", hint=_what_to_put(layout, cycle))


def _list_of_kind(layout: Layout, place: Path) -> tuple[Path, ...]:
    try:
        return tuple(sorted(path for path in place.iterdir() if layout.is_name(path.name) and path.is_file()))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _unreadable(error) from error


def _refuse_other_cycle(layout: Layout, paths: tuple[Path, ...], cycle: int) -> None:
    for path in paths:
        stated = layout.cycle_in(path.name)
        if stated is not None and stated != cycle:
            raise SourceError(
                f"`{path}` is a file of cycle {stated}, not {cycle}",
                hint=f"run with `--cycle {stated}`, or give the folder of cycle {cycle}",
            )


def _what_to_put(layout: Layout, cycle: int) -> str:
    kind = layout.kind
    return f"put `{kind}.txt`, `{kind}.txt.gz` or `{layout.zip_name(cycle)}` there"


def _is_address(bulk_dir: str) -> bool:
    return bulk_dir.startswith(("http://", "https://"))


def _url(layout: Layout, base: str, cycle: int) -> str:
    return f"{base.rstrip('/')}/{cycle}/{layout.zip_name(cycle)}"


def _observe_remote(layouts: list[Layout], base: str, cycle: int, *, optional: bool) -> Observation:
    states = []
    for layout in layouts:
        url = _url(layout, base, cycle)
        state = look_at(url)
        if state is None and not optional:
            raise SourceError(
                f"there is no file at `{url}`",
                hint=f"check the cycle, or leave it out with `--skip {layout.task}`",
            )
        states.append("none" if state is None else state.token)
    value = digest(states)
    return Observation(value, f"{value[:8]} (by its server)")


def _unreadable(error: OSError) -> SourceError:
    return SourceError(
        f"cannot read `{error.filename}`: {error.strerror or error}", hint="check that it exists and is readable"
    )
