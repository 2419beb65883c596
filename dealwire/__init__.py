"""dealwire: who pays whom in tech, read from news feeds into DuckDB."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from extractors.registry import extractor as extractor
    from extractors.run import find as find
    from extractors.run import records as records
    from schemas.record import Record as Record

__version__ = "0.1.0"
__all__ = ["Record", "__version__", "extractor", "find", "records"]

_HOME = Path(__file__).resolve().parent.parent
for _sibling in ("schemas", "extractors"):
    _spec = find_spec(_sibling)
    _found = Path(str(_spec.origin)).resolve().parent.parent if _spec and _spec.origin else None
    # `schemas` and `extractors` are common names: another package in front of ours would fail far from the cause.
    if _found != _HOME:
        raise ImportError(f"dealwire needs its own package {_sibling!r}, but {_found} hides it; rename or move it")

# Imported when they are first used: commands that only read need neither.
_HOMES = {
    "extractor": "extractors.registry",
    "find": "extractors.run",
    "records": "extractors.run",
    "Record": "schemas.record",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found
