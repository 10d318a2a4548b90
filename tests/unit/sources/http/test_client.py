"""Calls over a real loopback server: what is sent, what is understood, what is told when it fails."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from penstock.errors import AbsentSourceError, SourceError
from penstock.sources.http.refusal import RefusedError
from penstock.sources.source import Source
from tests.servers.http import Reply, page_of, saying
from tests.unit.sources.http.clients import KEY, Bench


def test_an_answer_holds_what_was_said_with_its_fractions_exact(bench: Bench) -> None:
    bench.publisher.script = [
        Reply(body=b'{"amount": 12.10, "big": 4120420201964399216}', headers={"Date": "Sat, 21 Nov 2026 14:00:00 GMT"})
    ]
    answer = bench.client().get_json("/schedules/schedule_a/", {"per_page": 100, "cycle": 2026})
    assert answer.data == {"amount": Decimal("12.10"), "big": 4120420201964399216}
    assert str(answer.data["amount"]) == "12.10"
    assert answer.url == f"{bench.publisher.base}/v1/schedules/schedule_a/?cycle=2026&per_page=100"
    assert answer.status == 200
    assert not answer.from_cache


def test_the_publishers_clock_is_told(bench: Bench) -> None:
    bench.publisher.answer = lambda _: saying({})
    answer = bench.client().get("/")
    assert answer.dated_at is not None
    assert abs(answer.dated_at - datetime.now(UTC)) < timedelta(days=1)


def test_parameters_travel_as_people_mean_them(bench: Bench) -> None:
    given = {"b": True, "a": [2, 1], "on": date(2026, 11, 1), "none": None, "amount": Decimal("1.50")}
    bench.client().get("/x", given)
    assert bench.publisher.asked[0].target == "/v1/x?a=2&a=1&amount=1.50&b=true&on=2026-11-01"


def test_we_say_who_we_are_and_whom_to_write_to(bench: Bench) -> None:
    bench.client(contact="data@example.org").get("/x")
    bench.client().get("/x")
    agents = [asked.headers["user-agent"] for asked in bench.publisher.asked]
    assert agents[0].startswith("penstock/")
    assert agents[0].endswith("(+data@example.org)")
    assert "+" not in agents[1]


def test_a_contact_that_cannot_be_sent_is_refused(bench: Bench) -> None:
    with pytest.raises(SourceError, match="cannot be sent"):
        bench.client(contact="a\r\nX-Evil: 1").get("/x")
    assert bench.publisher.asked == []


def test_calls_share_a_connection(bench: Bench) -> None:
    with bench.client() as client:
        for _ in range(5):
            client.get("/x")
    assert len({asked.connection for asked in bench.publisher.asked}) == 1


def test_compressed_answers_are_understood(bench: Bench) -> None:
    bench.publisher.script = [Reply(body=b'{"a": [1, 2, 3]}', is_zipped=True)]
    assert bench.client().get_json("/x").data == {"a": [1, 2, 3]}
    assert bench.publisher.asked[0].headers["accept-encoding"] == "gzip"


def test_a_link_of_the_publisher_is_followed_and_one_to_elsewhere_is_not(bench: Bench) -> None:
    client = bench.client()
    client.get(f"{bench.publisher.base}/v1/x?page=2&q=a%20b", {"q": "c"})
    assert bench.publisher.asked[0].params == {"page": "2", "q": "c"}
    with pytest.raises(SourceError, match=r"`https://elsewhere\.example/v1/x` is not at") as caught:
        client.get("https://elsewhere.example/v1/x")
    assert "handed the key" in str(caught.value.hint)
    assert len(bench.publisher.asked) == 1


def test_a_redirect_is_told_and_not_followed(bench: Bench) -> None:
    bench.publisher.script = [Reply(302, b"", {"Location": "https://elsewhere.example/v2"})]
    with pytest.raises(RefusedError, match=r"redirects .* to `https://elsewhere\.example/v2`"):
        bench.client().get("/x")
    assert len(bench.publisher.asked) == 1


def test_a_form_is_posted_and_its_cookies_come_back(bench: Bench) -> None:
    bench.publisher.script = [Reply(headers={"Set-Cookie": "session=1; Path=/"})]
    client = bench.client()
    client.get("/search")
    client.post("/search", {"year": 2026, "name": "A & B"})
    asked = bench.publisher.asked[1]
    assert (asked.method, asked.body, asked.headers["cookie"]) == ("POST", b"name=A+%26+B&year=2026", "session=1")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told_at_once_with_the_variable_that_holds_it(bench: Bench, status: int) -> None:
    body = {"error": {"code": "API_KEY_INVALID", "message": "An invalid api_key was supplied."}}
    bench.publisher.script = [saying(body, status)]
    with pytest.raises(RefusedError, match=f"status {status}: .*API_KEY_INVALID") as caught:
        bench.client().get_json("/x", {"cycle": 2026})
    assert f"{bench.publisher.base}/v1/x?cycle=2026" in caught.value.message
    assert "`FEC_API_KEY`" in str(caught.value.hint)
    assert "https://example.org/terms" in str(caught.value.hint)
    assert (caught.value.is_about_key, caught.value.retriable) == (True, False)
    assert len(bench.publisher.asked) == 1


def test_what_does_not_exist_is_absent_and_a_wrong_question_is_refused(bench: Bench) -> None:
    bench.publisher.script = [page_of("Not found", 404), saying({"message": "bad cycle", "status": 422}, 422)]
    with pytest.raises(AbsentSourceError, match="status 404: Not found"):
        bench.client().get_json("/x")
    with pytest.raises(RefusedError, match=r"status 422: .*bad cycle") as caught:
        bench.client().get_json("/x")
    assert caught.value.status == 422
    assert not caught.value.retriable
    assert len(bench.publisher.asked) == 2


def test_an_excerpt_is_short_and_on_one_line(bench: Bench) -> None:
    bench.publisher.script = [Reply(400, b"<style>p{}</style><p>first\r\n\x1b[31msecond</p>" + b"x" * 5000)]
    with pytest.raises(SourceError) as caught:
        bench.client().get("/x")
    assert "first [31msecond" in caught.value.message
    assert len(caught.value.message) < 400
    assert caught.value.message.isprintable()


def test_without_a_network_one_line_says_what_to_do(bench: Bench) -> None:
    source = Source("openfec", "http://127.0.0.1:9/v1", key_variable="FEC_API_KEY", key_header="X-Api-Key")
    with pytest.raises(SourceError, match=r"cannot reach `openfec` at `http://127\.0\.0\.1:9`") as caught:
        bench.client(source).get("/x")
    assert "\n" not in caught.value.message
    assert "PENSTOCK_SOURCES=openfec=" in str(caught.value.hint)
    assert caught.value.retriable


@pytest.mark.parametrize("address", ["http://[::1", "ftp://127.0.0.1/v1", "http://127.0.0.1:99999/v1", "v1", "http://"])
def test_an_address_that_is_none_is_told(bench: Bench, address: str) -> None:
    with pytest.raises(SourceError):
        bench.client(Source("openfec", address)).get("/x")


def test_an_address_that_holds_a_password_is_refused_without_showing_it(bench: Bench) -> None:
    with pytest.raises(SourceError, match="holds a password") as caught:
        bench.client(Source("openfec", "http://me:sesame@127.0.0.1/v1"))
    assert "sesame" not in f"{caught.value.message}{caught.value.hint}"


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel"])
def test_a_key_that_cannot_be_one_is_refused_without_showing_it(bench: Bench, key: str) -> None:
    from penstock.kit.secret import Secret

    with pytest.raises(SourceError, match="is no key") as caught:
        bench.client(key=Secret(key))
    assert not key or key not in f"{caught.value.message}{caught.value.hint}"


def test_a_parameter_that_carries_the_key_is_refused(bench: Bench) -> None:
    with pytest.raises(SourceError, match="carries the key") as caught:
        bench.client().get("/x", {"api_key": KEY})
    assert KEY not in str(caught.value)
    assert bench.publisher.asked == []
