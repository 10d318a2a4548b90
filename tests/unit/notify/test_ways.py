"""How messages travel: real servers on the loopback, real programs; what arrives, what is tried again, what is not."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.errors import UsageError
from penstock.kit.secret import Secret
from penstock.notify.delivery import Delivery
from penstock.notify.message import Message
from penstock.notify.program import send_to_program
from penstock.notify.ways import Surroundings, way_of
from tests.factories import T0
from tests.servers.http import Reply, page_of, publishing, saying
from tests.servers.mail import taking_mail
from tests.unit.notify.telling import channels

FACTS = {
    "pipeline": "sample",
    "partition": "cycle=2026",
    "deployment": "daily",
    "run_id": "R1",
    "status": "failed",
    "started_at": T0.isoformat(),
    "duration_s": 61.0,
    "task": {"name": "load", "error": "ValueError", "message": "the well\nis dry", "hint": "dig deeper"},
    "command": "penstock status R1",
    "url": "https://pipes.example.org/runs/R1",
}
MESSAGE = Message("failure/R1/7", "failure", T0, "`sample` failed: task `load`: the well is “dry”", FACTS)


def send(table: dict[str, object], message: Message = MESSAGE, **around: object) -> Delivery:
    given = {"environ": {}, "mail_from": "penstock@example.org", **around}
    return way_of(channels(ops=table)["ops"], Surroundings(**given))(message)  # type: ignore[arg-type]


# Webhook --------------------------------------------------------------------------------------------------------------


def test_a_webhook_is_posted_json_with_its_key() -> None:
    with publishing() as server:
        delivery = send({"webhook": f"{server.base}/hook/s3cret-token?key=also-s3cret"})
        [asked] = server.asked
    assert delivery.is_delivered
    assert (asked.method, asked.target) == ("POST", "/hook/s3cret-token?key=also-s3cret")
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["idempotency-key"] == "failure/R1/7"
    assert json.loads(asked.body) == {"schema": "penstock.notification/1", "channel": "ops", **MESSAGE.stored()}


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
def test_an_answer_that_refuses_is_given_up(status: int) -> None:
    with publishing() as server:
        server.script = [saying({"why": "no"}, status)]
        delivery = send({"webhook": server.base})
    assert (delivery.is_delivered, delivery.is_refused) == (False, True)
    assert str(status) in delivery.words
    assert "no" in delivery.words


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_an_answer_that_may_pass_is_tried_again(status: int) -> None:
    with publishing() as server:
        server.script = [page_of("later", status)]
        delivery = send({"webhook": server.base})
    assert (delivery.is_delivered, delivery.is_refused) == (False, False)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with publishing() as stranger, publishing() as server:
        server.script = [Reply(status, b"", {"Location": f"{stranger.base}/elsewhere"})]
        delivery = send({"webhook": server.base})
        assert stranger.asked == []
        assert len(server.asked) == 1
    assert (delivery.is_delivered, delivery.is_refused) == (False, True)


def test_a_server_that_hangs_up_or_is_not_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for address in (f"http://127.0.0.1:{port}/s3cret-token", "http://nowhere.invalid/s3cret-token"):
        delivery = send({"webhook": address})
        assert (delivery.is_delivered, delivery.is_refused) == (False, False)
        assert "s3cret-token" not in delivery.words
    with publishing() as server:
        server.script = [Reply(is_dropped=True)]
        assert not send({"webhook": f"{server.base}/s3cret-token"}).is_delivered


def test_an_answer_that_repeats_the_address_gives_no_secret_away() -> None:
    with publishing() as server:
        server.answer = lambda asked: page_of(f"no hook at {asked.target}", 404)
        delivery = send({"webhook": f"{server.base}/hooks/s3cret-token?sig=0123456789abcdef"})
    assert "s3cret-token" not in delivery.words
    assert "0123456789abcdef" not in delivery.words


def test_a_key_that_no_header_can_hold_is_encoded() -> None:
    odd = Message("late/p/daily[city=Łódź\n]/x", "late", T0, "late", {"command": "penstock history"})
    with publishing() as server:
        assert send({"webhook": server.base}, odd).is_delivered
        assert server.asked[0].headers["idempotency-key"] == "late/p/daily%5Bcity%3D%C5%81%C3%B3d%C5%BA%0A%5D/x"


def test_an_address_in_the_environment_is_looked_up_when_the_channel_is_opened() -> None:
    with publishing() as server:
        assert send({"webhook": "${OPS_HOOK}"}, environ={"OPS_HOOK": f"{server.base}/x"}).is_delivered
    with pytest.raises(UsageError, match="needs the environment variable `OPS_HOOK`"):
        send({"webhook": "${OPS_HOOK}"})
    with pytest.raises(UsageError, match="is no address of the web") as refused:
        send({"webhook": "${OPS_HOOK}"}, environ={"OPS_HOOK": "file:///s3cret-token"})
    assert "s3cret-token" not in refused.value.message


# Mail -----------------------------------------------------------------------------------------------------------------


def test_a_letter_says_what_where_why_and_how_to_look_closer() -> None:
    with taking_mail() as office:
        delivery = send({"email": ["a@example.org", "b@example.org"]}, smtp_url=Secret(office.url))
        [letter] = office.letters
    assert delivery.is_delivered
    assert letter["To"] == "a@example.org, b@example.org"
    assert letter["From"] == "penstock@example.org"
    assert " ".join(letter["Subject"].split()) == "[penstock] failure: `sample` failed: task `load`: the well is “dry”"
    text = letter.get_content()
    for told in ("cycle=2026", "daily", "R1", "2026-03-04 05:06:07 UTC", "1m01s", "task `load` failed: ValueError"):
        assert told in text
    assert "hint: dig deeper" in text
    assert "look closer: penstock status R1" in text
    assert "https://pipes.example.org/runs/R1" in text


def test_a_letter_sent_twice_has_the_same_id() -> None:
    with taking_mail() as office:
        for _ in range(2):
            send({"email": ["a@example.org"]}, smtp_url=Secret(office.url))
        assert len({letter["Message-ID"] for letter in office.letters}) == 1


def test_a_headline_of_many_lines_makes_no_further_headers() -> None:
    odd = Message("k", "failure", T0, "first\r\nBcc: stranger@example.org\n\udc80", {"command": "c"})
    with taking_mail() as office:
        assert send({"email": ["a@example.org"]}, odd, smtp_url=Secret(office.url)).is_delivered
        assert office.letters[0]["Bcc"] is None


def test_a_password_is_sent_and_never_told() -> None:
    with taking_mail() as office:
        office.password = "s3cret pass/word"
        right = f"smtp://me:s3cret%20pass%2Fword@127.0.0.1:{office.port}"
        assert send({"email": ["a@example.org"]}, smtp_url=Secret(right)).is_delivered
        delivery = send(
            {"email": ["a@example.org"]}, smtp_url=Secret(f"smtp://me:wr0ng-password@127.0.0.1:{office.port}")
        )
    assert (delivery.is_delivered, delivery.is_refused) == (False, False)
    assert "535" in delivery.words
    assert "wr0ng-password" not in delivery.words


@pytest.mark.parametrize(
    ("verb", "answer", "is_refused"),
    [
        ("RCPT", "550 unknown here", True),
        ("RCPT", "450 later", False),
        ("MAIL", "554 not from you", True),
        ("DATA", "451 later", False),
        ("DATA", "554 too long", True),
    ],
)
def test_a_letter_is_given_up_only_when_it_is_refused_for_good(verb: str, answer: str, is_refused: bool) -> None:
    with taking_mail() as office:
        office.answers[verb] = answer
        delivery = send({"email": ["a@example.org"]}, smtp_url=Secret(office.url))
    assert (delivery.is_delivered, delivery.is_refused) == (False, is_refused)


def test_mail_without_a_server_is_refused_when_the_channel_is_opened() -> None:
    with pytest.raises(UsageError, match="`smtp_url` is not set"):
        send({"email": ["a@example.org"]})
    with pytest.raises(UsageError, match="`mail_from` is not set"):
        send({"email": ["a@example.org"]}, smtp_url=Secret("smtp://127.0.0.1"), mail_from="")


# Command --------------------------------------------------------------------------------------------------------------


def test_a_program_gets_json_and_the_gist_and_no_shell_reads_its_arguments(tmp_path: Path) -> None:
    script = 'cat > "$1/in"; printf "%s|%s|%s|%s" "$PENSTOCK_EVENT" "$PENSTOCK_KEY" "$PENSTOCK_RUN_ID" "$2" > "$1/env"'
    delivery = send({"command": ["/bin/sh", "-c", script, "sh", str(tmp_path), "$(touch x); *"]})
    assert delivery.is_delivered
    assert json.loads((tmp_path / "in").read_text())["task"]["message"] == "the well\nis dry"
    assert (tmp_path / "env").read_text() == "failure|failure/R1/7|R1|$(touch x); *"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo no such room >&2; exit 3", "exit code 3: no such room"),
        ("kill -TERM $$", "signal 15"),
        ("head -c 3000000 /dev/zero | tr '\\0' 'x' >&2; echo the end >&2; exit 1", "the end"),
    ],
)
def test_a_program_that_fails_is_tried_again_and_its_last_words_are_told(script: str, told: str) -> None:
    delivery = send({"command": ["/bin/sh", "-c", script]})
    assert (delivery.is_delivered, delivery.is_refused) == (False, False)
    assert told in delivery.words
    assert len(delivery.words) < 400


def test_a_program_that_is_not_there_is_told_by_name() -> None:
    delivery = send({"command": ["./no-such-program", "s3cret-argument"]})
    assert not delivery.is_delivered
    assert "./no-such-program" in delivery.words
    assert "s3cret-argument" not in delivery.words


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    script = 'sleep 1000 & echo $! > "$1/child"; wait'
    send_slowly = send_to_program("ops", ["/bin/sh", "-c", script, "sh", str(tmp_path)], timedelta(seconds=0.5))
    delivery = send_slowly(MESSAGE)
    assert not delivery.is_delivered
    assert "was ended after" in delivery.words
    child = Path("/proc") / (tmp_path / "child").read_text().strip() / "stat"
    assert not child.exists() or child.read_text().rpartition(")")[2].split()[0] in "ZX"
