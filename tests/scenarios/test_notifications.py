"""Notifications among several processes: each is sent by one of them, and one that died leaves nothing untold."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from penstock.engine.engine import Engine
from penstock.engine.state.records import RunSignal
from penstock.engine.state.store import StateStore
from penstock.kit.clock import ManualClock, SystemClock
from penstock.kit.secret import Secret
from penstock.notify.notice import Notice
from penstock.notify.notifier import Notifier
from penstock.notify.rules import read_channels
from penstock.notify.ways import Surroundings
from tests.engines import a_pipeline, a_task, an_engine, run
from tests.factories import a_run
from tests.factories import a_task as a_task_run
from tests.servers.http import page_of, publishing, saying
from tests.servers.mail import taking_mail

ROOT = Path(__file__).resolve().parents[2]
TTL = timedelta(minutes=1)


def a_notifier(engine: Engine, notices: list[Notice] | None = None, **tables: Any) -> Notifier:
    heard = [] if notices is None else notices
    return Notifier(engine, read_channels(tables), Surroundings({}), heard.append, poll=timedelta(milliseconds=20))


def fail(store: StateStore, clock: ManualClock | SystemClock, *names: str) -> None:
    """Let there be runs that closed as abandoned."""
    for name in names:
        now = clock.now()
        store.create_run(a_run(name, a_task_run(), created_at=now), "me", TTL)
        store.signal_run(name, RunSignal.ABANDON, now, "me", TTL)


def keys(server: Any) -> list[str]:
    return [json.loads(asked.body)["key"] for asked in server.asked]


def until(condition: Any) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def test_two_notifiers_that_race_send_each_message_once(tmp_path: Path) -> None:
    race(tmp_path)


def test_two_notifiers_that_race_on_postgresql_send_each_message_once(tmp_path: Path, postgres_state_url: str) -> None:
    race(tmp_path, state_url=postgres_state_url)


def race(folder: Path, **settings: Any) -> None:
    clock = SystemClock()
    with (
        publishing() as server,
        an_engine(folder, clock=clock, **settings) as first,
        an_engine(folder, clock=clock, **settings) as second,
    ):
        table = {"webhook": f"{server.base}/x"}
        with a_notifier(first, ops=table), a_notifier(second, ops=table):
            until(lambda: first.store.list_marks(":notify"))
            fail(first.store, clock, *[f"R{number}" for number in range(4)])
            until(lambda: len(server.asked) >= 4)
        sent = Counter(keys(server))
    assert set(sent.values()) == {1}
    assert len(sent) == 4


def test_a_notifier_killed_between_sending_and_writing_sends_again_with_the_same_key(tmp_path: Path) -> None:
    sheet, flag = tmp_path / "told.jsonl", tmp_path / "killed"
    script = f"cat >> '{sheet}'; echo >> '{sheet}'; [ -e '{flag}' ] && exit 0; touch '{flag}'; kill -9 $PPID"
    table = json.dumps({"command": ["/bin/sh", "-c", script]})
    command = [sys.executable, "-m", "tests.scenarios.notifying", str(tmp_path), table]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with an_engine(tmp_path, clock=SystemClock()) as engine:
        assert subprocess.run(command, cwd=ROOT, env=environment, timeout=60, check=False).returncode == 0
        fail(engine.store, engine.clock, "R1", "R2")
        killed = subprocess.run(command, cwd=ROOT, env=environment, timeout=60, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert subprocess.run(command, cwd=ROOT, env=environment, timeout=60, check=False).returncode == 0
    told = [json.loads(line)["key"].split("/")[1] for line in sheet.read_text().splitlines()]
    assert told == ["R1", "R1", "R2"]
    assert len({json.loads(line)["key"] for line in sheet.read_text().splitlines()}) == 2


def test_a_channel_that_fails_is_tried_again_and_holds_up_no_other(tmp_path: Path) -> None:
    clock, notices = ManualClock(), []
    with publishing() as bad, publishing() as good, an_engine(tmp_path, clock=clock) as engine:
        bad.answer = lambda _: page_of("down", 503)
        tables = {"bad": {"webhook": f"{bad.base}/s3cret-path"}, "good": {"webhook": good.base}}
        notifier = a_notifier(engine, notices, **tables)
        notifier.look()
        fail(engine.store, clock, "R1")
        for _ in range(3):
            notifier.look()
        assert (len(bad.asked), len(good.asked)) == (1, 1)
        clock.advance(timedelta(seconds=10))
        notifier.look()
        clock.advance(timedelta(seconds=10))
        notifier.look()
        assert len(bad.asked) == 2
        bad.answer = lambda _: saying({})
        clock.advance(timedelta(seconds=10))
        notifier.look()
        assert len(set(keys(bad))) == 1
        assert [(one.channel, one.what) for one in notices] == [("bad", "waits"), ("good", "told"), ("bad", "told")]
        assert "s3cret" not in str(notices)


def test_a_message_that_never_arrives_is_given_up_after_a_day_and_that_stands_in_the_log_of_its_run(
    tmp_path: Path,
) -> None:
    clock, notices = ManualClock(), []
    with publishing() as server, an_engine(tmp_path, clock=clock) as engine:
        server.answer = lambda _: page_of("down", 500)
        notifier = a_notifier(engine, notices, ops={"webhook": f"{server.base}/s3cret-path"})
        notifier.look()
        fail(engine.store, clock, "R1")
        for _ in range(30):
            notifier.look()
            clock.advance(timedelta(hours=1))
        asked = len(server.asked)
        notifier.look()
        assert [one.what for one in notices] == ["waits", "gave up"]
        assert len(server.asked) == asked
        told = [event.facts["message"] for event in engine.store.read_events(run_id="R1") if "message" in event.facts]
        assert len(told) == 1
        assert told[0].startswith("gave up telling channel `ops` of failure: ")
        assert "s3cret" not in str([told, notices, engine.store.list_marks(":notify")])


def test_a_server_that_never_answers_holds_up_no_other_channel(tmp_path: Path) -> None:
    clock = SystemClock()
    with publishing() as good, an_engine(tmp_path, clock=clock) as engine:
        stuck = tmp_path / "stuck"
        tables = {
            "a-bad": {"command": ["/bin/sh", "-c", f"touch '{stuck}'; while [ -e '{stuck}' ]; do sleep 0.05; done"]},
            "good": {"webhook": good.base},
        }
        with a_notifier(engine, **tables):
            until(lambda: len(engine.store.list_marks(":notify")) == 2)
            fail(engine.store, clock, "R1")
            until(lambda: stuck.exists() and good.asked)
            stuck.unlink()
        assert [key.split("/")[1] for key in keys(good)] == ["R1"]


def test_a_run_that_fails_is_in_the_mail_with_its_reason(tmp_path: Path) -> None:
    def dig(*_: Any) -> None:
        raise ValueError("the well is dry")

    with taking_mail() as office, an_engine(tmp_path, a_pipeline(a_task("dig", dig))) as engine:
        around = Surroundings({}, Secret(office.url), "penstock@example.org")
        notifier = Notifier(engine, read_channels({"ops": {"email": ["ops@example.org"]}}), around, lambda _: None)
        notifier.look()
        run(engine)
        notifier.look()
        [letter] = office.letters
    assert "`sample` failed" in letter["Subject"]
    assert "the well is dry" in letter.get_content()


# The commands ---------------------------------------------------------------------------------------------------------

PIPELINE = '''
"""Digs."""

from penstock import Cron, Deployment, Pipeline, task


@task
def dig(_: object) -> None:
    """Dig."""
    raise ValueError("the well is dry")


pipeline = Pipeline("wells", tasks=[dig], deployments=[Deployment("often", Cron("cron * * * * * UTC", "latest"))])
'''


def penstock(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "penstock", *arguments],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def a_project(folder: Path, settings: str) -> Path:
    (folder / "pipelines").mkdir()
    (folder / "pipelines" / "wells.py").write_text(PIPELINE)
    (folder / "penstock.toml").write_text(f"[penstock]\n{settings}\n")
    return folder


def test_the_scheduler_tells_before_it_ends_and_runs_are_told_no_secret(tmp_path: Path) -> None:
    with publishing() as server:
        a_project(tmp_path, f'[penstock.notify.ops]\nwebhook = "{server.base}/s3cret-path"')
        assert penstock(tmp_path, "scheduler", "--once").returncode == 0
        assert penstock(tmp_path, "run", "wells").returncode == 1
        done = penstock(tmp_path, "scheduler", "--once")
        [message] = [json.loads(asked.body) for asked in server.asked]
    assert (message["pipeline"], message["task"]["message"]) == ("wells", "the well is dry")
    assert "told" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


def test_a_test_message_says_what_came_back(tmp_path: Path) -> None:
    with publishing() as server:
        a_project(tmp_path, f'[penstock.notify.ops]\nwebhook = "{server.base}/s3cret-path"')
        good = penstock(tmp_path, "notify", "test", "ops")
        server.answer = lambda _: page_of("gone", 410)
        bad = penstock(tmp_path, "notify", "test", "ops")
        unknown = penstock(tmp_path, "notify", "test", "opps")
        listed = penstock(tmp_path, "notify", "list")
        as_json = penstock(tmp_path, "notify", "list", "--json")
        config = penstock(tmp_path, "config", "show", "--sources")
        assert json.loads(server.asked[0].body)["event"] == "test"
    assert (good.returncode, bad.returncode, unknown.returncode) == (0, 1, 2)
    assert "answered 200" in good.stdout
    assert "answered 410" in bad.stderr
    assert "did you mean `ops`?" in unknown.stderr
    assert "not begun" in listed.stdout
    assert json.loads(as_json.stdout)[0]["name"] == "ops"
    everything = "".join(done.stdout + done.stderr for done in (good, bad, unknown, listed, as_json, config))
    assert "s3cret" not in everything


def test_a_scheduler_whose_channel_lacks_something_says_so_and_does_not_start(tmp_path: Path) -> None:
    a_project(tmp_path, '[penstock.notify.ops]\nemail = ["ops@example.org"]')
    done = penstock(tmp_path, "scheduler", "--once")
    assert done.returncode == 2
    assert "channel `ops` sends e-mail, but `smtp_url` is not set" in done.stderr
    assert "Traceback" not in done.stderr
