"""A process that extracts and nothing else, so that its loss costs one text; started by `extractors.processes`.

The first parcel says which extractors to use and how to read; then each parcel is a text and each answer its outcomes.
"""

import importlib
import importlib.util
import json
import os
import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from extractors import parcels
from extractors.registry import Extractor


def main() -> None:
    """Answer until there are no more texts."""
    # What a terminal's Ctrl-C means is for the parent to decide.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    read, write = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Extractors may print and read as they like: nothing but parcels may take the way to the parent.
    os.dup2(2, 1)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    asked = json.loads(parcels.receive(read) or b"{}")
    try:
        using = _ready(asked)
    except Exception as error:  # told to the parent, which has somebody to tell it to
        parcels.send(write, f"{type(error).__name__}: {error}".encode())
        return
    parcels.send(write, b"")
    from extractors import run

    while (text := parcels.receive(read)) is not None:
        for outcomes in run.extract([text.decode()], using=using, **asked["how"]):
            parcels.send(write, parcels.pack(outcomes))


def _ready(asked: dict[str, Any]) -> tuple[Extractor, ...]:
    from extractors import builtin, catalog, language_model, nlp
    from extractors.encoder import session

    session.share(asked["processes"])
    catalog.extend(catalog.Additions.unpacked(asked["catalog"]))
    if asked["language_model"]:
        language_model.use(language_model.Options(**asked["language_model"]))
    for _, module, file in asked["extractors"]:
        _module(module, file)
    known = {one.name: one for one in builtin.extractors()}
    using = tuple(known[name] for name, _, _ in asked["extractors"])
    nlp.pipeline(asked["how"]["spacy_pipeline"])
    return using


def _module(name: str, file: str) -> ModuleType:
    """The module of that name if it is this file's, else the file read as a module of that name."""
    spec = importlib.util.find_spec(name) if _there(name) else None
    if spec is not None and spec.origin is not None and Path(spec.origin).samefile(file):
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


if __name__ == "__main__":
    main()
