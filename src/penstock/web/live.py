"""Keeps open pages up to date: follows the event log, and sends what changed to everybody who looks at it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from penstock.engine.events import Event
from penstock.errors import PenstockError
from penstock.web.console import Console
from penstock.web.page import Page, Role, Topic, Viewer
from penstock.web.render import render_regions
from penstock.web.router import find_page

#: Seconds. The log is read this often while anybody looks; one reading serves all pages.
POLL = 0.3
#: A page is drawn anew at most this often, and after so many times the time its drawing takes.
_SHORTEST_REST, _RESTS_PER_DRAWING = 0.3, 4.0
#: What no event tells (the next fire, a mark) is caught up with this often; readers hear at least this often.
REFRESH, BEAT = 5.0, 4.0
_HELLO_PATIENCE = 10.0
#: So many messages may wait for one slow reader; then the connection is ended, and catches up when it is back.
_WAITING = 8
_PAGE = 1000
_LONGEST_ADDRESS = 2000
_NOTHING = Topic(nothing=True)
#: So many pages are drawn at one time.
_PENS = 4
_REST_AFTER_DEFECT = 30.0
_LOG = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Group:
    """Everybody who looks at one page in the same role.

    Args:
        topic: What it has to be drawn anew for.
        shown: The regions as last sent.
    """

    address: str
    viewer: Viewer
    topic: Topic = _NOTHING
    queues: set[asyncio.Queue[dict[str, Any]]] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)
    is_due: bool = False
    is_drawing: bool = False
    has_problem: bool = False
    rests_until: float = 0.0
    refresh_at: float = 0.0


class LiveHub:
    """The live connections of one server; runs in its event loop, reads and draws in worker threads."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._groups: dict[tuple[str, Viewer], Group] = {}
        self._follower: asyncio.Task[None] | None = None
        self._seq = -1
        self._drawings: set[asyncio.Task[None]] = set()
        self._pens = asyncio.Semaphore(_PENS)
        self.routes = APIRouter()
        self.routes.add_api_websocket_route("/live", self._connect)

    async def close(self) -> None:
        """Follow nothing any more; returns when the last look is over.

        Nothing is cancelled: a worker thread that reads on would find the state store closed under it.
        """
        self._groups.clear()
        if self._follower is not None:
            await asyncio.gather(self._follower, return_exceptions=True)
        await asyncio.gather(*self._drawings, return_exceptions=True)

    async def _connect(self, socket: WebSocket) -> None:
        viewer: Viewer = socket.scope.get("viewer") or Viewer(Role.READER)
        await socket.accept()
        try:
            async with asyncio.timeout(_HELLO_PATIENCE):
                hello = await socket.receive_json()
            address, seq = str(hello["page"])[:_LONGEST_ADDRESS], int(hello["seq"])
        except (TimeoutError, ValueError, KeyError, TypeError, WebSocketDisconnect):
            with suppress(RuntimeError):
                await socket.close(1008)
            return
        await self._serve(socket, address, viewer, seq)

    async def _serve(self, socket: WebSocket, address: str, viewer: Viewer, seq: int) -> None:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(_WAITING)
        group = self._join(address, viewer, queue, seq)
        sender = asyncio.create_task(_send(socket, queue))
        listener = asyncio.create_task(_listen(socket))
        try:
            await asyncio.wait((sender, listener), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sender.cancel()
            listener.cancel()
            group.queues.discard(queue)
            if not group.queues and self._groups.get((address, viewer)) is group:
                del self._groups[address, viewer]
            with suppress(RuntimeError, WebSocketDisconnect):
                await socket.close()

    def _join(self, address: str, viewer: Viewer, queue: asyncio.Queue[dict[str, Any]], seq: int) -> Group:
        """Take a reader in; one that missed something is caught up with at the next look."""
        if self._follower is None or self._follower.done():
            self._follower = asyncio.create_task(self._follow())
        group = self._groups.setdefault((address, viewer), Group(address, viewer))
        group.queues.add(queue)
        if seq < self._seq or not group.shown:
            group.shown, group.is_due = {}, True
        return group

    async def _follow(self) -> None:
        """Read the log while anybody looks, and have drawn what it says has changed."""
        clock = asyncio.get_running_loop().time
        beat_at = 0.0
        self._seq = -1
        while self._groups:
            events = await self._read()
            now = clock()
            for group in list(self._groups.values()):
                group.is_due = group.is_due or group.topic.concerns(events)
                if not group.is_drawing and ((group.is_due and now >= group.rests_until) or now >= group.refresh_at):
                    self._begin_drawing(group)
            if now >= beat_at:
                beat_at = now + BEAT
                for group in self._groups.values():
                    _offer(group, {"seq": self._seq})
            if len(events) < _PAGE:
                await asyncio.sleep(POLL)
        self._follower = None

    async def _read(self) -> list[Event]:
        """Return what happened since the last look; at the first one, where the log ends."""
        engine = self._console.engine
        try:
            if self._seq < 0:
                # What happened before is drawn when its readers join.
                self._seq = await run_in_threadpool(engine.survey.last_seq)
            events = await run_in_threadpool(engine.store.read_events, after=self._seq, limit=_PAGE)
        except PenstockError:
            return []  # a state store that is away for a moment: the next look reads what this one missed
        if events:
            self._seq = events[-1].seq
        return events

    def _begin_drawing(self, group: Group) -> None:
        """Draw a page apart from all others: one that takes long, or fails, holds up nobody else."""
        group.is_due, group.is_drawing = False, True
        drawing = asyncio.create_task(self._draw(group))
        self._drawings.add(drawing)

        def end(drawn: asyncio.Task[None]) -> None:
            self._drawings.discard(drawn)
            group.is_drawing = False
            defect = None if drawn.cancelled() else drawn.exception()
            if defect is not None:
                _LOG.error("the page %s cannot be drawn", group.address, exc_info=defect)
                group.refresh_at = asyncio.get_running_loop().time() + _REST_AFTER_DEFECT
                self._tell_problem(group, "this page cannot be drawn: a defect of Penstock")

        drawing.add_done_callback(end)

    async def _draw(self, group: Group) -> None:
        """Draw a page anew, and send what differs from what its readers have."""
        clock = asyncio.get_running_loop().time
        async with self._pens:
            began, seq = clock(), self._seq
            try:
                group.topic, regions = await run_in_threadpool(self._regions, group)
            except PenstockError as error:
                group.refresh_at = clock() + REFRESH
                self._tell_problem(group, error.message)
                return
            now = clock()
            rest = (now - began) * _RESTS_PER_DRAWING
            group.rests_until, group.refresh_at = now + max(_SHORTEST_REST, rest), now + max(REFRESH, rest)
        if not regions:
            for queue in list(group.queues):
                _end(queue)  # a page without live regions is not worth looking at again
        changed = {name: html for name, html in regions.items() if group.shown.get(name) != html}
        group.shown.update(changed)
        if changed or group.has_problem:
            group.has_problem = False
            _offer(group, {"seq": seq, "regions": changed})

    def _tell_problem(self, group: Group, message: str) -> None:
        group.has_problem = True
        _offer(group, {"seq": self._seq, "problem": message})

    def _regions(self, group: Group) -> tuple[Topic, dict[str, str]]:
        page: Page = find_page(self._console, group.address, group.viewer)
        return page.topic, render_regions(page, group.viewer)


def _offer(group: Group, message: dict[str, Any]) -> None:
    for queue in list(group.queues):
        try:
            queue.put_nowait(message)
        except asyncio.QueueFull:
            group.queues.discard(queue)
            _end(queue)


def _end(queue: asyncio.Queue[dict[str, Any]]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait({})


async def _send(socket: WebSocket, queue: asyncio.Queue[dict[str, Any]]) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while message := await queue.get():
            await socket.send_json(message)


async def _listen(socket: WebSocket) -> None:
    """Wait until the reader leaves; whatever else it says is of no meaning."""
    with suppress(WebSocketDisconnect, RuntimeError, KeyError):
        while True:
            await socket.receive_text()
