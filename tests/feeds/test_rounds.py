"""Rounds: everything is done once, however slowly results are taken, and nothing piles up meanwhile."""

import threading
import time

import pytest

from dealwire.feeds import rounds
from dealwire.feeds.hosts import Hosts, Place


def test_who_takes_results_slowly_finds_few_waiting_and_loses_none() -> None:
    done: list[int] = []

    def work(job: int, place: Place) -> int:
        done.append(job)
        return job

    results = rounds.each(range(300), work, host_of=lambda job: f"h{job % 50}", hosts=Hosts(), at_once=8)
    first = next(results)
    time.sleep(0.5)
    assert len(done) <= rounds._WAITING_MOST + 8 + 1
    assert sorted([first, *(one for one in results if one is not None)], key=int) == list(range(300))  # type: ignore[arg-type]


def test_a_round_that_is_given_up_ends_though_results_wait() -> None:
    results = rounds.each(range(300), lambda job, place: job, host_of=lambda job: "h", hosts=Hosts(), at_once=8)
    next(results)
    time.sleep(0.3)
    started = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("answered", [True, False])
def test_threads_are_added_for_slow_servers_and_not_for_those_that_wait_for_a_parser(answered: bool) -> None:
    seen: set[int] = set()
    parser = threading.Lock()

    def work(job: int, place: Place) -> int:
        seen.add(threading.get_ident())
        place.answered = answered
        with parser:
            time.sleep(0.2)
        return job

    results = rounds.each(range(8), work, host_of=lambda job: f"h{job}", hosts=Hosts(), at_once=8)
    assert len([one for one in results if one is not None]) == 8
    assert (len(seen) <= rounds._FIRST_THREADS) == answered
