"""Names to entities: what a company's name means, and the id it has everywhere."""

from functools import cache

from extractors.catalog import Company, companies
from schemas.ids import slug


def company(name: str) -> Company | None:
    """The catalogue's entry that `name` names, by its name or an alias, case aside; None if there is none."""
    exact, folded = _index()
    return exact.get(name) or folded.get(_fold(name))


def canonical(name: str) -> str:
    """The name the company is best known by; the name itself, if it is not in the catalogue."""
    known = company(name)
    return known.name if known else name


def company_id(name: str) -> str:
    """The id of the company that `name` names: the slug of its canonical name."""
    return slug(canonical(name))


def company_names(name: str) -> tuple[str, ...]:
    """The canonical name and the sure aliases of a company; the name alone, if it is not in the catalogue."""
    known = company(name)
    return (known.name, *known.aliases) if known else (name,)


def _fold(name: str) -> str:
    return "".join(c for c in name.removeprefix("The ").casefold() if c.isalnum())


@cache
def _index() -> tuple[dict[str, Company], dict[str, Company]]:
    exact: dict[str, Company] = {}
    folded: dict[str, Company] = {}
    for one in companies():
        exact[one.name] = one
        folded.setdefault(_fold(one.name), one)
    for one in companies():
        for alias in (*one.aliases, *one.short):
            exact.setdefault(alias, one)
            folded.setdefault(_fold(alias), one)
    return exact, folded
