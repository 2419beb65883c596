"""Sides: which companies a claim joins, and when two claims may mean the same companies."""

from functools import cache, lru_cache

from schemas import DealTerms, slug

# A unit acts for its parent: an outlet names the one where another names the other.
_UNITS = {
    "amazon-web-services": "amazon",
    "google-cloud": "google",
    "alphabet": "google",
    "microsoft-azure": "microsoft",
    "oracle-cloud-infrastructure": "oracle",
    "alibaba-cloud": "alibaba",
    "softbank-group": "softbank",
    "meta-platforms": "meta",
}
Sides = tuple[frozenset[str], frozenset[str]]


@cache
def company(name: str) -> str:
    """The id under which a company is compared; units count as their parents."""
    key = slug(name)
    return _UNITS.get(key, key)


def sides(terms: DealTerms) -> Sides:
    """Payers and payees; the parties of an undirected kind stand on the first side."""
    if terms.kind.directed:
        return _companies(terms.payers), _companies(terms.payees)
    return _companies((*terms.parties, *terms.payers, *terms.payees)), frozenset()


def companies(terms: DealTerms) -> frozenset[str]:
    """All companies of a deal."""
    first, second = sides(terms)
    return first | second


def compatible(one: Sides, other: Sides) -> bool:
    """Whether one may be a less complete telling of the other: on each side the smaller set lies in the larger."""
    return all(_nested(a, b) for a, b in zip(one, other, strict=True))


@lru_cache(maxsize=100_000)
def _companies(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(company, names))


def _nested(a: frozenset[str], b: frozenset[str]) -> bool:
    return a <= b or b <= a
