"""Data centres: sites with their place, their power in megawatts and their owner, as articles tell of them."""

import re
from collections.abc import Iterator
from itertools import zip_longest

from pydantic import Field
from spacy.tokens import Doc, Span

from dealwire import Record, extractor

_SITE = re.compile(
    r"\b(?:data[\s-]?cent(?:er|re)s?|server\s+farms?|(?:AI|compute|computing|supercomputing|cloud|data)\s+campus(?:es)?"
    r"|campus(?:es)?|AI\s+factor(?:y|ies)|supercomput\w+\s+(?:cluster|facility|site|centre|center)s?"
    r"|computing\s+(?:hub|site|facility|centre|center)s?|hyperscale\s+(?:facility|site)|cloud\s+region"
    r"|(?:sister|second|third|another)\s+site|the\s+one(?=\s+(?:in|near|at|outside)))\b(?!\s+(?:revenue|sales|business|market|chips?|operators?|developers?))",
    re.IGNORECASE,
)
# A campus may belong to a university, and a site to anybody; these say what is meant.
_ABOUT_COMPUTE = re.compile(
    r"data[\s-]?cent(?:er|re)|AI\b|comput|GPU|server|cloud|hyperscale|[GM]W\b|watt|chips", re.IGNORECASE
)
_WORD = r"(?:[A-Z][\w’'.-]*[\w])"
_PLACE = rf"{_WORD}(?:[ -](?:(?:de|del|la|of|the|upon|am|an der|sur)[ -])?{_WORD}){{0,3}}"
_REGION = rf"(?:,\s+(?:in\s+)?{_PLACE})?"
_COMPASS = r"(?:(?:north|south|east|west|central)(?:ern|west|east|western|eastern|-west|-east)?\s+)?"
_IN = re.compile(
    r"\b(?i:in|near|at|outside|around|close\s+to|next\s+to|pick(?:s|ed)|chose|chooses|select(?:s|ed)|(?:north|south|east|west|residents|people|mayor|officials|council)"
    r"\s+of|(?:outskirts|suburbs?|port|city|town|village|state|province|region|county)\s+of)\s+"
    rf"(?:the\s+(?:\w+\s+)?(?:city|town|village|port|state)\s+of\s+)?(?:the\s+)?(?P<place>{_COMPASS}{_PLACE}{_REGION})"
)
_AND = re.compile(rf",?\s+and\s+(?:in\s+|near\s+)?(?P<place>{_PLACE}{_REGION})")
_AND_ANOTHER = re.compile(
    rf",?\s+and\s+(?:its\s+|an?\s+|the\s+)?(?:second|third|fourth|another|one|other)\s+(?:in|near|at|outside)\s+"
    rf"(?P<place>{_PLACE}{_REGION})"
)
_PLURAL = re.compile(r"(?<!campu)s$", re.IGNORECASE)
# `servers for data centers`: no site, but what is sold to some.
_GOODS = re.compile(r"\b(?:for|to|into|about)\s+(?:[a-z]+\s+){0,2}$")
_GOES_ON = re.compile(r"(?:It|The\s+(?:site|campus|facility|complex|building|project))\b")
_OWNS = re.compile(r"['’]s?\s+(?:[\w.,-]+\s+){0,4}$")
_BEFORE = re.compile(rf"(?P<place>{_PLACE}(?:,\s+{_PLACE},?)?)\s+(?:(?:AI|data|compute|cloud|hyperscale|new)\s+)*$")
_TIME = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday"
    r"|Thursday|Friday|Saturday|Sunday|Q[1-4]|H[12]|Spring|Summer|Autumn|Fall|Winter)\b"
)
# Capitalised words that are no place.
_NO_PLACE = re.compile(
    r"(?:The|A|An|Its|Their|This|That|Both|Each|First|Second|Another|One|Two|Three|AI|IT|US|EU|UK|GPU|MW|GW|It|In|At"
    r"|On|For|Once|When|Phase|Stargate|Project|Google|Amazon)$"
)
_MEGAWATTS = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|half\s+a)"
    r"[\s-]?(?P<unit>[GM]W|gigawatts?|megawatts?)\b",
    re.IGNORECASE,
)
_DIGIT_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SPELLED = {"a": 1.0, "an": 1.0, "half a": 0.5} | {word: float(n) for n, word in enumerate(_DIGIT_WORDS, 1)}
_OWNED_BY = re.compile(
    r"\b(?:owned|operated|built|developed|run|planned|opened|bought|proposed)\s+(?:and\s+\w+\s+)?by\s+(?:the\s+)?$"
)
_NOT_OWNER = re.compile(
    r"\b(?:for|to|from|with|by|powered|supplies|rival|than|unlike|like|customers?|including|tenants?|after|as)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:not|never|no\s+longer|no\s+plans?|cancel(?:s|led|ling|ed)?|scrap(?:s|ped)?|abandon(?:s|ed)?|drop(?:s|ped)?"
    r"|shelv(?:es|ed)|reject(?:s|ed)?|den(?:y|ies|ied))\b|n[’']t\b",
    re.IGNORECASE,
)


class Site(Record):
    """One place where a data centre stands or is to be built."""

    place: str = Field(description="As printed: Abilene, Texas.")
    megawatts: float | None = Field(None, gt=0, description="Electric power; null if none is stated.")
    owner: str | None = Field(None, description="Who owns or builds it, as printed; null if the article does not say.")
    owner_id: str | None = Field(None, description="Its id in `companies`.")
    cancelled: bool = Field(False, description="True: given up, refused or denied.")


def may_tell(text: str) -> bool:
    """Whether the article speaks of a data centre at all."""
    return _SITE.search(text) is not None


@extractor(
    "datacenters", version="1", record=Site, requires=("companies", "capacity"), when=may_tell, label="DATA_CENTER"
)
def datacenters(doc: Doc) -> Iterator[Site]:
    """The sites that the article names with their place, each place once, in reading order."""
    told: dict[str, Site] = {}
    owner: Span | None = None
    about_compute = _ABOUT_COMPUTE.search(doc.text) is not None
    for sentence in doc.sents:
        companies = _inside(doc, "companies", sentence)
        sites = [one for one in _SITE.finditer(sentence.text) if not _is_sold_to(sentence.text, one)]
        here = _owner(doc, sentence, companies, sites)
        power = _inside(doc, "capacity", sentence)
        if sites and about_compute:
            places = _places(doc, sentence, sites)
            for number, (start, end) in enumerate(places):
                place = doc.text[start:end]
                one = here or owner
                site = Site(
                    start=min(start, sentence.start_char + sites[0].start()),
                    end=max(end, sentence.start_char + sites[0].end()),
                    place=place,
                    megawatts=_megawatts(power, start, number, len(places)),
                    owner=one.text if one is not None else None,
                    owner_id=one.kb_id_ or None if one is not None else None,
                    cancelled=bool(_NOT.search(sentence.text)),
                )
                told[place] = _fuller(told.get(place), site)
        elif told and power and _GOES_ON.match(sentence.text):
            last = next(reversed(told))
            if told[last].megawatts is None:
                told[last] = told[last].model_copy(update={"megawatts": _megawatts(power, 0, 0, 1)})
        owner = here or owner
    # `Data centres in Ireland` without an owner or a figure is no site.
    yield from (one for one in told.values() if one.owner is not None or one.megawatts is not None)


def _inside(doc: Doc, name: str, sentence: Span) -> list[Span]:
    return [one for one in doc.spans[name] if sentence.start_char <= one.start_char < sentence.end_char]


def _is_sold_to(text: str, site: re.Match[str]) -> bool:
    plural = _PLURAL.search(site[0]) is not None
    return (
        plural
        and bool(_GOODS.search(text, 0, site.start()))
        and not re.match(r"\s+(?:in|near|at)\b", text[site.end() :])
    )


def _owner(doc: Doc, sentence: Span, companies: list[Span], sites: list[re.Match[str]]) -> Span | None:
    """The company whose site it is, or by which something is done; else the first that is not merely mentioned."""
    for one in companies:
        if any(_OWNS.fullmatch(doc.text[one.end_char : sentence.start_char + site.start()]) for site in sites):
            return one
    # `Alphabet's Google`: the last one.
    companies = [
        one
        for one, other in zip_longest(companies, companies[1:])
        if other is None or doc.text[one.end_char : other.start_char] not in ("'s ", "’s ")
    ]
    for one in companies:
        if _OWNED_BY.search(doc.text[sentence.start_char : one.start_char]):
            return one
    return next(
        (one for one in companies if not _NOT_OWNER.search(doc.text[sentence.start_char : one.start_char])), None
    )


def _places(doc: Doc, sentence: Span, sites: list[re.Match[str]]) -> list[tuple[int, int]]:
    """Where the sentence names the places of its sites: `near Narvik`, `the Abilene campus`."""
    text, offset = sentence.text, sentence.start_char
    taken = [
        (one.start_char - offset, one.end_char - offset)
        for name in ("companies", "capacity")
        for one in doc.spans[name]
    ]
    several = len(sites) > 1 or _PLURAL.search(sites[0][0]) is not None
    found: list[tuple[int, int]] = []
    for match in _IN.finditer(text):
        found += _place(text, match, [*taken, *found])
        if several and found and (further := _AND.match(text, found[-1][1])) is not None:
            found += _place(text, further, [*taken, *found])
    if several or not found:
        for site in sites:
            named = _BEFORE.search(text, 0, site.start())
            found += _place(text, named, [*taken, *found]) if named is not None else []
    begin, end = sites[0].span()
    if not several and len(found) > 1:
        # One site has one place: the nearest.
        found = [min(found, key=lambda place: max(place[0] - end, begin - place[1]))]
    elif several:
        # What stands behind them says where they are, what stands before where something else is.
        found = [place for place in found if place[0] > begin] or found
    if found and (another := _AND_ANOTHER.match(text, found[-1][1])) is not None:
        found += _place(text, another, [*taken, *found])
    return sorted((offset + start, offset + end) for start, end in found)


def _place(text: str, match: re.Match[str], taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The place in a match, without words that belong to no place; none if nothing is left."""
    start, end = match.span("place")
    while True:
        # `In Kuala Lumpur, Digital Realty`: what is named otherwise ends the place.
        start = max([start, *(stop for begin, stop in taken if begin <= start < stop)])
        start += len(text[start:end]) - len(text[start:end].lstrip(" ,"))
        first, blank, _ = text[start:end].partition(" ")
        if not blank or not (_NO_PLACE.match(first) or first.endswith(("'s", "’s"))):
            break
        start += len(first) + 1
    end = min([end, *(begin for begin, _ in taken if start < begin < end)])
    end = start + len(text[start:end].rstrip(" ,"))
    place = text[start:end]
    wrong = not place[:1].isalpha() or _NO_PLACE.match(place) or _TIME.match(place) or place.endswith(("'s", "’s"))
    return [] if wrong else [(start, end)]


def _megawatts(power: list[Span], at: int, number: int, places: int) -> float | None:
    """The power nearest to the place; where there are as many figures as places, the one of the same rank."""
    figures = [(one.start_char, value) for one in power if (value := _read(one.text)) is not None]
    if not figures:
        return None
    if len(figures) == places:
        return figures[number][1]
    return min(figures, key=lambda one: abs(one[0] - at))[1]


def _read(printed: str) -> float | None:
    """`1.2 GW` or `300-megawatt` in megawatts; None for a count of chips."""
    match = _MEGAWATTS.search(printed)
    if match is None:
        return None
    word = " ".join(match["number"].lower().split())
    number = _SPELLED[word] if word in _SPELLED else float(word.replace(",", ""))
    return number * (1000 if match["unit"].lower().startswith("g") else 1)


def _fuller(old: Site | None, new: Site) -> Site:
    """The first telling with what a later one adds."""
    if old is None:
        return new
    added = {name: value for name, value in new.model_dump().items() if getattr(old, name) is None}
    return old.model_copy(update=added | {"cancelled": old.cancelled or new.cancelled})
