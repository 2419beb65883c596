"""What an extractor may take for one article."""

import re
import resource
import signal
import sys
import threading
import time

import pytest

from extractors.limits import Limits, TookTooLong, limited, possible


def stubborn() -> None:
    while True:
        try:
            time.sleep(5)
        except Exception:
            continue


@pytest.mark.parametrize("work", [stubborn, lambda: re.match(r"(a+)+$", "a" * 40 + "b"), lambda: time.sleep(60)])
def test_what_takes_too_long_is_stopped(work: object) -> None:
    started = time.monotonic()
    with pytest.raises(TookTooLong), limited(Limits(0.2, 0)):
        work()  # type: ignore[operator]
    assert time.monotonic() - started < 20


@pytest.mark.skipif(sys.platform != "linux", reason="no such limit here")
@pytest.mark.parametrize("work", [lambda: "a" * 10**9, lambda: [[0] * 10**6 for _ in range(10**4)]])
def test_what_takes_too_much_memory_is_stopped_and_the_rest_is_as_before(work: object) -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(MemoryError), limited(Limits(0, 100)):
        work()  # type: ignore[operator]
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert len("a" * 10**9) == 10**9


def test_an_alarm_that_was_set_before_still_goes_off() -> None:
    heard: list[int] = []
    old = signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
    timer = signal.setitimer(signal.ITIMER_REAL, 30)
    try:
        with limited(Limits(5, 0)):
            pass
        left, _ = signal.getitimer(signal.ITIMER_REAL)
        assert 0 < left <= 30
        signal.raise_signal(signal.SIGALRM)
        assert heard == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, old)


def test_in_other_threads_there_are_no_limits_and_that_is_known() -> None:
    known: list[bool] = []

    def work() -> None:
        with limited(Limits(0.001, 1)):
            known.append(possible())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert known == [False]
    assert possible()
