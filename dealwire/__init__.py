"""dealwire: who pays whom in tech, read from news feeds into DuckDB."""

from pathlib import Path

import extractors
import schemas

_HOME = Path(__file__).resolve().parent.parent
for _sibling in (schemas, extractors):
    _found = Path(str(_sibling.__file__)).resolve().parent.parent
    # `schemas` and `extractors` are common names: another package in front of ours would fail far from the cause.
    if _found != _HOME:
        raise ImportError(
            f"dealwire needs its own package {_sibling.__name__!r}, but {_found} hides it; rename or move it"
        )

from extractors.registry import extractor  # noqa: E402 - after the check, whose message is the clearer one
from schemas.record import Record  # noqa: E402

__version__ = "0.1.0"
__all__ = ["Record", "__version__", "extractor"]
