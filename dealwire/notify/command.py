"""Commands: a program of the user's own, started for each delivery with the JSON document on its standard input."""

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress

from dealwire import wording
from schemas.errors import DeliveryFailed
from schemas.subscriber import Delivery, Subscriber


def send(subscriber: Subscriber, delivery: Delivery, *, seconds: float, handed_over: Callable[[], None]) -> None:
    """Run the command, without a shell; `DEALWIRE_DELIVERY_ID` and `DEALWIRE_EVENT` are in its environment.

    Exit code 0 means delivered. Raises `DeliveryFailed` for any other, and for one that takes too long, which is
    stopped with all that it has started. `handed_over` is called when it runs; it goes on when dealwire is killed.
    """
    more = {"DEALWIRE_DELIVERY_ID": delivery.delivery_id, "DEALWIRE_EVENT": delivery.event}
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write((delivery.body or "").encode())
        given.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - the command is the user's own
                shlex.split(subscriber.target),
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=os.environ | more,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise DeliveryFailed(subscriber.target, f"it cannot be started: {reason}", reached=False) from None
        handed_over()
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise DeliveryFailed(subscriber.target, f"it was stopped after {seconds:g} s", reached=False) from None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if code:
            size = said.seek(0, os.SEEK_END)
            said.seek(max(0, size - 1000))
            last = said.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
            told = f": {wording.plain(last)[:200]}" if last else ""
            raise DeliveryFailed(subscriber.target, f"exit code {code}{told}")
