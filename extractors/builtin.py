"""The built-in extractors, in the order in which they run.

Mentions never overlap, and the order decides who gives way: capacity takes `22,000 H100s` whole, so chips leave out
what lies inside it; chips and models take `Nvidia H100`, so companies leave out what lies inside them. Whoever gives
way requires the other extractor and reads its finds with `extractors.run.records`.
"""

from importlib import import_module
from importlib.util import find_spec

from extractors.registry import Extractor, registered

_MENTIONS = ("money", "capacity", "chips", "models", "companies")


def _there(name: str) -> bool:
    found = find_spec(f"extractors.{name}")
    return found is not None and found.origin is not None


for _name in (*filter(_there, _MENTIONS), *(("deals",) if all(map(_there, (*_MENTIONS, "deals"))) else ())):
    import_module(f"extractors.{_name}")


def extractors() -> tuple[Extractor, ...]:
    """All registered extractors, the built-in ones among them, each after those it requires."""
    return registered()
