"""The story of the simulated FEC: what is true on a day, in the story and in the bulk files of that day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.errors import UsageError
from penstock.simulators.fec_bulk import write_bulk_of_day
from penstock.simulators.filing import Line, PlantedKind
from penstock.simulators.story import DayState, Story

stories = st.builds(
    Story,
    st.sampled_from([2020, 2024, 2026]),
    seed=st.integers(1, 10_000),
    rows=st.integers(1, 400),
    days=st.integers(1, 6),
    committees=st.integers(8, 64),
)


@pytest.fixture(scope="module")
def story() -> Story:
    return Story(2020, rows=6000, days=5)


def bulk_of(story: Story, day: int) -> dict[str, list[list[str]]]:
    with TemporaryDirectory() as folder:
        write_bulk_of_day(Path(folder), story, day)
        return {
            path.stem: [line.split("|") for line in path.read_text(encoding="latin-1").splitlines()]
            for path in Path(folder).iterdir()
        }


def keys(lines: list[Line]) -> set[str]:
    return {line.sub_id for line in lines}


def received(story: Story, day: int) -> dict[str, Line]:
    return {line.sub_id: line for line in story.state_on(day).processed}


@settings(max_examples=25, deadline=None)
@given(stories, st.data())
def test_the_bulk_files_of_a_day_hold_exactly_what_is_true_on_it(story: Story, data: st.DataObject) -> None:
    day = data.draw(st.integers(0, story.days - 1))
    files, state = bulk_of(story, day), story.state_on(day)
    told = {
        fields[20]: (book, fields[0], fields[7], fields[13], fields[14], fields[16], fields[17])
        for book in ("itcont", "itoth")
        for fields in files[book]
    }
    assert told == {line.sub_id: shown(line) for line in state.processed if line.book != "oppexp"}
    assert [fields[21] for fields in files["oppexp"]] == [x.sub_id for x in state.processed if x.book == "oppexp"]
    assert [fields[21] for fields in files["itpas2"]] == [line.sub_id for line in state.processed if line.candidate_id]
    assert {fields[0] for fields in files["cm"]} == {committee.id for committee in state.universe.committees}
    assert {fields[0] for fields in files["cn"]} == {person.id for person in state.universe.candidates}


def shown(line: Line) -> tuple[str, ...]:
    at = "" if line.received_on is None else line.received_on.strftime("%m%d%Y")
    number = str(line.file_number)
    return line.book, line.committee_id, line.name, at, str(line.amount), line.transaction_id, number


@settings(max_examples=15, deadline=None)
@given(stories)
def test_keys_are_unique_on_every_day_and_every_filer_is_registered(story: Story) -> None:
    for day in range(story.days):
        state = story.state_on(day)
        counts = Counter(line.sub_id for line in state.processed)
        assert set(counts.values()) <= {1}
        assert {line.committee_id for line in state.processed} <= {each.id for each in state.universe.committees}


@settings(max_examples=15, deadline=None)
@given(stories)
def test_what_was_planted_happens_on_its_day_and_nothing_else_does(story: Story) -> None:
    for day in range(1, story.days):
        before, now = received(story, day - 1), received(story, day)
        planted = [each for each in story.planted if each.day == day]
        gone = {key for each in planted for key in each.gone}
        changed = {key for each in planted if each.kind is PlantedKind.CHANGE for key in each.came}
        assert before.keys() - now.keys() == gone
        assert {key for key in before.keys() & now.keys() if before[key] != now[key]} == changed
        assert {key for each in planted for key in each.came} <= now.keys()


@settings(max_examples=15, deadline=None)
@given(stories)
def test_a_row_is_loaded_when_it_can_first_be_read_and_not_before_what_could_be_read_already(story: Story) -> None:
    for day in range(1, story.days):
        before, now = received(story, day - 1), received(story, day)
        fresh = [line for key, line in now.items() if before.get(key) != line and line.book != "oppexp"]
        assert all(story.instant_of(day) <= line.loaded_at < story.instant_of(day + 1) for line in fresh)


@settings(max_examples=15, deadline=None)
@given(stories)
def test_only_late_filings_and_amendments_bring_dates_older_than_those_known_of_a_committee(story: Story) -> None:
    planted = {key for each in story.planted for key in each.came}
    for day in range(1, story.days):
        newest: dict[str, datetime] = {}
        for line in received(story, day - 1).values():
            if line.book == "itcont" and line.received_on and line.received_on.year <= story.cycle:
                newest[line.committee_id] = max(newest.get(line.committee_id, line.received_on), line.received_on)
        known = received(story, day - 1)
        for key, line in received(story, day).items():
            if key not in known and key not in planted and line.book == "itcont" and line.received_on:
                assert line.received_on >= newest.get(line.committee_id, line.received_on)


def test_equal_arguments_tell_equal_stories_and_another_seed_tells_another() -> None:
    one, same, other = (Story(2020, rows=500, seed=seed) for seed in (1, 1, 2))
    assert one.planted == same.planted
    assert [one.state_on(day).processed for day in range(5)] == [same.state_on(day).processed for day in range(5)]
    assert other.state_on(0).processed != one.state_on(0).processed


def test_amendments_repeat_change_drop_and_add_rows_under_new_keys(story: Story) -> None:
    amendments = [each for each in story.planted if each.kind is PlantedKind.AMENDMENT]
    assert amendments
    lines = {line.sub_id: line for filing in story.filings for line in filing.lines}
    for each in amendments:
        assert not set(each.gone) & set(each.came)
        assert len(each.pairs) == len(each.gone) - 1
        assert len(each.came) == len(each.pairs) + 1
        assert all(lines[old].transaction_id == lines[new].transaction_id for old, new in each.pairs)
        differ = [old for old, new in each.pairs if content(lines[old]) != content(lines[new])]
        assert 0 < len(differ) < len(each.pairs)
        assert {lines[new].amendment for new in each.came} == {"A"}
        assert {lines[old].file_number for old in each.gone} == {each.amends}


def content(line: Line) -> tuple[object, ...]:
    return line.amount, line.name, line.employer, line.received_on


def test_every_kind_of_trap_is_planted(story: Story) -> None:
    assert {each.kind for each in story.planted} == set(PlantedKind)
    lines = story.state_on(4).processed
    assert any(line.received_on is None for line in lines)
    assert any(line.received_on is not None and line.received_on.year == 2030 for line in lines)
    assert max(Counter((x.committee_id, x.received_on, x.amount) for x in lines).values()) > 2
    assert max(Counter(line.committee_id for line in lines).values()) > 300


def test_late_rows_have_dates_weeks_before_newer_ones_already_loaded(story: Story) -> None:
    late = [each for each in story.planted if each.kind is PlantedKind.LATE]
    assert late
    for each in late:
        before = story.state_on(each.day - 1).processed
        known = [x.received_on for x in before if x.committee_id == each.committee_id and x.received_on]
        newest = max(on for on in known if on.year <= 2020)
        rows = [line for line in story.state_on(each.day).processed if line.sub_id in each.came]
        assert all(
            x.received_on < newest - timedelta(weeks=3) for x in rows if x.received_on and x.received_on.year < 2030
        )


def test_late_rows_can_say_they_were_loaded_before_they_could_be_read() -> None:
    told = Story(2020, rows=2000, days=4, backdated=timedelta(days=3))
    late = {key for each in told.planted if each.kind is PlantedKind.LATE for key in each.came}
    assert late
    for day in range(1, 4):
        before, now = received(told, day - 1), received(told, day)
        fresh = [line for key, line in now.items() if key not in before and line.book != "oppexp"]
        assert {line.sub_id for line in fresh if line.loaded_at < told.instant_of(day)} == late & {
            x.sub_id for x in fresh
        }


def test_raw_rows_come_first_and_stay_beside_the_processed_ones(story: Story) -> None:
    first, last = story.state_on(0), story.state_on(4)
    waiting = {line.file_number for line in first.efiled} - {line.file_number for line in first.processed}
    assert waiting
    assert waiting <= {line.file_number for line in last.efiled}
    amended = {each.amends for each in story.planted}
    assert waiting - amended <= {line.file_number for line in last.processed}


def test_all_types_states_and_territories_are_there(story: Story) -> None:
    committees = story.state_on(4).universe.committees
    assert {each.type for each in committees} == set("HSPONQVWXYZCDEIU")
    assert len({each.place[1] for each in committees}) == 56


def test_committees_register_during_the_story(story: Story) -> None:
    assert len(story.state_on(0).universe.committees) < len(story.state_on(4).universe.committees) == 60


def test_a_day_begins_at_midnight_and_the_story_stands_still_at_its_ends(story: Story) -> None:
    begins = story.instant_of(2)
    assert begins == datetime(2020, 10, 7, tzinfo=UTC)
    assert story.day_at(begins) == 2
    assert story.day_at(begins - timedelta(microseconds=1)) == 1
    assert story.day_at(begins + timedelta(days=400)) == 4
    assert story.day_at(begins - timedelta(days=400)) == 0


def test_the_summaries_of_a_day_hold_the_totals_of_its_rows(story: Story) -> None:
    state: DayState = story.state_on(3)
    webk = {fields[0]: fields for fields in bulk_of(story, 3)["webk20"]}
    for committee, fields in webk.items():
        own = [x for x in state.processed if (committee, "individual") in x.counts]
        assert int(fields[7]) == sum(x.amount for x in own)


@pytest.mark.parametrize(("committees", "days", "rows"), [(7, 5, 10), (8, 0, 10), (8, 1, 0)])
def test_a_story_too_small_to_tell_is_refused(committees: int, days: int, rows: int) -> None:
    with pytest.raises(UsageError, match="cannot be told"):
        Story(2020, committees=committees, days=days, rows=rows)


def test_a_day_outside_the_story_is_refused(story: Story) -> None:
    with pytest.raises(UsageError, match="no day `5`"):
        story.state_on(5)
