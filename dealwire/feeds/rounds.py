"""A round: many jobs at many hosts by a few threads, none of which ever waits for a busy host."""

import queue
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from dealwire.feeds.hosts import Hosts, Place

J = TypeVar("J")
R = TypeVar("R")
# Threads beyond these are started only while the others are kept waiting by slow servers: one that waits for a parser
# would only be followed by more that wait for it.
_FIRST_THREADS = 4
_GROW_AFTER = 0.1
# Results that wait to be taken. Who has more waits, so that a slow taker does not pile them up in memory; and looks so
# often whether the round was given up.
_WAITING_MOST, _LOOK_SECONDS = 16, 1.0


def each(
    jobs: Sequence[J],
    work: Callable[[J, Place], R],
    *,
    host_of: Callable[[J], str],
    hosts: Hosts,
    at_once: int,
    tick: float = 1.0,
) -> Iterator[R | None]:
    """What `work` makes of each job, as it finishes; None when nothing has for `tick` seconds.

    `work` is given a place at the job's host, which it may leave earlier, and marks it `answered`. Jobs at one host
    keep their order.
    """
    crew = _Crew(jobs, work, host_of, hosts)
    threads: list[threading.Thread] = []
    waited = 0.0

    def more() -> None:
        thread = threading.Thread(target=crew.labour, daemon=True)
        threads.append(thread)
        thread.start()

    for _ in range(min(_FIRST_THREADS, at_once, len(jobs))):
        more()
    missing = len(jobs)
    try:
        while missing:
            pause = min(_GROW_AFTER if len(threads) < at_once else tick, tick)
            try:
                outcome = crew.results.get(timeout=pause)
            except queue.Empty:
                waited += pause
                if len(threads) < at_once and crew.kept_waiting(len(threads)):
                    more()
                if waited >= tick:
                    waited = 0.0
                    yield None
                continue
            waited, missing = 0.0, missing - 1
            if isinstance(outcome, _Failure):
                raise outcome.error
            yield outcome
    finally:
        crew.stop()
        for thread in threads:
            # After an interrupt nobody wants to wait for servers that hang; the threads die with the process.
            thread.join(timeout=0.2 if missing else 5)


class _Failure:
    def __init__(self, error: BaseException) -> None:
        self.error = error


class _Crew(Generic[J, R]):
    def __init__(
        self, jobs: Sequence[J], work: Callable[[J, Place], R], host_of: Callable[[J], str], hosts: Hosts
    ) -> None:
        self.results: queue.Queue[R | _Failure] = queue.Queue(_WAITING_MOST)
        self._work, self._hosts = work, hosts
        self._waiting: OrderedDict[str, deque[J]] = OrderedDict()
        # A host that could not be entered is not asked again before its time.
        self._not_before: dict[str, float] = {}
        for job in jobs:
            self._waiting.setdefault(host_of(job), deque()).append(job)
        self._turn = threading.Condition()
        self._at_work: set[Place] = set()
        self._stopped = False

    def labour(self) -> None:
        while (taken := self._take()) is not None:
            job, place = taken
            try:
                outcome: R | _Failure = self._work(job, place)
            except BaseException as error:  # it is raised again in the thread that waits for it
                outcome = _Failure(error)
            finally:
                self._hosts.leave(place)
            with self._turn:
                self._at_work.discard(place)
                self._not_before.pop(place.host, None)
                self._turn.notify()
            self._hand_over(outcome)
            # The next job may be long in coming, and this may be large.
            del outcome, job

    def _hand_over(self, outcome: "R | _Failure") -> None:
        while not self._stopped:
            try:
                self.results.put(outcome, timeout=_LOOK_SECONDS)
                break
            except queue.Full:
                continue

    def kept_waiting(self, threads: int) -> bool:
        """Whether jobs wait while no thread is free, and at least half of them are at their servers."""
        with self._turn:
            at_servers = sum(not place.answered for place in self._at_work)
            return bool(self._waiting) and len(self._at_work) >= threads and 2 * at_servers >= threads

    def stop(self) -> None:
        with self._turn:
            self._stopped = True
            self._waiting.clear()
            self._turn.notify_all()

    def _take(self) -> tuple[J, Place] | None:
        with self._turn:
            while self._waiting and not self._stopped:
                now, soonest = time.monotonic(), 1.0
                for host in list(self._waiting):
                    wait = self._not_before.get(host, 0.0) - now
                    if wait <= 0:
                        entered = self._hosts.try_enter(host)
                        if isinstance(entered, Place):
                            self._at_work.add(entered)
                            return self._first(host), entered
                        wait = entered
                        self._not_before[host] = now + wait
                    soonest = min(soonest, wait)
                self._turn.wait(max(soonest, 0.005))
            return None

    def _first(self, host: str) -> J:
        jobs = self._waiting[host]
        job = jobs.popleft()
        if jobs:
            # The next one takes a job of another host, so that all hosts are served alike.
            self._waiting.move_to_end(host)
        else:
            del self._waiting[host]
        return job
