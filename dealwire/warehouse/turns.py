"""Turns of the threads of one process at one thing: several share it, or one has it alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """At one thing. Whoever waits goes on at once when it is free, which trying again after pauses does not do.

    A thread that shares it may share it once more; one that has it alone waits for itself.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._sharing = 0
        self._alone = False

    @contextmanager
    def shared(self, seconds: float) -> Iterator[None]:
        """With others who share it. Raises TimeoutError if somebody has it alone for longer than `seconds`."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._alone, seconds):
                raise TimeoutError
            self._sharing += 1
        try:
            yield
        finally:
            with self._changed:
                self._sharing -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """With nobody else. Raises TimeoutError if others have it for longer than `seconds`."""
        with self._changed:
            if not self._changed.wait_for(lambda: not (self._alone or self._sharing), seconds):
                raise TimeoutError
            self._alone = True
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()
