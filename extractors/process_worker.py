"""A process that extracts and nothing else, so that its loss costs one text; started by `extractors.processes`.

The first parcel says which extractors to use and how to read; then each parcel is a text and each answer its outcomes.
"""

import json
import mmap
import os
import signal
import struct
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from extractors import discover, parcels
from extractors.limits import Limits
from extractors.registry import Extractor
from schemas.component import Component

SLOT = "DEALWIRE_SLOT"
"""The variable that holds the file descriptor of the slot shared with the parent."""
AT_WORK = struct.Struct("<qd")
"""What the slot holds: number of the user's extractor at work, from 1, and since when."""


def main() -> None:
    """Answer until there are no more texts."""
    # What a terminal's Ctrl-C means is for the parent to decide.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    read, write = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Extractors may print and read as they like: nothing but parcels may take the way to the parent.
    os.dup2(2, 1)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    hello = json.loads(parcels.receive(read) or b"{}")
    try:
        using = _ready(hello)
    except Exception as error:  # told to the parent, which has somebody to tell it to
        parcels.send(write, f"{type(error).__name__}: {error}".encode())
        return
    parcels.send(write, b"")
    from extractors import run

    how = hello["how"] | {
        "components": tuple(Component(**one) for one in hello["how"]["components"]),
        "limits": Limits(*hello["how"]["limits"]),
        "watch": _Slot(int(os.environ[SLOT]), list(using)),
    }
    while (parcel := parcels.receive(read)) is not None:
        head, _, text = parcel.partition(b"\n")
        asked = json.loads(head)
        chosen = [using[name] for name in asked["using"]]
        for outcomes in run.extract([text.decode()], using=chosen, excused=asked["excused"], **how):
            parcels.send(write, parcels.pack(outcomes))


class _Slot:
    """Keeps the parent informed which extractor is at work, in memory that outlives this process."""

    def __init__(self, descriptor: int, names: Sequence[str]) -> None:
        self._memory = mmap.mmap(descriptor, AT_WORK.size)
        self._numbers = {name: number for number, name in enumerate(names, 1)}

    def begin(self, name: str) -> None:
        AT_WORK.pack_into(self._memory, 0, self._numbers.get(name, 0), time.monotonic())

    def end(self) -> None:
        AT_WORK.pack_into(self._memory, 0, 0, 0.0)


def _ready(hello: dict[str, Any]) -> dict[str, Extractor]:
    from extractors import builtin, catalog, language_model, nlp
    from extractors.encoder import session

    session.share(hello["processes"])
    catalog.extend(catalog.Additions.unpacked(hello["catalog"]))
    if hello["language_model"]:
        language_model.use(language_model.Options(**hello["language_model"]))
    for module, file in hello["modules"]:
        discover.module(module, file)
    discover.load()
    known = {one.name: one for one in builtin.extractors()}
    using = {name: known[name] for name in hello["extractors"]}
    if not all(one.text_alone for one in using.values()):
        nlp.pipeline(hello["how"]["spacy_pipeline"])
    return using


if __name__ == "__main__":
    main()
