"""The built-in extractors, in the order in which they run.

Mentions never overlap: capacity takes `22,000 H100s` whole, so chips leave out what lies inside it; chips and models
take `Nvidia H100`, so companies leave out what lies inside them. `extractors.reading` decides it once a document.
"""

from dataclasses import replace  # noqa: I001 — the extractors below stand in the order in which they run

from extractors import money, capacity, chips, models, companies, deals  # noqa: F401
from extractors import language_model
from extractors.catalog import added
from extractors.registry import Extractor, registered

_READ_NAMES = ("chips", "models", "companies")


def extractors() -> tuple[Extractor, ...]:
    """All registered extractors, the built-in ones among them, each after those it requires.

    Last comes the one that asks a language model, where the settings name one.
    Where a user has added names to the catalogue, the versions of those that read it, and of those that require these,
    tell which: `1+5c0a9e41`. So stored articles are read again when the names change.
    """
    asked = language_model.extractor()
    known = registered() if asked is None else (*registered(), asked)
    mark = added().mark
    touched = set(_READ_NAMES) if mark else set()
    found: dict[str, Extractor] = {}
    below: dict[str, set[str]] = {}
    for one in known:
        if one.name in touched or touched.intersection(one.requires):
            touched.add(one.name)
            one = replace(one, version=f"{one.version}+{mark}")
        below[one.name] = set(one.requires).union(*(below[need] for need in one.requires))
        rests_on = ", ".join(f"{name} {found[name].version}" for name in sorted(below[one.name]))
        found[one.name] = replace(one, rests_on=rests_on or None)
    return tuple(found.values())
