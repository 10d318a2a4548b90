"""The simulated bulk downloads: the zips of a day, whole, in parts, and only when they changed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from starlette.applications import Starlette

from penstock.kit.clock import ManualClock
from penstock.simulators.fec_bulk import write_bulk_of_day
from penstock.simulators.fec_downloads import ZIPS, create_downloads_app
from penstock.simulators.requestlog import RequestLog
from penstock.simulators.story import Story
from tests.unit.simulators.asking import Answer, ask

BASE = "/files/bulk-downloads"
INDIV = f"{BASE}/2020/indiv20.zip"


@pytest.fixture(scope="module")
def story() -> Story:
    return Story(2020, rows=400, days=3, committees=12)


def shop_of(story: Story, folder: Path, day: int = 0) -> tuple[Starlette, ManualClock]:
    clock = ManualClock(story.instant_of(day))
    return create_downloads_app(story, clock, folder), clock


def get(app: Starlette, path: str = INDIV, **headers: str) -> Answer:
    return ask(app, path, key="", headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_each_zip_holds_the_text_of_the_day(story: Story, tmp_path: Path) -> None:
    app, _ = shop_of(story, tmp_path / "zips", 2)
    write_bulk_of_day(tmp_path / "texts", story, 2)
    for stem, name in ZIPS.items():
        answer = get(app, f"{BASE}/2020/{stem}20.zip")
        text = name.format(yy="20")
        with ZipFile(BytesIO(answer.body)) as archive:
            assert archive.namelist() == [text]
            assert archive.read(text) == (tmp_path / "texts" / text).read_bytes()


def test_equal_stories_make_equal_zips_and_another_day_makes_others(story: Story, tmp_path: Path) -> None:
    app, clock = shop_of(story, tmp_path / "one")
    again, _ = shop_of(Story(2020, rows=400, days=3, committees=12), tmp_path / "two")
    first = get(app)
    assert get(again).body == first.body
    clock.advance(story.instant_of(2) - clock.now())
    later = get(app)
    assert later.body != first.body
    assert later.headers["etag"] != first.headers["etag"]
    assert later.headers["last-modified"] == "Wed, 07 Oct 2020 01:00:00 GMT"


def test_a_head_tells_what_a_get_would(story: Story, tmp_path: Path) -> None:
    app, _ = shop_of(story, tmp_path)
    whole, head = get(app), ask(app, INDIV, key="", method="HEAD")
    assert head.body == b""
    assert head.headers == whole.headers
    assert int(head.headers["content-length"]) == len(whole.body)


@pytest.mark.parametrize(
    ("wanted", "span"), [("bytes=0-9", slice(0, 10)), ("bytes=100-", slice(100, None)), ("bytes=-7", slice(-7, None))]
)
def test_a_range_is_that_part(wanted: str, span: slice, story: Story, tmp_path: Path) -> None:
    app, _ = shop_of(story, tmp_path)
    whole, part = get(app), get(app, range=wanted)
    assert part.status == 206
    assert part.body == whole.body[span]
    assert part.headers["content-range"].endswith(f"/{len(whole.body)}")


def test_a_range_past_the_end_is_refused(story: Story, tmp_path: Path) -> None:
    app, _ = shop_of(story, tmp_path)
    size = len(get(app).body)
    answer = get(app, range=f"bytes={size}-")
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{size}")


def test_a_part_of_a_file_that_has_changed_is_the_whole_file(story: Story, tmp_path: Path) -> None:
    app, clock = shop_of(story, tmp_path)
    first = get(app)
    assert get(app, range="bytes=5-", if_range=first.headers["etag"]).status == 206
    assert get(app, range="bytes=5-", if_range=first.headers["last-modified"]).status == 206
    clock.advance(story.instant_of(1) - clock.now())
    assert get(app, range="bytes=5-", if_range=first.headers["etag"]).status == 200


def test_what_is_known_already_is_not_sent_again(story: Story, tmp_path: Path) -> None:
    app, clock = shop_of(story, tmp_path)
    first = get(app)
    for asked in ({"if_none_match": first.headers["etag"]}, {"if_modified_since": first.headers["last-modified"]}):
        answer = get(app, **asked)
        assert (answer.status, answer.body) == (304, b"")
    clock.advance(story.instant_of(1) - clock.now())
    assert get(app, if_none_match=first.headers["etag"]).status == 200


@pytest.mark.parametrize("kind", ["indiv", "oth", "pas2", "cm", "cn", "ccl"])
def test_a_header_file_names_each_field_of_a_line(kind: str, story: Story, tmp_path: Path) -> None:
    app, _ = shop_of(story, tmp_path)
    names = get(app, f"{BASE}/data_dictionaries/{kind}_header_file.csv").body.decode().strip().split(",")
    with ZipFile(BytesIO(get(app, f"{BASE}/2020/{kind}20.zip").body)) as archive:
        line = archive.read(archive.namelist()[0]).decode("latin-1").splitlines()[0]
    assert len(names) == len(line.split("|"))


@pytest.mark.parametrize("path", ["/2018/indiv18.zip", "/2020/indiv18.zip", "/2020/by_date", "/2020/../cm20.zip"])
def test_what_is_not_published_is_not_found(path: str, story: Story, tmp_path: Path) -> None:
    app, _ = shop_of(story, tmp_path)
    assert get(app, f"{BASE}{path}").status == 404


def test_downloads_are_logged(story: Story, tmp_path: Path) -> None:
    log = RequestLog()
    app = create_downloads_app(story, ManualClock(story.instant_of(0)), tmp_path, log=log)
    get(app)
    get(app, range="bytes=0-1")
    assert [(each.path, each.status) for each in log] == [(INDIV, 200), (INDIV, 206)]
