"""Publishing: settled rows are compared with the stored ones, and only the difference is written and logged."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.errors import SourceError
from penstock.kit.jsonable import to_json
from penstock.warehouse.changes import Changes
from penstock.warehouse.rows import DelimitedFiles, Rows
from penstock.warehouse.sql import settle
from penstock.warehouse.sql.catalog import PartitionState, hash_sum
from penstock.warehouse.sql.expectations import check_rows, check_whole
from penstock.warehouse.sql.intake import FILE_STRIDE
from penstock.warehouse.sql.write import Intake, Write


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of one write, and when.

    Args:
        part: Name of the partition in the books; empty when the table has none.
        at: The instant of the write, as text.
    """

    rows: Rows
    part: str
    cursor: object
    scope: str
    complete: bool
    at: str


def publish(write: Write, intake: Intake, request: Request) -> Changes:
    """Write the difference between the staged and the stored rows, with everything that belongs to it.

    Raises:
        ExpectationError: The rows break an expectation.
        SourceError: The files hold no row at all, and the table holds some; or none of their lines is a row.
    """
    before = write.catalog.get_partition(write.session, write.shape.declaration.name, request.part)
    if not intake.is_direct:
        write.session.measure(write.temporary("given"))
    verb = _publish_direct if intake.is_direct else _publish_delta if before.row_count else _publish_first
    changes, after = verb(write, intake, request, before)
    _refuse_unusable_files(request, changes)
    if after.version != before.version:
        check_whole(write)
        write.catalog.save_partition(write.session, write.shape.declaration.name, request.part, after)
    _record(write, request, changes, after)
    return changes


def _publish_direct(
    write: Write, intake: Intake, request: Request, before: PartitionState
) -> tuple[Changes, PartitionState]:
    shape = write.shape
    order = _file_order(request.rows)
    repeated = settle.settle(write, settle.Rows(shape.target, shape.within("r"), order, shape.within_params))
    written = f"(select t.* from {shape.target} as t where {shape.within('t')})"
    check_rows(write, written)
    count, low, high = write.run("sum_written", shape.within_params, written=written)[0]
    after = PartitionState(before.version + bool(count), count, hash_sum(low, high))
    return _changes(write, after, inserted=count, repeated=repeated + intake.repeated), after


def _publish_first(
    write: Write,
    intake: Intake,
    request: Request,  # noqa: ARG001 - the other ways to publish need it
    before: PartitionState,
) -> tuple[Changes, PartitionState]:
    # Nothing is stored, so there is nothing to compare with: every staged row is new.
    given = write.temporary("given")
    repeated = settle.settle(write, _staged(write)) + intake.repeated
    count, low, high = write.run("sum_written", written=given)[0]
    if not count:
        return _changes(write, before, repeated=repeated), before
    check_rows(write, given)
    _insert(write, given)
    after = PartitionState(before.version + 1, count, hash_sum(low, high))
    return _changes(write, after, inserted=count, repeated=repeated), after


def _publish_delta(
    write: Write, intake: Intake, request: Request, before: PartitionState
) -> tuple[Changes, PartitionState]:
    repeated = settle.settle(write, _staged(write))
    write.run("compare", write.shape.within_params)
    write.session.measure(write.temporary("delta"))
    kinds = _count_kinds(write)
    if intake.candidates and kinds.get("unchanged"):
        write.run("remember_lines")
    unchanged = kinds.get("unchanged", 0) + intake.unchanged
    _refuse_emptiness(request, before, unchanged + sum(kinds.values()))
    if request.complete and before.row_count > unchanged + kinds.get("changed", 0):
        candidates = intake.candidates or write.statement("stored_rowids")
        write.run("add_vanished", {} if intake.candidates else write.shape.within_params, candidates=candidates)
        kinds = _count_kinds(write)
    counts = {kind: kinds.get(kind, 0) for kind in ("inserted", "changed", "vanished")}
    after = _apply(write, request, before) if any(counts.values()) else before
    return _changes(write, after, **counts, unchanged=unchanged, repeated=repeated + intake.repeated), after


def _apply(write: Write, request: Request, before: PartitionState) -> PartitionState:
    written = write.statement("written")
    check_rows(write, written)
    write.run("create_old")
    old_count, old_low, old_high = write.run("sum_old")[0]
    new_count, new_low, new_high = write.run("sum_written", written=written)[0]
    after = PartitionState(
        before.version + 1,
        before.row_count - old_count + new_count,
        (before.content_sum - hash_sum(old_low, old_high) + hash_sum(new_low, new_high)) % 2**64,
    )
    _log_changes(write, request, after.version)
    write.run("delete_old")
    _insert(write, written)
    return after


def _insert(write: Write, written: str) -> None:
    hidden = write.hidden()
    write.run(
        "insert_written",
        write.load_params,
        written=written,
        hidden=", ".join(hidden),
        hidden_values=", ".join(hidden.values()),
    )


def _staged(write: Write) -> settle.Rows:
    order = f"r._seq desc, r.{write.shape.dialect.row_id} desc"
    return settle.Rows(write.temporary("given"), "true", order, {})


def _log_changes(write: Write, request: Request, version: int) -> None:
    shape, key = write.shape, write.shape.declaration.identity
    facts = {"load": write.load, "table": shape.declaration.name, "part": request.part, "version": version}
    write.run(
        "log_changes",
        facts,
        old_key=shape.json("o", key),
        new_key=shape.json("g", key),
        old_json=shape.json("o"),
        new_json=shape.json("g"),
        changed_columns=shape.changed_columns("o", "g"),
    )


def _record(write: Write, request: Request, changes: Changes, after: PartitionState) -> None:
    table, part = write.shape.declaration.name, request.part
    base = {"load": write.load, "table": table, "part": part}
    files = [file.name for file in request.rows.files] if isinstance(request.rows, DelimitedFiles) else []
    if files and request.complete:
        write.run("forget_rejected", {"table": table, "part": part})
    if changes.rejected:
        write.run("keep_rejected", base)
    if changes.is_change or changes.rejected or files:
        facts = {"version": after.version, "files": to_json(files), "counts": to_json(changes.counts)}
        write.catalog.run(write.session, "record_load", {**base, **facts, "at": request.at})
    if request.cursor is not None:
        facts = {"scope": request.scope, "cursor": to_json(request.cursor)}
        write.catalog.run(write.session, "save_cursor", {**base, **facts, "at": request.at})


def _changes(write: Write, after: PartitionState, **counts: int) -> Changes:
    rejected = dict(write.run("count_rejected"))
    return Changes(**counts, rejected=rejected, fingerprint=after.fingerprint.value)


def _count_kinds(write: Write) -> dict[str, int]:
    return dict(write.run("count_kinds"))


def _refuse_emptiness(request: Request, before: PartitionState, accepted: int) -> None:
    if accepted or not request.complete or not before.row_count or not isinstance(request.rows, DelimitedFiles):
        return
    names = ", ".join(f"`{file.name}`" for file in request.rows.files)
    raise SourceError(
        f"{names} is empty; refusing to let {before.row_count} stored rows vanish",
        hint="fetch the file again; to empty the table on purpose, drop the partition",
    )


def _refuse_unusable_files(request: Request, changes: Changes) -> None:
    accepted = changes.inserted + changes.changed + changes.unchanged
    if accepted or not changes.rejected or not isinstance(request.rows, DelimitedFiles):
        return
    names = ", ".join(f"`{file.name}`" for file in request.rows.files)
    reasons = ", ".join(f"{count} × {reason}" for reason, count in changes.rejected.items())
    raise SourceError(
        f"no line of {names} is a row of {len(request.rows.columns)} fields: {reasons}",
        hint="check that these are the right files, and whole",
    )


def _file_order(rows: Rows) -> str:
    if not isinstance(rows, DelimitedFiles):
        return "r._line desc"
    names = (file.name.replace("'", "''") for file in rows.files)
    places = " ".join(f"when '{name}' then {place}" for place, name in enumerate(names))
    return f"(case r._file {places} end) * {FILE_STRIDE} + r._line desc"
