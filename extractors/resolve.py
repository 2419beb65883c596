"""Names to entities: what a company's name means, and the id it has everywhere."""

import re
from collections import Counter
from collections.abc import Sequence

from extractors.catalog import Company, companies, of_catalogue
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
    """The id of the company that `name` names: the slug of its canonical name, without a legal form.

    So a company that is not in the catalogue has one id however its name is written.
    """
    known = company(name) or company(without_form(name))
    return slug(known.name if known else without_form(name))


_FORM = re.compile(
    r",? (?:Incorporated|Inc|Corporation|Corp|Company|Co|Limited|Ltd|LLC|LLP|L\.P|LP|PLC|plc|GmbH|AG|SE|SA|S\.A|NV|N\.V"
    r"|AB|ASA|Oyj|AS|A/S|BV|B\.V|KK|Pte|Pty|SpA|S\.p\.A|Bhd|Tbk|PJSC|JSC|KGaA)\.?$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r" (?:Industries|Platforms|Systems?|Technologies|Technology|Communications|Motor|Computer|International|Holdings?"
    r"|Global|Global Holdings|Group|Electronics|Networks|Semiconductor|Therapeutics|Labs)$"
)


def canonical_names(
    text: str, found: Sequence[tuple[int, int, str]], *, catalogue: bool = True
) -> list[tuple[str, bool]]:
    """For each span of a text the canonical name and whether the catalogue holds it; spans come with it, or with "".

    Unknown companies are named by their longest form in the text: `Silicon Motion` is `Silicon Motion Technology`
    where that stands too; without legal form, and without a last word such as Industries or Systems where the text
    leaves it out as well.
    """
    forms = [without_form(text[start:end]) for start, end, _ in found]
    known = [
        (company(name) or company(form)) if catalogue else None for form, (_, _, name) in zip(forms, found, strict=True)
    ]
    strange = Counter(form for form, entry in zip(forms, known, strict=True) if entry is None)
    short = _short_forms(text, strange)
    homes: dict[str, str] = {}
    for form in sorted(strange, key=lambda one: (-len(one), one)):
        homes[form] = short.get(form) or _home(form, [*homes.values()]) or form
    entries = {entry.name for entry in known if entry is not None}
    names: list[tuple[str, bool]] = []
    for form, entry in zip(forms, known, strict=True):
        if entry is not None:
            names.append((entry.name, True))
        else:
            home = homes[form]
            catalogued = _home(home, sorted(entries))
            names.append((catalogued, True) if catalogued else (_display(home, strange), False))
    return names


def without_form(printed: str) -> str:
    """The name without a legal form, blanks made single."""
    name = " ".join(printed.split())
    while (bare := _FORM.sub("", name)) != name and bare:
        name = bare
    return name


def _home(form: str, longer: list[str]) -> str | None:
    """The one of the longer names that begins with all words of `form`."""
    folded = form.casefold()
    fitting = [one for one in longer if one.casefold().startswith(folded + " ") or one.casefold() == folded]
    return fitting[0] if fitting else None


def _display(name: str, strange: "Counter[str]") -> str:
    """Without a last word that the text itself leaves out elsewhere, and not all in capitals if it can be helped."""
    bare = _TAIL.sub("", name)
    if bare != name and bare in strange:
        name = bare
    if name.isupper() and len(name) > 4:
        twin = next((one for one in strange if one != name and one.casefold() == name.casefold()), None)
        name = twin or name
    return name


def _short_forms(text: str, strange: "Counter[str]") -> dict[str, str]:
    """Initials in brackets behind a name, `Global Infrastructure Partners (GIP)`, to that name."""
    found: dict[str, str] = {}
    for form in strange:
        if form.isupper() and 2 <= len(form) <= 6:
            for match in re.finditer(rf"((?:[A-Z][\w&.’'-]*[ -]?){{2,6}}) ?\(“?\"?{re.escape(form)}\b", text):
                initials = "".join(word[0] for word in re.findall(r"[A-Z]\w*", match[1]))
                name = match[1].strip()
                if initials.startswith(form[:2]) and name in strange:
                    found[form] = name
    return found


def company_names(name: str) -> tuple[str, ...]:
    """The canonical name and the sure aliases of a company; the name alone, if it is not in the catalogue."""
    known = company(name)
    return (known.name, *known.aliases) if known else (name,)


def _fold(name: str) -> str:
    return "".join(c for c in name.removeprefix("The ").casefold() if c.isalnum())


@of_catalogue
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
