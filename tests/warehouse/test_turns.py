"""Threads that share one thing, or have it alone."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealwire.warehouse.turns import Turns


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=12))
def test_nobody_is_there_beside_one_who_is_alone(wants: list[bool]) -> None:
    turns, lock, there, seen = Turns(), threading.Lock(), [], []

    def use(alone: bool) -> None:
        with turns.alone(20) if alone else turns.shared(20):
            with lock:
                there.append(alone)
                seen.append(list(there))
            time.sleep(0.001)
            with lock:
                there.remove(alone)

    with ThreadPoolExecutor(len(wants)) as pool:
        list(pool.map(use, wants))
    assert len(seen) == len(wants)
    assert all(len(some) == 1 or not any(some) for some in seen)


def test_two_share_it_at_the_same_time() -> None:
    turns, both = Turns(), threading.Barrier(2, timeout=20)

    def use() -> int:
        with turns.shared(20):
            return both.wait()

    with ThreadPoolExecutor(2) as pool:
        assert sorted([*pool.map(lambda _: use(), range(2))]) == [0, 1]


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "shared"])
def test_who_waits_too_long_is_told(alone: bool) -> None:
    turns = Turns()
    with turns.alone(1), pytest.raises(TimeoutError), turns.alone(0.01) if alone else turns.shared(0.01):
        """Never."""
    with turns.alone(1):
        """Free again."""


def test_it_is_free_again_after_an_error() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="mine"), turns.shared(1):
        raise ValueError("mine")
    with turns.alone(1):
        """Nobody is left."""
