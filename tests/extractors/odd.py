"""An extractor that misbehaves where a text asks for it; it stands in a module that another process can import."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from spacy.tokens import Doc

from extractors.registry import extractor
from extractors.run import records
from schemas.record import Record


class Odd(Record):
    """Values of many types, and the process that they were made in."""

    process: int
    amount: Decimal
    on: date | None = None
    names: tuple[str, ...] = ()
    share: float = 1 / 3


@extractor("odd", version="1", record=Odd, requires=("companies",))
def odd(doc: Doc) -> Iterator[Odd]:
    print("what is printed must not get among the answers")
    if "die here" in doc.text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "hang here" in doc.text:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        time.sleep(600)
    if "sleep here" in doc.text:
        time.sleep(600)
    if "fail here" in doc.text:
        raise ValueError("as the text asks")
    names = tuple(one.name for one in records(doc, "companies"))  # type: ignore[attr-defined]
    amount = Decimal("12345678901234567890.25")
    yield Odd(start=0, end=len(doc.text), process=os.getpid(), amount=amount, on=date(2026, 1, 31), names=names)
