"""The built-in extractors, in the order in which they run.

Mentions never overlap, and the order decides who gives way: capacity takes `22,000 H100s` whole, so chips leave out
what lies inside it; chips and models take `Nvidia H100`, so companies leave out what lies inside them.
"""

from extractors import capacity, chips, companies, deals, models, money
from extractors.registry import Extractor, registered

__all__ = ["capacity", "chips", "companies", "deals", "extractors", "models", "money"]


def extractors() -> tuple[Extractor, ...]:
    """All registered extractors, the built-in ones among them, each after those it requires."""
    return registered()
