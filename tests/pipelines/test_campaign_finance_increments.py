"""Daily increments from the API, reconciled with bulk files: the API's story ends where the bulk files' story ends."""

from __future__ import annotations

import pytest

from penstock.engine.state.records import ItemStatus
from penstock.errors import SourceError
from penstock.simulators.faults import Fault, FaultKind, Faults
from penstock.simulators.fec_bulk import write_bulk_of_day
from penstock.simulators.filing import PlantedKind
from tests.engines import by_name
from tests.pipelines.increments import KEY, increments

SILVER = "select * from silver.transactions where cycle = 2020 order by source, sub_id"


def receipts_of(world):
    return world.column("select sub_id from bronze.openfec_receipts")


def truth_of(world, day):
    return {line.sub_id for line in world.story.state_on(day).processed if line.schedule == "A"}


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """Every day of the story read, then the bulk files loaded and held against it, then refined."""
    with increments(tmp_path_factory.mktemp("month")) as world:
        world.daily = []
        for day in range(world.story.days):
            world.go_to(day)
            world.daily.append(world.deploy("daily"))
        world.before = receipts_of(world)
        world.bulk = world.deploy("bulk")
        world.silver = world.deploy("silver")
        yield world


def test_every_day_completes_and_later_days_read_only_what_is_new(month):
    assert [view.status for view in month.daily] == ["completed"] * month.story.days
    first, last = (by_name(view)["fetch_receipts"].items for view in (month.daily[0], month.daily[-1]))
    assert first.completed == last.completed > 5
    pages = [
        sum(1 for request in month.fec.log if request.has("schedule_a/", {"min_load_date": on.isoformat()}))
        for on in {request.at.date() for request in month.fec.log}
    ]
    assert any(pages)


def test_all_that_was_ever_published_was_read_and_what_is_gone_now_was_taken_out(month):
    assert truth_of(month, month.story.days - 1) <= month.before
    assert receipts_of(month) == truth_of(month, month.story.days - 1)


def test_silver_equals_what_the_bulk_files_alone_give_row_by_row(month, tmp_path):
    with increments(tmp_path) as alone:
        alone.go_to(alone.story.days - 1)
        assert alone.deploy("bulk").status == "completed"
        assert alone.deploy("silver").status == "completed"
        assert month.query(SILVER) == alone.query(SILVER)
        assert len(month.query(SILVER)) > 900


def test_the_report_names_exactly_what_was_amended_withdrawn_and_late(month):
    gone = month.planted(PlantedKind.AMENDMENT, PlantedKind.WITHDRAWAL)
    report = "select sub_id from silver.reconciliation where finding = "
    assert month.column(f"{report} 'vanished'") == {
        sub_id for planted in gone for sub_id in planted.gone if sub_id in month.before
    }
    late = {sub_id for planted in month.planted(PlantedKind.LATE) for sub_id in planted.came}
    assert month.column(f"{report} 'late'") == late & truth_of(month, month.story.days - 1)
    assert late & truth_of(month, month.story.days - 1)


def test_rows_that_an_amendment_replaced_name_their_successors(month):
    pairs = dict(month.query("select sub_id, replaced_by from silver.reconciliation where reason = 'amended'"))
    planted = {old: new for one in month.planted(PlantedKind.AMENDMENT) for old, new in one.pairs if old in pairs}
    assert pairs == planted
    assert pairs


def test_a_second_reconciliation_changes_nothing(month):
    from penstock.engine.planning.request import RunRequest

    report = month.query("select * from silver.reconciliation order by sub_id")
    receipts = receipts_of(month)
    request = RunRequest("campaign-finance", month.params(), tasks=("reconcile_receipts",), force=True)
    assert by_name(month.engine.run(request))["reconcile_receipts"].status == "skipped"
    assert month.query("select * from silver.reconciliation order by sub_id") == report
    assert receipts_of(month) == receipts
    assert report
    (sums,) = month.query("select inserted + changed + vanished + late from silver.reconciliations")
    assert sums == (len(report),)


def test_the_key_is_in_no_file_of_the_pipeline(month):
    home = month.engine.data.resources_for(month.engine.pipeline("campaign-finance")).get("home")
    for path in home.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


# Along the way ----------------------------------------------------------------------------------------------


def test_rows_as_filed_stand_until_they_are_processed(tmp_path):
    with increments(tmp_path) as world:
        world.deploy("daily")
        world.deploy("silver", max_unresolved_share=1)
        filed = world.query("select sub_id, file_number from silver.transactions where source = 'efile'")
        processed = world.column("select file_number from silver.transactions where source = 'openfec'")
        assert filed
        assert not {number for _, number in filed} & processed
        waiting = {number for _, number in filed}
        world.go_to(world.story.days - 1)
        world.deploy("daily")
        world.deploy("silver", max_unresolved_share=1)
        still = world.column("select file_number from silver.transactions where source = 'efile'")
        assert waiting - still
        done = world.column("select file_number from silver.transactions where source = 'openfec'")
        amended = {str(filing.amends) for filing in world.story.filings if filing.amends is not None}
        assert (waiting - still) <= done | amended
        assert (waiting - still) & done


def test_a_committee_that_fails_waits_until_the_others_are_done_and_is_tried_again(tmp_path):
    faults = Faults([Fault(FaultKind.HTML, path="schedules/schedule_a/", nth=1, times=3)])
    with increments(tmp_path, faults=faults) as world:
        view = world.deploy("daily")
        assert by_name(view)["fetch_receipts"].items.failed == 0
        asked = [one for one in world.fec.log if one.path.endswith("/schedule_a/")]
        victim = asked[0].params["committee_id"]
        assert [one.fault for one in asked[:3]] == ["html"] * 3
        order = list(dict.fromkeys(one.params["committee_id"] for one in asked if not one.fault))
        assert order[-1] == victim
        assert len(order) > 3


def test_committees_that_fail_for_good_are_told_one_by_one(tmp_path):
    faults = Faults([Fault(FaultKind.HTML, path="schedules/schedule_a/", times=100_000)])
    with increments(tmp_path, faults=faults) as world:
        view = world.deploy("daily")
        items = by_name(view)["fetch_receipts"].items
        assert items.failed == items.discovered > 3
        _, records = world.engine.store.list_items(view.run.run_id, task="fetch_receipts", status=ItemStatus.FAILED)
        assert {record.key for record in records} >= truth_committees(world)
        assert all("web page" in record.failure.message or "HTML" in record.failure.message for record in records)


def test_one_state_that_fails_stops_no_other(tmp_path):
    with increments(tmp_path / "count") as world:
        states = len(world.params()["states"].split(","))
    # Three calls each in three rounds over all states, and in the last round those of three states.
    faults = Faults([Fault(FaultKind.HTML, path="/v1/committees/", nth=2, times=3 * 3 * states + 3 * 3)])
    with increments(tmp_path, faults=faults) as world:
        tasks = by_name(world.deploy("daily"))
        assert tasks["fetch_committees"].items.failed == 3
        assert tasks["fetch_receipts"].items.completed > 0


def truth_committees(world):
    return {line.committee_id for line in world.story.state_on(0).processed if line.schedule == "A"}


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.CUT_JSON, FaultKind.DROPPED, FaultKind.TRUNCATED])
def test_passing_faults_are_got_over(tmp_path, kind):
    faults = Faults([Fault(kind, path="schedule_a/", nth=number) for number in (2, 5, 9)])
    with increments(tmp_path, faults=faults) as world:
        assert world.deploy("daily").status == "completed"
        assert receipts_of(world) == truth_of(world, 0)


def test_a_lookback_of_zero_reads_from_the_very_day_of_the_watermark(tmp_path):
    with increments(tmp_path) as world:
        world.deploy("daily")
        committee, newest = world.query(
            "select committee_id, max(load_date) from bronze.openfec_receipts group by 1 order by 1 limit 1"
        )[0]
        world.go_to(1)
        world.fec.log.clear()
        world.deploy("daily", lookback_days=0)
        asked = [request for request in world.fec.log if request.has("schedule_a/", {"committee_id": committee})]
        since = {value for request in asked for value in request.params.get("min_load_date", ())}
        assert since == {min(newest.date(), world.story.instant_of(0).date()).isoformat()}


def test_a_day_is_forecast_before_it_is_read(tmp_path):
    from penstock.engine.planning.request import RunRequest

    with increments(tmp_path) as world:
        world.deploy("daily")
        world.go_to(1)
        request = RunRequest("campaign-finance", world.params(), deployment="daily")
        (told,) = world.engine.forecast(world.engine.plan(request))
        assert told.source == "openfec"
        before = len(world.fec.log)
        world.deploy("daily")
        assert 0.5 < told.calls / (len(world.fec.log) - before) < 1.5


def test_after_a_back_fill_by_bulk_files_the_api_is_asked_for_what_is_new_alone(tmp_path):
    with increments(tmp_path) as world:
        world.deploy("bulk")
        world.deploy("daily")
        asked = [request for request in world.fec.log if request.has("schedule_a/") and "efile" not in request.path]
        assert asked
        assert all(request.params.get("min_load_date") for request in asked)
        assert len(receipts_of(world)) < len(truth_of(world, 0))
        for day in range(1, world.story.days):
            world.go_to(day)
            world.deploy("daily")
        assert world.deploy("bulk").status == "completed"
        assert receipts_of(world) == truth_of(world, world.story.days - 1)
        assert world.query("select * from silver.reconciliation where reason = 'not read from the API'") == []
        assert world.column("select finding from silver.reconciliation") >= {"vanished", "late"}


def test_bulk_files_older_than_the_api_take_nothing_newer_away(tmp_path):
    with increments(tmp_path) as world:
        for day in range(world.story.days):
            world.go_to(day)
            world.deploy("daily")
        everything, last = receipts_of(world), world.story.days - 1
        amounts = "select sub_id, contribution_receipt_amount from bronze.openfec_receipts order by 1"
        told = dict(world.query(amounts))
        write_bulk_of_day(tmp_path / "old", world.story, 1)
        assert world.deploy("bulk", bulk_dir=str(tmp_path / "old")).status == "completed"
        snapshot = world.story.instant_of(1)
        gone = everything - receipts_of(world)
        loaded = {line.sub_id: line.loaded_at for line in world.story.state_on(last).processed}
        assert all(loaded[sub_id] < snapshot for sub_id in gone & set(loaded))
        assert truth_of(world, last) <= receipts_of(world)
        changed = [planted for planted in world.planted(PlantedKind.CHANGE) if planted.day > 1]
        assert changed
        after = dict(world.query(amounts))
        assert all(after[sub_id] == told[sub_id] for planted in changed for sub_id in planted.came if sub_id in told)
        world.deploy("silver", max_unresolved_share=1)
        silver = dict(world.query("select sub_id, amount from silver.transactions where source <> 'itpas2'"))
        truth = {line.sub_id: line.amount for line in world.story.state_on(last).processed if line.schedule == "A"}
        assert {sub_id: silver[sub_id] for sub_id in truth} == truth


def test_lines_that_bulk_files_leave_out_stay(tmp_path):
    with increments(tmp_path) as world:
        world.deploy("daily")
        table = world.engine.resources_for(world.engine.pipeline("campaign-finance")).table(
            "bronze.openfec_receipts", world.params(), "by hand", lambda: None
        )
        (row,) = world.engine.data.warehouse.query(
            "select * from bronze.openfec_receipts order by sub_id limit 1"
        ).dicts()
        kept = {name: value for name, value in row.items() if not name.startswith("_")}
        table.upsert([{**kept, "sub_id": "1", "receipt_type": None, "line_number": "15"}])
        world.go_to(world.story.days - 1)
        world.deploy("bulk")
        assert "1" in receipts_of(world)


def test_a_filing_that_was_processed_and_withdrawn_does_not_come_back_as_filed(tmp_path):
    with increments(tmp_path) as world:
        for day in range(world.story.days):
            world.go_to(day)
            world.deploy("daily")
        world.deploy("bulk")
        world.deploy("silver", max_unresolved_share=1)
        gone = world.column("select file_number from silver.reconciliation where finding = 'vanished'")
        assert gone
        assert not gone & world.column("select file_number from silver.transactions where source = 'efile'")


def test_a_committee_that_is_followed_no_more_keeps_its_receipts(tmp_path):
    with increments(tmp_path) as world:
        world.deploy("daily")
        before = world.query("select committee_id, count(*) from bronze.openfec_receipts group by 1 order by 1")
        one = world.params()["states"].split(",")[0]
        world.deploy("daily", states=one)
        assert len(world.query("select * from bronze.followed_committees")) < len(before)
        world.deploy("bulk")
        assert world.query("select committee_id, count(*) from bronze.openfec_receipts group by 1 order by 1") == before
        assert world.query("select * from silver.reconciliation where finding = 'vanished'") == []


def test_with_one_bulk_file_left_out_nothing_is_reconciled(tmp_path):
    from penstock.engine.planning.request import RunRequest

    with increments(tmp_path) as world:
        world.deploy("daily")
        before = receipts_of(world)
        request = RunRequest(
            "campaign-finance", world.params(), deployment="bulk", skip=("load_other_transactions", "check_cycle")
        )
        view = by_name(world.engine.run(request))["reconcile_receipts"]
        assert view.status == "skipped"
        assert "never loaded" in view.reason
        assert receipts_of(world) == before


# Bad input --------------------------------------------------------------------------------------------------


def failure_of(view):
    return next(task.failure for task in view.tasks if task.failure is not None)


def test_without_a_key_one_line_says_what_to_do(tmp_path, monkeypatch):
    with increments(tmp_path) as world:
        monkeypatch.delenv("FEC_API_KEY")
        failure = failure_of(world.deploy("daily"))
        assert "`FEC_API_KEY` is not set" in failure.message
        assert failure.exit_code == SourceError.exit_code
        assert len(world.fec.log) == 0


def test_an_unknown_state_is_told_with_a_suggestion(tmp_path):
    with increments(tmp_path) as world:
        failure = failure_of(world.deploy("daily", states="Marylnd"))
        assert "Marylnd" in failure.message
        assert "Maryland" in failure.hint


def test_a_cursor_changed_by_hand_is_told_and_made_anew_from_the_rows(tmp_path):
    with increments(tmp_path) as world:
        world.deploy("daily")
        params = world.params()
        table = world.engine.resources_for(world.engine.pipeline("campaign-finance")).table(
            "bronze.openfec_receipts", params, "by hand", lambda: None
        )
        committee = sorted(truth_committees(world))[0]
        table.upsert([], cursor={"watermark": "yesterday"}, scope=committee)
        world.go_to(1)
        view = world.deploy("daily")
        _, records = world.engine.store.list_items(view.run.run_id, task="fetch_receipts", status=ItemStatus.FAILED)
        assert [record.key for record in records] == [committee]
        assert "rebuild_cursors" in records[0].failure.hint
        from penstock.engine.planning.request import RunRequest

        told = world.engine.run(RunRequest("campaign-finance", params, tasks=("compare_cursors",)))
        assert by_name(told)["compare_cursors"].result["cursors"] == 1
        assert table.cursor(committee) == {"watermark": "yesterday"}
        world.engine.run(RunRequest("campaign-finance", params, tasks=("rebuild_cursors",)))
        assert table.cursor(committee)["watermark"] is None
        assert world.deploy("daily").status == "completed"
        assert receipts_of(world) >= truth_of(world, 1)


# Gates ------------------------------------------------------------------------------------------------------


def test_a_threshold_that_is_no_number_is_refused(tmp_path):
    with increments(tmp_path) as world:
        world.deploy("bulk")
        view = world.deploy("silver", max_dropped_share="nan")
        assert "`max_dropped_share` is `nan`" in failure_of(view).message
        assert by_name(view)["check_quality"].status == "failed"


def test_a_gate_that_fails_keeps_gold_as_it_was_and_says_why(tmp_path):
    with increments(tmp_path) as world:
        world.deploy("bulk")
        world.deploy("silver")
        assert world.deploy("gold").status == "completed"
        gold = world.query("select count(*), sum(counted_amount) from gold.contributions")
        world.go_to(world.story.days - 1)
        world.deploy("bulk")
        world.deploy("silver")
        view = world.deploy("gold", max_repeated_share=-1)
        assert by_name(view)["check_quality"].status == "failed"
        assert "repeated lines" in failure_of(view).message
        assert world.query("select count(*), sum(counted_amount) from gold.contributions") == gold
        assert world.query("select gate from silver.quality where not is_passed") == [("repeated lines",)]
        assert world.deploy("gold").status == "completed"
        assert world.query("select count(*), sum(counted_amount) from gold.contributions") != gold
