"""The simulated bulk downloads of the FEC: the zips of a day, with what a careful download needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import md5
from pathlib import Path
from shutil import rmtree
from threading import Lock
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from penstock.kit.clock import Clock
from penstock.simulators.faults import Faults
from penstock.simulators.fec_bulk import write_bulk_of_day
from penstock.simulators.mishap import html_reply, play
from penstock.simulators.reply import Reply, http_date
from penstock.simulators.requestlog import LoggedRequest, RequestLog
from penstock.simulators.story import Story

#: Zip before the two digits of the cycle -> the text file in it; weball, webl and webk carry the digits too.
ZIPS = {
    "indiv": "itcont.txt", "oth": "itoth.txt", "pas2": "itpas2.txt", "oppexp": "oppexp.txt", "cm": "cm.txt",
    "cn": "cn.txt", "ccl": "ccl.txt", "weball": "weball{yy}.txt", "webl": "webl{yy}.txt", "webk": "webk{yy}.txt",
}  # fmt: skip
_PART = ("CMTE_ID,AMNDT_IND,RPT_TP,TRANSACTION_PGI,IMAGE_NUM,TRANSACTION_TP,ENTITY_TP,NAME,CITY,STATE,ZIP_CODE,"
         "EMPLOYER,OCCUPATION,TRANSACTION_DT,TRANSACTION_AMT,OTHER_ID,")  # fmt: skip
_TAIL = "TRAN_ID,FILE_NUM,MEMO_CD,MEMO_TEXT,SUB_ID"
_HEADERS = {
    "indiv": _PART + _TAIL,
    "oth": _PART + _TAIL,
    "pas2": f"{_PART}CAND_ID,{_TAIL}",
    "cm": "CMTE_ID,CMTE_NM,TRES_NM,CMTE_ST1,CMTE_ST2,CMTE_CITY,CMTE_ST,CMTE_ZIP,CMTE_DSGN,CMTE_TP,"
    "CMTE_PTY_AFFILIATION,CMTE_FILING_FREQ,ORG_TP,CONNECTED_ORG_NM,CAND_ID",
    "cn": "CAND_ID,CAND_NAME,CAND_PTY_AFFILIATION,CAND_ELECTION_YR,CAND_OFFICE_ST,CAND_OFFICE,CAND_OFFICE_DISTRICT,"
    "CAND_ICI,CAND_STATUS,CAND_PCC,CAND_ST1,CAND_ST2,CAND_CITY,CAND_ST,CAND_ZIP",
    "ccl": "CAND_ID,CAND_ELECTION_YR,FEC_ELECTION_YR,CMTE_ID,CMTE_TP,CMTE_DSGN,LINKAGE_ID",
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")

#: By when a day's rows are loaded, and its files made.
_MADE_AFTER = timedelta(hours=1)


def create_downloads_app(
    story: Story, clock: Clock, folder: Path, *, faults: Faults | None = None, log: RequestLog | None = None
) -> Starlette:
    """Return what lies below `/files/bulk-downloads/` on the day of the story that the clock shows.

    Args:
        folder: Where the zips of each day asked for are made and kept.
    """
    shop = _Downloads(story, clock, folder, faults or Faults(), log if log is not None else RequestLog())
    return Starlette(routes=[Route("/{rest:path}", shop.answer, methods=["GET", "HEAD"])])


def write_zips_of_day(folder: Path, story: Story, day: int) -> None:
    """Write the zips of a day into a folder: equal stories make equal bytes."""
    yy, texts = f"{story.cycle % 100:02d}", folder / "texts"
    write_bulk_of_day(texts, story, day)
    for stem, name in ZIPS.items():
        text = name.format(yy=yy)
        made_at = story.instant_of(day).timetuple()[:6]
        with ZipFile(folder / f"{stem}{yy}.zip.part", "w", ZIP_DEFLATED, compresslevel=1) as archive:
            entry = ZipInfo(text, (made_at[0], made_at[1], made_at[2], made_at[3], made_at[4], made_at[5]))
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, (texts / text).read_bytes())
        (folder / f"{stem}{yy}.zip.part").rename(folder / f"{stem}{yy}.zip")
    rmtree(texts)


class _Downloads:
    def __init__(self, story: Story, clock: Clock, folder: Path, faults: Faults, log: RequestLog) -> None:
        self._story, self._clock, self._folder, self._faults, self._log = story, clock, folder, faults, log
        self._lock = Lock()

    async def answer(self, request: Request) -> Reply:
        now, path = self._clock.now(), request.url.path
        fault = self._faults.find_fault(path)
        reply = (await play(fault, lambda: self._find(path, request.headers))).with_headers({"Date": http_date(now)})
        params = {name: (value,) for name, value in request.query_params.items()}
        self._log.record(
            LoggedRequest(
                now, request.method, path, params, "", reply.told_status, 0, fault.kind.value if fault else ""
            )
        )
        return reply

    def _find(self, path: str, asked: Mapping[str, str]) -> Reply:
        place = path.removeprefix("/files/bulk-downloads/")
        year, _, name = place.partition("/")
        day = self._story.day_at(self._clock.now())
        if year == "data_dictionaries" and name.removesuffix("_header_file.csv") in _HEADERS:
            text = _HEADERS[name.removesuffix("_header_file.csv")] + "\n"
            return _serve(text.encode(), "text/csv", self._story.instant_of(0), asked)
        known = {f"{stem}{self._story.cycle % 100:02d}.zip" for stem in ZIPS}
        if year != str(self._story.cycle) or name not in known:
            return html_reply(404)
        body = (self._made(day) / name).read_bytes()
        return _serve(body, "application/zip", self._story.instant_of(day) + _MADE_AFTER, asked)

    def _made(self, day: int) -> Path:
        folder = self._folder / f"{self._story.cycle}-day-{day}"
        with self._lock:
            if not (folder / "made").exists():
                folder.mkdir(parents=True, exist_ok=True)
                write_zips_of_day(folder, self._story, day)
                (folder / "made").touch()
        return folder


def _serve(body: bytes, kind: str, made_at: datetime, asked: Mapping[str, str]) -> Reply:
    tag = f'"{md5(body, usedforsecurity=False).hexdigest()}"'
    headers = {
        "Content-Type": kind,
        "ETag": tag,
        "Last-Modified": http_date(made_at),
        "Accept-Ranges": "bytes",
    }
    if _is_known(asked, tag, made_at):
        return Reply(304, b"", {**headers, "Content-Length": "0"})
    wanted = _RANGE.fullmatch(asked.get("range", ""))
    if wanted is None or not _is_same(asked.get("if-range"), tag, made_at):
        return Reply(200, body, headers)
    start, end = _bounds(wanted[1], wanted[2], len(body))
    if start >= len(body) or start > end:
        return Reply(416, b"", {**headers, "Content-Range": f"bytes */{len(body)}"})
    return Reply(206, body[start : end + 1], {**headers, "Content-Range": f"bytes {start}-{end}/{len(body)}"})


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last or 0)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _is_known(asked: Mapping[str, str], tag: str, made_at: datetime) -> bool:
    tags, since = asked.get("if-none-match"), asked.get("if-modified-since")
    if tags is not None:
        return tags.strip() == "*" or tag in (each.strip().removeprefix("W/") for each in tags.split(","))
    return since is not None and parsedate_to_datetime(since) >= made_at


def _is_same(condition: str | None, tag: str, made_at: datetime) -> bool:
    return condition is None or condition in (tag, http_date(made_at))
