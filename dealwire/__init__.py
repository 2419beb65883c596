"""dealwire: who pays whom in tech, read from news feeds into DuckDB."""

from extractors.registry import extractor
from schemas.record import Record

__version__ = "0.1.0"
__all__ = ["Record", "__version__", "extractor"]
