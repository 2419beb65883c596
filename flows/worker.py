"""The warm worker: one process that keeps spaCy loaded and works on whatever is pending, in lanes of its own.

It looks at the warehouse when the file has changed, when an event arrives, when a feed is due, and now and then: events
wake it, the warehouse remembers, and the sweep finds what both have missed. What it does are flow runs while a Prefect
server answers, and the bare steps while none does; the events of those are sent when it is back.

News is not kept waiting: each lane wakes the next one as soon as it has stored something, before its run is reported,
and goes on itself while it tells Prefect of what it did; events and subscribers come after the deals.
"""

import asyncio
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from dealwire import extraction, home, parts, prefect_server, steps, upkeep
from dealwire.log import Log, to_parent
from dealwire.opening import warehouse
from dealwire.settings import Settings, load
from dealwire.warehouse import notes
from dealwire.warehouse.pending import Pending, pending
from schemas.errors import DealwireError

if TYPE_CHECKING:
    from flows import asked

_TICK = 0.1
_MARK_SECONDS = 1.0
"""Between two questions to a lake whether it has changed; a file is looked at in every tick."""
_SWEEP_SECONDS = 60.0
_AFTER_ERROR = 5.0
_LOOK_AGAIN = 0.5
"""Between two looks at a warehouse that changes all the time."""
_LOOK_BUSY = 1.5
"""The same while news is worked on: most changes are our own, and lanes wake each other."""
_HUBS_SECONDS = 300.0
_ASKED_SECONDS = 3.0
_TELL_SECONDS = 60.0
_SEND_AGAIN = 3.0
_SEND_BUSY = 10.0
"""So long after news has begun to come events are sent, though there may be more of it."""
_MAINTAIN_AFTER = timedelta(hours=24)
_POLL_AGAIN = 5.0
"""Between two rounds of polling, if feeds are always due."""
_LONGEST_PAUSE = 120.0
_READ_AT_ONCE = 200
_WARMING = (
    "NVIDIA will invest $1 billion in OpenAI, the companies said on Tuesday. Quuxory Labs, a maker of H100 clusters, "
    "said that it buys Blibber Robotics for $40 million."
)
"""A text that every model has to look at."""


@dataclass
class Lane:
    """One kind of work: it is done when the lane is woken, by one of its threads at a time; it rests after a failure.

    A second thread begins what is next while the first still tells Prefect of what it did, which can take seconds.
    """

    name: str
    work: Callable[[], bool]
    """Does what is there to do; True if there may be more."""
    woken: threading.Event = field(default_factory=threading.Event)
    under_prefect: bool = True
    """Whether it calls flows, or Prefect, and wants to find what `Worker._enter` lays out."""
    threads: int = 1
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Held by the thread that works, until it only tells of it."""
    doing: list[str] = field(default_factory=list)
    failures: int = 0


class _Here(threading.local):
    """What a thread of a lane has."""

    lane: Lane
    kept: ExitStack
    """What is open until it ends."""
    has_client = False
    over: Callable[[], None]
    """To be called when it only tells of what it did; more than once does no harm."""


class _Look(NamedTuple):
    """What was pending while the file was as `stamp` says."""

    stamp: object
    pending: Pending


class Worker:
    """Works until `stop` is called. `api_url` None: without Prefect."""

    def __init__(self, settings: Settings, *, api_url: str | None, log: Log) -> None:
        # One process that reads everything needs no others, unless they were asked for.
        self._settings = settings.model_copy(update={"processes": settings.processes or 1})
        self._api_url, self._log = api_url, log
        self._home = home.Home(settings.database)
        self._store = warehouse(settings, self._tell_holder)
        self._stop, self._look = threading.Event(), threading.Event()
        self._turn, self._looking = threading.Lock(), threading.Lock()
        self._lanes = [
            Lane("poll", self._poll),
            Lane("read", self._read, threads=2),
            Lane("extract", self._extract, threads=2),
            Lane("send", self._send),
            Lane("tell", self._tell, under_prefect=False),
            Lane("maintain", self._maintain),
            Lane("asked", self._asked),
        ]
        if settings.websub_callback:
            self._lanes.append(Lane("hubs", self._hubs, under_prefect=False))
        self._here = _Here()
        self._runs: dict[str, dict[str, Any]] = {}
        self._noted: list[str] = []
        """What is under way by the last note."""
        self._look_of: _Look | None = None
        self._seen: object = None
        self._mark: object = None
        self._asked_mark = -_MARK_SECONDS
        self._server_lost = False
        self._hubs_at = time.monotonic() + 3
        self._sent_at = self._asked_at = self._tell_at = self._calm_at = 0.0
        self._on_their_way = 0
        """Events that were handed over, and that the server has yet to show."""
        self._deployed: asked.Deployed | None = None
        self._linked_once = False
        # The news comes first.
        self._maintain_at = time.monotonic() + 60
        self._polled_at = -_POLL_AGAIN
        self._began = datetime.now(UTC)
        self._told_holder = ("", 0.0)

    def run(self) -> None:
        """Get warm, tell what was left from before, and work."""
        from flows import tasks

        started = time.monotonic()
        with self._store.write():
            """The warehouse is there, and up to date."""
        with tasks.Warm(self._settings) as self._warm:
            self._prepare()
            self._log("ready", f"warm after {time.monotonic() - started:.1f} s", memory_mb=_memory())
            self._tell_left()
            for lane in self._lanes:
                for _ in range(lane.threads):
                    threading.Thread(target=self._labour, args=[lane], name=lane.name, daemon=True).start()
            if self._api_url:
                threading.Thread(target=self._follow_events, daemon=True).start()
            else:
                self._lane("extract").woken.set()
            self._watch()
            self._note()
            end = time.monotonic() + 5
            # What is in the middle of something is safe to be cut off, but a whole step is nicer.
            while any(lane.doing for lane in self._lanes) and time.monotonic() < end:
                time.sleep(0.05)

    def stop(self) -> None:
        """Begin nothing more."""
        self._stop.set()
        for lane in self._lanes:
            lane.woken.set()

    def _prepare(self) -> None:
        if self._api_url:
            # Prefect takes seconds to be imported; the first article shall not wait for it.
            import_module("flows.asked")
        chosen = extraction.plan(self._settings)
        for line in chosen.warnings:
            self._log("extractors", line, level="warning")
        with steps.readers(self._settings, using=chosen.using, expected=1) as reading:
            list(reading.extract([_WARMING]))
        with suppress(DealwireError):
            self._warm.pages.read(b"<html><body><p>Warm.</p></body></html>", url="http://warm.example/")

    def _watch(self) -> None:
        looked = swept = -_SWEEP_SECONDS
        changed = False
        while not self._stop.is_set():
            now = time.monotonic()
            changed = self._changed() or changed
            due = self._look_of is not None and _past(self._look_of.pending.next_due_at)
            asked = self._look.is_set() or due
            rest = _LOOK_BUSY if self._busy() and not asked else _LOOK_AGAIN
            if now - swept >= _SWEEP_SECONDS or (now - looked >= rest and (changed or asked)):
                if now - swept >= _SWEEP_SECONDS:
                    self._look_of = None
                self._look.clear()
                changed = False
                swept = looked = now
                if not self._wake():
                    swept = now - _SWEEP_SECONDS + _AFTER_ERROR
            if not self._busy():
                self._calm_at = now
            self._wake_by_time(now)
            self._stop.wait(_TICK)

    def _changed(self) -> bool:
        """Whether the warehouse has changed since this was last asked."""
        try:
            before, self._seen = self._seen, self._stamp()
        except DealwireError:
            # The sweep says what is wrong.
            return False
        return self._seen != before

    def _stamp(self) -> object:
        """Another one whenever somebody has written. Raises `WarehouseUnreachable`."""
        if self._settings.lake and time.monotonic() - self._asked_mark < _MARK_SECONDS:
            return self._mark
        self._asked_mark = time.monotonic()
        self._mark = self._store.mark()
        return self._mark

    def _busy(self) -> bool:
        """Whether there is news on its way to a deal."""
        news = [lane for lane in self._lanes if lane.name in ("read", "extract")]
        return any(lane.turn.locked() or lane.woken.is_set() for lane in news)

    def _wake(self) -> bool:
        """Look at the warehouse, and wake the lanes that have something to do; False if it cannot be read."""
        try:
            waiting = self._looked()
        except DealwireError as error:
            self._log.error("look", f"{error}; looking again in {_AFTER_ERROR:g} s")
            return False
        due = {
            "poll": waiting.feeds_due > 0,
            "read": waiting.to_read > 0,
            "extract": waiting.to_extract > 0 or waiting.to_link,
            # Events come after the deals; if there is news all the time, by time.
            "send": waiting.to_send > self._on_their_way
            and not (waiting.to_read or waiting.to_extract or waiting.to_link),
        }
        for lane in self._lanes:
            if due.get(lane.name):
                lane.woken.set()
        return True

    def _tell_holder(self, holder: str) -> None:
        """Say who holds the database, if it is somebody else, and not all the time."""
        last, at = self._told_holder
        again = holder != last or time.monotonic() - at >= _SWEEP_SECONDS / 4
        if again and str(os.getpid()) not in holder:
            self._told_holder = holder, time.monotonic()
            self._log("held", f"waiting for the database, which is held by {holder}", level="warning", holder=holder)

    def _wake_by_time(self, now: float) -> None:
        times = {
            "hubs": self._hubs_at,
            "maintain": self._maintain_at,
            "asked": self._asked_at,
            "tell": self._tell_at,
        }
        if self._look_of is not None and self._look_of.pending.to_send:
            times["send"] = max(self._sent_at + _SEND_AGAIN, self._calm_at + (_SEND_BUSY if self._busy() else 0))
        for lane in self._lanes:
            if not lane.doing and now >= times.get(lane.name, now + 1):
                lane.woken.set()

    def _labour(self, lane: Lane) -> None:
        self._here.lane = lane
        with ExitStack() as self._here.kept:
            if self._api_url and lane.under_prefect:
                self._enter(lane, self._here.kept)
            while not self._stop.is_set():
                lane.woken.wait()
                lane.turn.acquire()
                self._here.over = _once(lane.turn.release)
                try:
                    # The other thread may have taken it.
                    if lane.woken.is_set() and not self._stop.is_set():
                        lane.woken.clear()
                        self._work(lane)
                finally:
                    self._here.over()

    def _enter(self, lane: Lane, kept: ExitStack) -> None:
        """What flows that are called in this thread find; settings of Prefect take their time to be made."""
        from prefect import tags

        from flows import sending, tasks

        kept.enter_context(tasks.here(self._api_url))
        # What somebody asks for in Prefect comes with settings, and with tags, of its own.
        ours = lane.name != "asked"
        kept.enter_context(tasks.reporting(*(self._stored, self._settings) if ours else (None, None)))
        kept.enter_context(tasks.kept_warm(self._warm))
        kept.enter_context(sending.carrying_on())
        if ours:
            kept.enter_context(tags("dealwire", self._tag))

    def _work(self, lane: Lane) -> None:
        lane.doing.append(lane.name)
        try:
            more = lane.work()
            lane.failures = 0
        except Exception as error:  # a lane that ended would leave its work undone for good
            lane.failures += 1
            pause = min(_LONGEST_PAUSE, 2.0**lane.failures)
            said = str(error) if isinstance(error, DealwireError) else f"{type(error).__name__}: {error}"
            self._log.error(lane.name, f"{said}; trying again in {pause:g} s", failures=lane.failures)
            more = True
        else:
            pause = 0.0
        finally:
            lane.doing.remove(lane.name)
            if lane.name in self._noted:
                # Somebody else's note has told of it, and there may be no other one for long.
                self._note()
        if pause:
            self._stop.wait(pause)
        if more:
            lane.woken.set()

    def _poll(self) -> bool:
        from flows.ingest import ingest

        if self._stop.wait(max(0.0, self._polled_at + _POLL_AGAIN - time.monotonic())):
            return False
        self._polled_at = time.monotonic()
        if self._looked().feeds_due > 0:
            self._as_flow(
                "ingest",
                lambda: ingest(**self._named(), reading=False),
                {"poll": lambda: steps.poll(self._settings, parsing=self._warm.parsers, progress=self._stored)},
                lambda found: _polled(found[0] if isinstance(found, tuple) else found),
            )
        return False

    def _read(self) -> bool:
        from flows.ingest import ingest

        if not self._looked().to_read:
            return False
        found = self._as_flow(
            "read",
            lambda: ingest(**self._named(), polling=False, most=_READ_AT_ONCE),
            {
                "read": lambda: steps.read(
                    self._settings, most=_READ_AT_ONCE, pages=self._warm.pages, progress=self._stored
                )
            },
            lambda found: _read(found[1] if isinstance(found, tuple) else found),
        )
        report = found[1] if isinstance(found, tuple) else found
        return bool(report.articles == _READ_AT_ONCE)

    def _extract(self) -> bool:
        from flows.digest import digest
        from flows.link import link

        most = self._settings.batch
        waiting = self._looked()
        if waiting.to_extract:
            self._as_flow(
                "digest",
                lambda: digest(**self._named(), most=most, seconds=60),
                {
                    "extract": lambda: steps.extract(self._settings, most=most, seconds=60),
                    "link": lambda: steps.link(self._settings, progress=self._stored),
                },
                lambda found: (
                    f"{found[0].articles} articles, {sum(found[0].records.values())} records, " + _linked(found[1])
                ),
            )
        elif waiting.to_link or not self._linked_once:
            self._as_flow(
                "link",
                lambda: link(**self._named()),
                {"link": lambda: steps.link(self._settings, progress=self._stored)},
                _linked,
            )
        self._linked_once = True
        return waiting.to_extract > most

    def _stored(self, stage: str, done: int, total: int) -> None:
        """Told of every batch that a step has stored: the lane that goes on from there need not wait for its report."""
        if not done or (stage == "link" and done < total):
            return
        for name in {"poll": ["read"], "read": ["extract"], "link": ["send", "tell"]}.get(stage, ()):
            self._lane(name).woken.set()

    def _send(self) -> bool:
        from flows import sending

        self._sent_at = time.monotonic()
        if not self._server():
            return False
        report = sending.send(self._settings)
        if report.error:
            self._log.error("send", f"{report.error}; {report.waiting} events wait")
        elif report.sent:
            self._log("send", f"{report.sent} events sent", sent=report.sent)
        # They are looked for when the server has had time to store them; asking all the time keeps it from that.
        self._on_their_way = 0 if report.error else report.waiting
        return False

    def _tell(self) -> bool:
        """Tell the subscribers, and put the copy for other programs in place."""
        from dealwire.notify.tell import tell

        self._tell_at = time.monotonic() + _TELL_SECONDS
        told = tell(self._settings)
        if told.next_at is not None:
            self._tell_at = min(self._tell_at, time.monotonic() + _seconds_to(told.next_at))
        if told.sent or told.failed or told.dead:
            self._log(
                "tell",
                f"{told.sent} deliveries made, {told.failed} failed, {told.waiting} waiting"
                + "".join(f"; {error}" for error in told.errors[:3]),
                level="warning" if told.failed or told.dead else "info",
                sent=told.sent,
                failed=told.failed,
                dead=told.dead,
            )
        published = steps.publish(self._settings, sparing=True)
        if published is not None and published.error:
            self._log.error("publish", published.error)
        elif published is not None and published.changed:
            self._log("publish", f"{published.place} has the news", seconds=published.seconds)
        return False

    def _maintain(self) -> bool:
        from flows.maintain import maintain

        self._maintain_at = time.monotonic() + 3600
        with self._store.read() as con:
            last = notes.get(con, upkeep.MAINTAINED)
        if last is None or not timedelta() <= datetime.now(UTC) - datetime.fromisoformat(last) < _MAINTAIN_AFTER:
            self._as_flow(
                "maintain",
                lambda: maintain(**self._named()),
                {"maintain": lambda: upkeep.maintain(self._settings)},
                lambda found: f"{found.bytes_after / 1e6:.0f} MB" + "".join(f"; {error}" for error in found.errors),
            )
        return False

    def _asked(self) -> bool:
        """Do what somebody has asked for in Prefect."""
        self._asked_at = time.monotonic() + _ASKED_SECONDS
        if not self._server():
            # One that is started anew may know nothing.
            self._deployed = None
            return False
        from flows import asked

        if self._deployed is None:
            self._deployed = asked.register(self._settings, self._tag)
        if done := asked.take(self._deployed):
            self._log("asked", f"{done}: done as asked for in Prefect", flow=done)
            self._look.set()
        return bool(done)

    def _hubs(self) -> bool:
        from dealwire import push

        self._hubs_at = time.monotonic() + _HUBS_SECONDS
        for one in push.keep(self._settings):
            self._log("hubs", f"asked {one.hub} for {one.topic}")
        return False

    def _as_flow(
        self,
        name: str,
        flow: Callable[[], Any],
        of: Mapping[str, Callable[[], Any]],
        told: Callable[[Any], str],
    ) -> Any:
        """Run a flow, `of` whose steps are begun at once; where no server answers, the steps alone.

        Tell and count how it went.
        """
        started = time.monotonic()
        counts = self._runs.setdefault(name, {"completed": 0, "failed": 0, "seconds": 0.0, "last": None})
        doing = self._here.lane.doing
        doing[doing.index(self._here.lane.name)] = name
        self._note()
        error: str | None = "it was stopped"
        result: Any = None
        try:
            result = self._under_prefect(flow, of) if self._server() else _alone(of)
            error = None
        except Exception as failed:
            error = str(failed) if isinstance(failed, DealwireError) else f"{type(failed).__name__}: {failed}"
            if self._lost(failed):
                # The step itself may have been done; doing it again does no harm.
                error = f"the Prefect server was lost in the middle ({error})"
            raise
        finally:
            seconds = time.monotonic() - started
            said = error or told(result)
            last = {"at": datetime.now(UTC).isoformat(), "seconds": round(seconds, 3), "told": said}
            with self._turn:
                counts["failed" if error else "completed"] += 1
                counts["seconds"] += seconds
                counts["last"] = {**last, "failed": bool(error)}
            if not error:
                self._log(name, f"{name}: {said} ({seconds:.1f} s)", seconds=round(seconds, 3))
            doing[doing.index(name)] = self._here.lane.name
            self._note()
        return result

    def _under_prefect(self, flow: Callable[[], Any], of: Mapping[str, Callable[[], Any]]) -> Any:
        from flows.begun import begun

        with begun(of, self._here.over):
            return flow()

    def _server(self) -> bool:
        """Whether to work under Prefect now; tells when that changes. From the first time on the lane has a client."""
        if self._api_url is None:
            return False
        # A server at work on a slow machine takes its time; one that is not there is known at once.
        there = prefect_server.reachable(self._api_url, seconds=5)
        if there == self._server_lost:
            self._server_lost = not there
            if there:
                self._log("server", f"the Prefect server at {self._api_url} answers again")
            else:
                self._log(
                    "server",
                    f"the Prefect server at {self._api_url} does not answer; going on without it, events are kept",
                    level="warning",
                )
        if there and not self._here.has_client:
            from flows import tasks

            self._here.kept.enter_context(tasks.one_client())
            self._here.has_client = True
        return there

    def _lost(self, error: Exception) -> bool:
        return isinstance(error, httpx.HTTPError) or isinstance(error.__cause__, httpx.HTTPError)

    def _looked(self) -> Pending:
        """What is pending; to open the file takes its time, so this is known as long as nobody has written into it."""
        with self._looking:
            # Of several lanes that look at once the first does it for the others.
            return self._look_again()

    def _look_again(self) -> Pending:
        last, stamp = self._look_of, self._stamp()
        if last is not None and last.stamp == stamp and not _past(last.pending.next_due_at):
            return last.pending
        with self._store.read() as con:
            if not self._settings.lake:
                # Nobody writes while the file is open; into a lake others do, and what they write is another stamp.
                stamp = self._stamp()
            found = pending(
                con,
                now=datetime.now(UTC),
                attempts=self._settings.read_attempts,
                again_hours=self._settings.reread_hours,
            )
        self._look_of = _Look(stamp, found)
        return found

    def _lane(self, name: str) -> Lane:
        return next(lane for lane in self._lanes if lane.name == name)

    def _named(self) -> dict[str, Any]:
        return {"database": self._settings.place}

    @property
    def _tag(self) -> str:
        return f"worker-of-{self._settings.place}"

    def _tell_left(self) -> None:
        """Say what an earlier run has left, and that it is done now."""
        waiting = self._looked()
        left = [
            f"{waiting.to_read} articles to read" if waiting.to_read else "",
            f"{waiting.to_extract} articles to extract" if waiting.to_extract else "",
            "claims to link" if waiting.to_link else "",
            f"{waiting.to_send} events to send" if waiting.to_send else "",
        ]
        if told := ", ".join(one for one in left if one):
            self._log("left", f"left from before, and done now: {told}", **waiting.model_dump(mode="json"))

    def _close_runs(self) -> None:
        """Mark the runs of an earlier worker of this warehouse, which nobody will end, as crashed."""
        from prefect.client.orchestration import get_client
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
        from prefect.states import Crashed

        with get_client(sync_client=True) as client:
            runs = client.read_flow_runs(flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=[self._tag])))
            open_ = [
                run
                for run in runs
                if run.state is not None and not run.state.is_final() and (run.created or self._began) < self._began
            ]
            for run in open_:
                client.set_flow_run_state(
                    run.id, Crashed(message="its worker ended in the middle; what it left is done by a later run"),
                    force=True,
                )  # fmt: skip
        if open_:
            self._log("repaired", f"{len(open_)} runs of an earlier worker were marked as crashed", runs=len(open_))

    def _follow_events(self) -> None:
        """Look whenever an event of ours arrives, from whomever; and close the runs of the past once."""
        from flows import tasks

        closed = False
        while not self._stop.is_set():
            with suppress(Exception), tasks.here(self._api_url):
                if not closed and prefect_server.reachable(self._api_url or "", seconds=5):
                    self._close_runs()
                    closed = True
                    # What has changed while nobody looked is linked; and what a run takes is loaded before the news.
                    self._linked_once = False
                    self._lane("extract").woken.set()
                if closed:
                    asyncio.run(self._events())
            self._stop.wait(2)

    async def _events(self) -> None:
        from prefect.events.clients import get_events_subscriber
        from prefect.events.filters import EventFilter, EventNameFilter

        wanted = EventFilter(event=EventNameFilter(prefix=["dealwire."]))
        async with get_events_subscriber(filter=wanted, reconnection_attempts=0) as events:
            async for event in events:
                # Who goes on by himself has told us before; what he changed shows in the file, too.
                if event.resource.get("dealwire.next") != "running":
                    self._look.set()
                if self._stop.is_set():
                    return

    def _note(self) -> None:
        with self._turn:
            self._noted = [name for lane in self._lanes for name in lane.doing]
            home.write(
                self._home.worker,
                {
                    "pid": os.getpid(),
                    "noted_at": datetime.now(UTC).isoformat(),
                    "doing": self._noted,
                    "runs": self._runs,
                    "memory_mb": _memory(),
                },
            )


def _once(act: Callable[[], None]) -> Callable[[], None]:
    """The same, which does nothing when it is called again."""
    left = [act]

    def call() -> None:
        # One who is faster takes it.
        with suppress(IndexError):
            left.pop()()

    return call


def _alone(steps: Mapping[str, Callable[[], Any]]) -> Any:
    """What a flow of these steps gives, without one."""
    found = [step() for step in steps.values()]
    return found[0] if len(found) == 1 else tuple(found)


def _polled(report: Any) -> str:
    failed = f", {report.failed} failed" if report.failed else ""
    return f"{report.feeds} feeds polled{failed}, {report.new_articles} new articles"


def _read(report: Any) -> str:
    return f"{report.from_page + report.from_feed} of {report.articles} articles read"


def _linked(report: Any) -> str:
    return f"{report.new_deals} new deals, {report.new_alliances} new alliances"


def _past(when: datetime | None) -> bool:
    return when is not None and when <= datetime.now(UTC)


def _seconds_to(when: datetime) -> float:
    return max(1.0, (when - datetime.now(UTC)).total_seconds())


def _memory() -> int:
    """Megabytes that this process uses now; where that cannot be told, the most it has used."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1_000_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000


class _WithoutPandas:
    """Says at once that there is no pandas: DuckDB asks for it twice for every parameter of a query.

    To look through the whole path each time takes a quarter of all the time that the small queries of news take.
    """

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Of everything else others know."""
        if name == "pandas":
            raise ModuleNotFoundError("pandas is not installed", name=name)


def main() -> None:
    """Work as a part of `dealwire up`; the argument is JSON: `database`, `config`, `api_url`."""
    given = json.loads(sys.argv[1])
    settings = load(Path(given["config"]) if given["config"] else None, database=Path(given["database"]))
    worker = Worker(settings, api_url=given["api_url"], log=Log("worker", to_parent))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: worker.stop())
    parts.end_with_parent()
    if find_spec("pandas") is None:
        sys.meta_path.insert(0, _WithoutPandas())
    worker.run()
    # Threads of libraries would make the end take up to 15 s, and have nothing left to do.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
