"""No command prints a secret parameter, and none writes one down but for the runs that need it."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from penstock.cli.invocation import Invocation
from tests.cli.shell import penstock, penstock_here

FIRST, SECOND, SETTING = "sk-first-0001", "sk-second-0002", "sk-setting-0003"
PIPELINE = f"""
from penstock import Context, Param, Pipeline, task


@task
def call(ctx: Context) -> dict[str, str]:
    ctx.log("calling with " + ctx.params.api_token, token=ctx.params.api_token)
    if ctx.params.days == 13:
        raise ValueError("refused: " + ctx.params.api_token)
    return {{"used": ctx.params.api_token, "days": str(ctx.params.days)}}


pipeline = Pipeline("caller", tasks=[call], params=[Param("api_token", str, "{SETTING}-d"), Param("days", int, 3)])
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that calls with a token, of which the settings know one."""
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "caller.py").write_text(PIPELINE, encoding="utf-8")
    (tmp_path / "penstock.toml").write_text(f'[penstock.params.caller]\napi_token = "{SETTING}"\n', encoding="utf-8")
    return tmp_path


def rows_of(project: Path, *tables: str) -> str:
    with sqlite3.connect(project / ".penstock" / "state.db") as database:
        told = "".join(repr(database.execute(f"SELECT * FROM {table}").fetchall()) for table in tables)
    database.close()
    return told


def test_a_changed_secret_is_told_as_changed_by_no_command_with_its_values(project: Path) -> None:
    first = penstock(project, "run", "caller", "--api-token", FIRST, "--json")
    second = penstock(project, "run", "caller", f"--api-token={SECOND}", COLUMNS="200")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "parameter `api_token` changed *** → ***" in second.out

    said = [first, second]
    for command in (
        ("why", "caller"),
        ("why", "caller", "call", "--json"),
        ("status",),
        ("status", "--json"),
        ("history",),
        ("history", "--json"),
        ("logs", "last"),
        ("logs", "last", "--json"),
        ("compare", first.json["run_id"], "last"),
        ("compare", first.json["run_id"], "last", "--json"),
        ("plan", "caller", "--api-token", FIRST),
        ("plan", "caller", "--api-token", FIRST, "--json"),
        ("show", "caller"),
        ("show", "caller", "--json"),
        ("run", "caller", "--help"),
        ("config", "show"),
        ("config", "show", "--json"),
    ):
        said.append(penstock_here(project, *command))
        assert said[-1].exit_code == 0, said[-1]
    for typed in said:
        assert not [secret for secret in (FIRST, SECOND, SETTING) if secret in typed.out + typed.err], typed
    compared = penstock_here(project, "compare", first.json["run_id"], "last", "--json").json
    assert compared["params"] == [{"name": "api_token", "first": "***", "second": "***"}]
    assert compared["tasks"][0]["differs"] is True


def test_the_state_store_holds_a_secret_only_where_a_run_is_resumed_from(project: Path) -> None:
    failed = penstock(project, "run", "caller", "--days", "13", "--api-token", FIRST, "--json")
    assert failed.exit_code == 1
    assert FIRST not in failed.out + failed.err
    assert "refused: ***" in failed.err
    # Results go on to other tasks, so they are kept as they are; everything else is not.
    assert FIRST not in rows_of(project, "events", "attempts", "task_runs", "completions")
    assert penstock(project, "status", "--json").json["params"]["api_token"] == "***"
    assert FIRST in rows_of(project, "runs")
    with sqlite3.connect(project / ".penstock" / "state.db") as database:
        ((cause,),) = database.execute("SELECT cause FROM runs").fetchall()
    database.close()
    assert cause == "penstock run caller --days 13 --api-token *** --json"

    body = (project / "pipelines" / "caller.py").read_text(encoding="utf-8")
    (project / "pipelines" / "caller.py").write_text(body.replace("== 13", "== 14"), encoding="utf-8")
    resumed = penstock(project, "resume")
    assert resumed.exit_code == 0
    assert FIRST not in resumed.out + resumed.err
    assert FIRST in rows_of(project, "completions")  # its result: it was called with the very token


def test_a_call_is_told_again_without_its_secrets_however_short_they_are() -> None:
    typed = ["--set", "contact=a b", "run", "caller", "--api-token", "abc", "--days=3", "--password=x y"]
    told = "penstock --set 'contact=a b' run caller --api-token *** --days=3 --password=***"
    assert Invocation(typed).command_line == told


def test_what_is_fresh_stays_fresh_while_a_secret_stays(project: Path) -> None:
    penstock(project, "run", "caller", "--api-token", FIRST)
    assert "skipped" in penstock(project, "run", "caller", "--api-token", FIRST).out
    assert FIRST not in rows_of(project, "events")


def test_a_saved_plan_can_be_applied_and_is_its_owners_alone_and_a_printed_one_is_refused(project: Path) -> None:
    saved = penstock(project, "plan", "caller", "--api-token", FIRST, "-o", "plan.json")
    assert "saved `plan.json`, which holds secret parameters" in saved.err
    assert stat.S_IMODE((project / "plan.json").stat().st_mode) == 0o600
    applied = penstock(project, "apply", "plan.json", "--json")
    assert applied.json["status"] == "completed"

    (project / "printed.json").write_text(penstock(project, "plan", "caller", "--json").out, encoding="utf-8")
    refused = penstock(project, "apply", "printed.json")
    assert refused.exit_code == 2
    assert "has stars in place of `api_token`" in refused.err


def test_a_plan_without_secrets_is_saved_as_any_file(project: Path) -> None:
    body = (project / "pipelines" / "caller.py").read_text(encoding="utf-8").replace("api_token", "region")
    (project / "pipelines" / "caller.py").write_text(body, encoding="utf-8")
    (project / "penstock.toml").unlink()
    assert penstock(project, "plan", "caller", "-o", "plan.json").err.startswith("saved `plan.json`\n")
    assert stat.S_IMODE((project / "plan.json").stat().st_mode) & 0o077 != 0


def test_a_secret_that_does_not_fit_is_not_repeated_and_none_names_a_partition(project: Path) -> None:
    (project / "penstock.toml").unlink()
    body = (project / "pipelines" / "caller.py").read_text(encoding="utf-8")
    strict = body.replace(f'Param("api_token", str, "{SETTING}-d")', 'Param("api_token", int, 1)')
    (project / "pipelines" / "caller.py").write_text(strict, encoding="utf-8")
    refused = penstock_here(project, "run", "caller", "--api-token", FIRST)
    assert refused.exit_code == 2
    assert "`--api-token` takes a value of type int, not `***`" in refused.err
    assert FIRST not in refused.err

    named = body.replace(f'"{SETTING}-d"', f'"{SETTING}-d", partition=True')
    (project / "pipelines" / "caller.py").write_text(named, encoding="utf-8")
    refused = penstock_here(project, "run", "caller")
    assert refused.exit_code == 2
    assert "parameter `api_token` names the partition" in refused.err
