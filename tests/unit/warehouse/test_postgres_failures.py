"""What PostgreSQL says, in Penstock's words."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from penstock.errors import ConflictError, PenstockError, WarehouseError
from penstock.warehouse.postgres.address import parse_address
from penstock.warehouse.postgres.failures import translated

ADDRESS = parse_address("postgresql://amy:s3cret%2Fword@db.example:5433/gifts?sslmode=require")


@pytest.mark.parametrize(
    ("error", "kind", "meaning", "hint"),
    [
        (errors.DiskFull("could not extend file"), WarehouseError, "is out of disk space", "free some space"),
        (errors.OutOfMemory("out of memory"), WarehouseError, "is out of memory", "work_mem"),
        (errors.TooManyConnections("sorry"), WarehouseError, "has no connection left", "max_connections"),
        (errors.InsufficientPrivilege("permission denied"), WarehouseError, "denies the user", "grant"),
        (errors.ReadOnlySqlTransaction("cannot"), WarehouseError, "would do more than read", "upsert"),
        (errors.QueryCanceled("canceling statement"), WarehouseError, "was interrupted", "run it again"),
        (errors.AdminShutdown("terminating connection"), WarehouseError, "ended the connection", "server runs"),
        (errors.DataCorrupted("invalid page"), WarehouseError, "is damaged", "restore a backup"),
        (errors.DeadlockDetected("deadlock"), ConflictError, "each waited for the other", "run it again"),
        (errors.SerializationFailure("could not"), ConflictError, "at the same time", "run it again"),
        (errors.LockNotAvailable("lock timeout"), ConflictError, "is in use by another process", "wait until it ends"),
        (psycopg.OperationalError("the connection is lost"), WarehouseError, "cannot be reached", "server runs"),
    ],
)
def test_a_driver_s_error_becomes_ours(
    error: psycopg.Error, kind: type[PenstockError], meaning: str, hint: str
) -> None:
    with pytest.raises(kind, match=meaning) as caught, translated(ADDRESS):
        raise error
    assert caught.value.message.startswith("warehouse `postgresql://db.example:5433/gifts`")
    assert hint in str(caught.value.hint)


def test_the_password_is_in_no_message_and_no_representation() -> None:
    with pytest.raises(WarehouseError) as caught, translated(ADDRESS):
        raise psycopg.ProgrammingError("wrong conninfo: password=s3cret/word")
    assert "s3cret" not in f"{caught.value} {caught.value.hint} {ADDRESS!r} {ADDRESS.name}"
    assert ADDRESS.arguments["password"] == "s3cret/word"


def test_text_that_is_no_unicode_cannot_be_stored() -> None:
    with pytest.raises(WarehouseError, match="cannot store a value"), translated(ADDRESS):
        "\ud800".encode()
