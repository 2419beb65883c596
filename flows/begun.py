"""Steps that begin before the run that tells of them: a run takes its time to start, and news is not kept waiting."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

R = TypeVar("R")

_begun: ContextVar[dict[str, "Future[Any]"] | None] = ContextVar("begun", default=None)


@contextmanager
def begun(steps: Mapping[str, Callable[[], Any]], over: Callable[[], None] | None = None) -> Iterator[None]:
    """Do these steps now, one after the other; what `result` is asked for in this block by their names is waited for.

    `over` is called when the last has ended, if none has failed. The block ends after that: nobody else does the same
    meanwhile.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="step") as thread:
        futures = {name: thread.submit(step) for name, step in steps.items()}
        token = _begun.set(dict(futures))
        if over:
            thread.submit(_unless_failed, list(futures.values()), over)
        try:
            yield
        finally:
            _begun.reset(token)


def result(name: str, step: Callable[[], R]) -> R:
    """What the step of this name has come to, once, if it was begun; else, and when it is tried again, it is done here.

    After one that fails, those that follow are done again: they had nothing to go on from.
    """
    there = _begun.get()
    future: Future[R] | None = there.pop(name, None) if there else None
    if future is None:
        return step()
    try:
        return future.result()
    except BaseException:
        if there:
            there.clear()
        raise


def _unless_failed(futures: "Iterable[Future[Any]]", then: Callable[[], None]) -> None:
    if all(future.exception() is None for future in futures):
        then()
