"""Scripts that cannot be run, or write what nobody can read: clear, recorded, and the rest unharmed."""

import itertools
import resource
import sys

import pytest

from penstock import Task
from penstock.engine.events import EventKind
from tests.engines import a_pipeline, an_engine, run, statuses
from tests.scripts import a_script, a_step, facts_of, failure_of, messages_of, noting, output_of


def test_a_script_that_cannot_be_started_says_why_and_is_not_tried_again(tmp_path):
    good = a_script(tmp_path, "good.py", "")
    a_script(tmp_path, "plain.sh", "#!/bin/sh\n").path.chmod(0o644)
    (tmp_path / "steps" / "folder.py").mkdir()
    scripts = {
        "missing": type(good)(tmp_path / "steps" / "missing.py", good.folder, good.cwd),
        "plain": type(good)(tmp_path / "steps" / "plain.sh", good.folder, good.cwd),
        "folder": type(good)(tmp_path / "steps" / "folder.py", good.folder, good.cwd),
        "nowhere": type(good)(good.path, good.folder, tmp_path / "gone"),
        "unbegun": a_script(tmp_path, "unbegun.sh", "echo no first line\n"),
        "strange": a_script(tmp_path, "strange.sh", "#!/no/such/interpreter\n"),
        "nul": a_script(tmp_path, "nul.py", "", args=("a\0b",)),
        "long": a_script(tmp_path, "long.py", "", args=("x" * 3_000_000,)),
    }
    tasks = [Task(name, script, retries=3) for name, script in scripts.items()]
    with an_engine(tmp_path / "home", a_pipeline(*tasks, Task("good", good))) as engine:
        view = run(engine, continue_on_failure=True)
    told = {task.name: (task.failure.message, task.attempts) for task in view.tasks if task.failure}
    expected = {
        "missing": "script `steps/missing.py` does not exist",
        "plain": "script `steps/plain.sh` is not executable",
        "folder": "script `steps/folder.py` is not a file",
        "nowhere": "does not exist",
        "unbegun": "`steps/unbegun.sh` cannot be run: Exec format error",
        "strange": "`steps/strange.sh` cannot be run by its first line `#!/no/such/interpreter`",
        "nul": "`steps/nul.py` is to be handed a text with NUL",
        "long": "`steps/long.py` is to be handed more than the system allows",
    }
    assert told.keys() == expected.keys()
    for name, message in expected.items():
        assert message in told[name][0]
        assert told[name][1] == 1, name
    assert failure_of(view, "plain").hint == "chmod +x steps/plain.sh"
    assert statuses(view)["good"] == "completed"


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "was ended by signal SIGSEGV"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was ended by signal SIGKILL"),
        ("os._exit(200)", "ended with exit code 200"),
    ],
)
def test_a_script_that_dies_is_told_by_how_it_died(tmp_path, ending, said):
    step = a_step(tmp_path, "die", noting(f"print('working'); {ending}"))
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
    assert failure_of(view, "die").message == f"`steps/die.py` {said}: working"


def test_binary_output_is_kept_in_a_form_that_can_be_read(tmp_path):
    step = a_step(
        tmp_path,
        "binary",
        r"""
        import os
        os.write(1, bytes(range(256)) + b"\n")
        os.write(1, "grün\r\n".encode() + "ungrün".encode("latin-1"))
        """,
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        lines = output_of(engine, view).split("\n")
    assert view.status == "completed"
    assert lines[0].startswith(r"\x00\x01\x02\x03\x04\x05\x06\x07\x08" + "\t")
    assert lines[1].startswith(r"\x0b\x0c\x0d\x0e")
    assert lines[1].endswith(r"\xfd\xfe\xff")
    assert lines[2:] == ["grün", r"ungr\xfcn"]


def test_a_last_line_without_an_end_is_kept(tmp_path):
    step = a_step(tmp_path, "open", """import sys; sys.stdout.write("no end"); sys.stderr.write("none either")""")
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        assert {output_of(engine, view, stream=one) for one in ("stdout", "stderr")} == {"no end", "none either"}


def test_a_script_may_close_its_output_and_go_on(tmp_path):
    step = a_step(
        tmp_path,
        "closed",
        noting("""
        print("before", flush=True)
        os.close(1); os.close(2)
        time.sleep(0.3)
        note("after")
        """),
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        assert output_of(engine, view) == "before"
    assert view.status == "completed"
    assert (tmp_path / "after.pid").exists()


def test_a_long_line_is_kept_in_pieces(tmp_path):
    step = a_step(tmp_path, "long", """print("ab" * 20_000); print("end"); print("é" * 10_000)""")
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        lines = output_of(engine, view).split("\n")
    assert [len(line) for line in lines] == [16384, 16384, 7232, 3, 4096, 4096, 1808]
    assert "".join(lines[:3]) == "ab" * 20_000


@pytest.mark.parametrize(
    "flood",
    [
        "for _ in range(200): os.write(1, b'y\\n' * (1 << 19))",
        "for _ in range(200): os.write(1, b'x' * (1 << 20))",
        "for _ in range(200): os.write(1, os.urandom(1 << 20))",
    ],
    ids=["short lines", "one line", "binary"],
)
def test_a_flood_keeps_its_head_and_its_end_and_says_what_was_dropped(tmp_path, flood):
    step = a_step(
        tmp_path,
        "flood",
        noting(f"""
        print("the beginning", flush=True)
        {flood}
        print()
        print('::penstock {{"result": "heard"}}')
        print("the end")
        """),
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        blocks = facts_of(engine, view, EventKind.OUTPUT_WRITTEN, "flood")
        (note,) = messages_of(engine, view)
        (facts,) = facts_of(engine, view, EventKind.MESSAGE_LOGGED, "flood")
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    texts = [block["text"] for block in blocks]
    assert view.status == "completed"
    assert view.tasks[0].result == "heard"
    assert texts[0].startswith("the beginning\n")
    assert texts[-1].endswith("the end")
    assert max(map(len, texts)) <= 64 << 10
    assert sum(map(len, texts)) <= (4 << 20) + 4 * (64 << 10)
    assert "the script wrote more than is kept" in note
    assert 195 << 20 < facts["dropped_bytes"] <= 200 << 20
    assert grown_mb < 100, f"{grown_mb:.0f} MB"
    numbers = [(block["line"], block["line"] + block["text"].count("\n")) for block in blocks]
    assert all(last < first for (_, last), (first, _) in itertools.pairwise(numbers))


def test_secrets_are_kept_nowhere(tmp_path):
    secret, url = "s3cr3t/+value=", "postgresql://me:p4ssw0rd%21x@db/x"
    step = a_step(
        tmp_path,
        "leak",
        """
        import json, os, sys, time, urllib.parse
        token, url = os.environ["MY_TOKEN"], os.environ["SOURCE_URL"]
        print(token, urllib.parse.quote(token, safe=""), json.dumps(token))
        sys.stdout.write(token[:5])
        sys.stdout.flush()
        time.sleep(0.3)
        sys.stdout.write(token[5:] + "\\n")
        sys.stdout.write("x" * ((1 << 20) + 70_000 - 7) + token + "x" * (1 << 20) + "\\n")
        print(url)
        print("\\x1b[1m" + token[:4] + "\\x1b[0m" + token[4:])
        print(os.environ["PRIVATE_KEY"])
        print("::penstock", json.dumps({"log": token, "facts": {"url": url}}))
        print("::penstock", json.dumps({"progress": 1, "unit": token}))
        print("::penstock", json.dumps({"item": "k" + token, "payload": [token]}))
        print("::penstock", json.dumps({"unknown " + token: 1}))
        if os.environ["PENSTOCK_ATTEMPT"] == "1":
            sys.exit("bad token " + token)
        """,
        env={
            "MY_TOKEN": secret,
            "SOURCE_URL": url,
            "PRIVATE_KEY": "-----BEGIN KEY-----\nMIIabcdef\n",
            "A_KEY": "12345678",
        },
        task={"retries": 1},
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        said = output_of(engine, view)
        (task_run,) = engine.store.list_task_runs(view.run.run_id)
        everything = repr(engine.store.read_events(run_id=view.run.run_id)) + repr(task_run)
        everything += repr(engine.store.load_completions("sample", ""))
    stored = b"".join(file.read_bytes() for file in (tmp_path / "home").iterdir() if file.is_file())
    assert view.status == "completed"
    assert task_run.attempts[0].failure.message == "`steps/leak.py` ended with exit code 1: bad token ***"
    assert said.startswith('*** *** "***"\n***\nxxx')
    for leaked in (secret, "s3cr3t", "p4ssw0rd", "MIIabcdef"):
        assert leaked not in everything
        assert leaked.encode() not in stored


def test_what_a_script_is_told_of_its_item_is_no_secret(tmp_path):
    step = a_step(tmp_path, "list", """print('::penstock {"item": "filing-2024-001"}')""")
    each = a_step(tmp_path, "each", "import os; print(os.environ['PENSTOCK_ITEM_KEY'])", task={"each": "list"})
    with an_engine(tmp_path / "home", a_pipeline(step, each)) as engine:
        view = run(engine)
        assert output_of(engine, view, "each") == "filing-2024-001"


def test_output_that_cannot_be_kept_at_once_is_kept_later(tmp_path):
    """Another process holds the state store while the script writes more than a pipe holds."""
    step = a_step(
        tmp_path,
        "write",
        """
        import os, sqlite3
        store = sqlite3.connect(os.environ["PENSTOCK_STATE_URL"].removeprefix("sqlite:///"), isolation_level=None)
        store.execute("begin immediate")
        for n in range(20_000):
            print("line", n)
        store.execute("rollback")
        """,
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        assert output_of(engine, view).split("\n") == [f"line {n}" for n in range(20_000)]
    assert view.status == "completed"


def test_the_interpreter_that_runs_scripts_is_this_one(tmp_path):
    step = a_step(tmp_path, "which", "import sys; print(sys.executable)")
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        assert output_of(engine, view) == sys.executable
