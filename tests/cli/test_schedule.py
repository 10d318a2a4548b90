"""Deploy, preview, lint, pause, backfill: what a person types and reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import a_project, penstock, penstock_here

LAYERS = '''
from penstock import After, Context, Cron, Deployment, Param, Pipeline, task


@task
def load(ctx: Context) -> str:
    """Load a day."""
    return str(ctx.params.day)


@task(depends_on=[load])
def summarize(ctx: Context) -> None:
    """Summarize."""


pipeline = Pipeline(
    "layers",
    tasks=[load, summarize],
    params=[Param("cycle", int, required=True, partition=True), Param("day")],
    deployments=[
        Deployment(
            "daily",
            Cron("weekdays 01:00 America/New_York"),
            tasks=("load",),
            params={"day": "{tick:%Y-%m-%d}"},
            group="bronze",
            doc="loads a day",
        ),
        Deployment("monthly", Cron("first sat 01:00 America/New_York"), tasks=("load",), group="bronze"),
        Deployment("gold", After("daily", "monthly"), tasks=("summarize",)),
    ],
)
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = a_project(tmp_path / "project", LAYERS)
    (folder / "penstock.toml").touch()
    return folder


def names(typed):
    return [one["name"] for one in typed.json["deployments"]]


def test_preview_tells_the_next_fires_locally_and_in_utc(tmp_path):
    rule = "first sat 01:00 America/New_York"
    typed = penstock_here(tmp_path, "schedule", "preview", rule, "--from", "2026-11-01", "-n", "3")
    assert typed.exit_code == 0
    assert typed.out.splitlines() == [
        "Sat 2026-11-07 01:00 EST  2026-11-07 06:00Z",
        "Sat 2026-12-05 01:00 EST  2026-12-05 06:00Z",
        "Sat 2027-01-02 01:00 EST  2027-01-02 06:00Z",
    ]
    assert not (tmp_path / ".penstock").exists()


def test_preview_says_what_a_change_of_clocks_does_to_a_tick(tmp_path):
    asked = ["schedule", "preview", "daily 02:30 America/New_York", "--from", "2027-03-14", "--to", "2027-03-15"]
    typed = penstock(tmp_path, *asked, COLUMNS="200")
    note = "02:30 does not exist on this day (clocks go forward): 03:00 instead"
    assert [line.partition("Z")[2].strip() for line in typed.out.splitlines()] == [note, ""]
    ticks = penstock_here(tmp_path, *asked, "--json").json["ticks"]
    assert ticks[0] == {"at": "2027-03-14T07:00:00+00:00", "local": "2027-03-14T03:00:00-04:00", "note": note}


def test_preview_begins_with_a_tick_at_the_very_start(tmp_path):
    typed = penstock_here(tmp_path, "schedule", "preview", "daily 00:00 UTC", "--from", "2026-11-01", "-n", "1")
    assert typed.out.startswith("Sun 2026-11-01 00:00 UTC")


def test_lint_explains_the_trap_of_the_two_days_and_ends_with_1(tmp_path):
    typed = penstock_here(tmp_path, "schedule", "lint", "0 1 1-7 * 6", "--month", "2026-11")
    assert typed.exit_code == 1
    assert "fires 10 times in 2026-11" in typed.out
    assert "instead: first sat 01:00 …" in typed.out
    findings = penstock_here(tmp_path, "schedule", "lint", "0 1 1-7 * 6", "--json").json["rules"][0]["findings"]
    assert len(findings) == 2


def test_lint_of_everything_is_content_with_our_own_rules(project):
    typed = penstock_here(project, "schedule", "lint", "--all")
    assert typed.exit_code == 0
    assert "layers/monthly: first sat 01:00 America/New_York: nothing to look at" in typed.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("schedule", "preview", "daily 01:00 America/New_Yrok"), "did you mean `America/New_York`?"),
        (("schedule", "preview", "weekly"), "no deployment `weekly` is recorded"),
        (("schedule", "preview", "daily 01:00 UTC", "--from", "tomorrow"), "neither a day nor an instant"),
        (("schedule", "lint"), "give one rule, or `--all`"),
        (("schedule", "pause", "daily"), "no deployment `daily` is recorded"),
        (("deploy", "--all"), "name one of `campaign-finance`, `layers`"),
        (("deploy", "layers"), "choose `--all`, or of `--bronze`, `--gold`"),
        (("deploy", "layers", "--all"), "parameter `cycle` is missing"),
        (("deploy", "lyers", "--all"), "did you mean `layers`?"),
        (("deploy", "layers", "--golden"), "there is no option `--golden`"),
        (("backfill", "daily", "--from", "2026-01-01", "--to", "2026-01-02"), "penstock deploy PIPELINE --all"),
        (("schedule", "preview", "daily 01:00 UTC", "--from", "2026-02-01", "--to", "2026-01-01"), "before it begins"),
        (("scheduler", "--poll", "soon"), "`soon` is not a duration"),
        (("scheduler", "--poll", "0s"), "must be longer than nothing"),
    ],
)
def test_what_is_asked_wrongly_is_refused_with_a_way_out(project, args, said):
    typed = penstock_here(project, *args)
    assert typed.exit_code == 2
    assert said in typed.err
    assert typed.out == ""


def test_deploy_records_all_or_a_group_and_says_when_it_fires_next(project):
    typed = penstock_here(project, "deploy", "layers", "--bronze", "--cycle", "2026")
    assert typed.exit_code == 0, typed
    assert "recorded layers/daily[cycle=2026]: weekdays 01:00 America/New_York; misfire latest" in typed.out
    assert typed.out.count("  next ") == 2
    everything = penstock_here(project, "deploy", "layers", "--all", "--cycle", "2028", "--json")
    assert names(everything) == ["layers/daily[cycle=2028]", "layers/gold[cycle=2028]", "layers/monthly[cycle=2028]"]
    assert len(names(penstock_here(project, "schedule", "list", "--json"))) == 5


def test_the_summary_tells_trigger_tasks_params_and_fires(project):
    penstock_here(project, "deploy", "layers", "--all", "--cycle", "2026")
    typed = penstock_here(project, "deploy", "--summary")
    daily = typed.out.partition("layers/gold")[0]
    assert [line.split()[0] for line in daily.splitlines()[1:]] == ["trigger", "tasks", "params", "last", "next"]
    assert "cycle=2026 day={tick:%Y-%m-%d}" in daily
    (first, *_) = penstock_here(project, "deploy", "--summary", "--json").json["deployments"]
    assert (first["tasks"], first["is_paused"], first["last_firing"]) == (["load"], False, None)


def test_deployments_of_one_slice_are_removed_by_its_parameters(project):
    for cycle in ("2026", "2028"):
        penstock_here(project, "deploy", "layers", "--all", "--cycle", cycle)
    typed = penstock_here(project, "deploy", "layers", "--bronze", "--remove", "--cycle", "2028", "--json")
    assert typed.json["removed"] == ["layers/daily[cycle=2028]", "layers/monthly[cycle=2028]"]
    assert len(names(penstock_here(project, "schedule", "list", "--json"))) == 4


def test_a_deployment_is_paused_and_resumed(project):
    penstock_here(project, "deploy", "layers", "--bronze", "--cycle", "2026")
    assert penstock_here(project, "schedule", "pause", "daily").out == "paused layers/daily[cycle=2026]\n"
    assert "paused" in penstock_here(project, "schedule", "list").out
    resumed = penstock_here(project, "schedule", "resume", "daily")
    assert resumed.out.startswith("resumed layers/daily[cycle=2026]\n  next ")


def test_a_deployment_is_forgotten_also_when_its_pipeline_is_gone(project):
    penstock_here(project, "deploy", "layers", "--bronze", "--cycle", "2026")
    for file in (project / "pipelines").glob("*.py"):
        file.unlink()
    removed = penstock(project, "schedule", "remove", "layers/daily[cycle=2026]")
    assert (removed.exit_code, removed.out) == (0, "removed layers/daily[cycle=2026]\n")
    left = penstock(project, "schedule", "remove", "layers/daily[cycle=2026]")
    assert left.exit_code == 2
    assert "is recorded" in left.err


def test_a_backfill_is_told_before_it_is_asked_for(project):
    penstock_here(project, "deploy", "layers", "--bronze", "--cycle", "2026")
    asked = ("backfill", "daily", "--from", "2026-01-05", "--to", "2026-01-07", "--json")
    planned = penstock_here(project, *asked, "--dry-run").json["firings"]
    assert [one["params"]["day"] for one in planned] == ["2026-01-05", "2026-01-06", "2026-01-07"]
    assert penstock_here(project, *asked).json["firings"] == planned
    assert penstock_here(project, *asked).json["firings"] == []


def test_what_was_asked_for_is_listed_with_what_became_of_it(project):
    penstock_here(project, "deploy", "layers", "--bronze", "--cycle", "2026")
    penstock_here(project, "backfill", "daily", "--from", "2026-01-05", "--to", "2026-01-06")
    asked = penstock_here(project, "schedule", "firings", "daily", "--status", "pending", "--json").json["firings"]
    assert [one["key"] for one in asked] == ["2026-01-06T06:00:00Z", "2026-01-05T06:00:00Z"]
    assert "2026-01-06T06:00:00Z  pending  run " in penstock_here(project, "schedule", "firings").out


def test_the_help_of_deploy_tells_the_groups_and_parameters_of_a_pipeline(project):
    typed = penstock_here(project, "deploy", "layers", "--help")
    assert "Deployments of layers" in typed.out
    assert "daily: loads a day" in typed.out
    assert "--cycle NUMBER" in typed.out


def test_a_scheduler_with_nothing_to_do_says_so_and_ends(project):
    typed = penstock_here(project, "scheduler", "--once")
    assert (typed.exit_code, typed.out) == (0, "")
    assert "penstock deploy PIPELINE --all" in typed.err
