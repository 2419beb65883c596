"""The built-in extractors, in the order in which they run.

Mentions never overlap: capacity takes `22,000 H100s` whole, so chips leave out what lies inside it; chips and models
take `Nvidia H100`, so companies leave out what lies inside them. `extractors.reading` decides it once a document.
"""

from extractors import money, capacity, chips, models, companies, deals  # noqa: F401, I001 — the order in which they run
from extractors.registry import Extractor, registered


def extractors() -> tuple[Extractor, ...]:
    """All registered extractors, the built-in ones among them, each after those it requires."""
    return registered()
