"""Data centres: sites with their place, their power in megawatts and their owner, as articles tell of them."""

import re
from collections.abc import Iterator

from pydantic import Field
from spacy.tokens import Doc, Span

from dealwire import Record, extractor

_SITE = re.compile(
    r"\b(?:data[\s-]?cent(?:er|re)s?|server\s+farms?|(?:AI|compute|computing|supercomputing|cloud|data)\s+campus(?:es)?"
    r"|campus(?:es)?|AI\s+factor(?:y|ies)|supercomput\w+\s+(?:cluster|facility|site|centre|center)s?"
    r"|computing\s+(?:hub|site|facility|centre|center)s?|hyperscale\s+(?:facility|site)|cloud\s+region"
    r"|(?:sister|second|third|another)\s+site)\b(?!\s+(?:revenue|sales|business|market|chips?|operators?|developers?))",
    re.IGNORECASE,
)
# A campus may belong to a university, and a site to anybody; these say what is meant.
_ABOUT_COMPUTE = re.compile(
    r"data[\s-]?cent(?:er|re)|AI\b|comput|GPU|server|cloud|hyperscale|\b[GM]W\b|watt|chips", re.IGNORECASE
)
_WORD = r"(?:[A-Z][\w’'.-]*[\w])"
_PLACE = rf"{_WORD}(?:[ -](?:(?:de|del|la|of|the|upon|am|an der|sur)[ -])?{_WORD}){{0,3}}"
_REGION = rf"(?:,\s+(?:in\s+)?{_PLACE})?"
_COMPASS = r"(?:(?:north|south|east|west|central)(?:ern|west|east|western|eastern|-west|-east)?\s+)?"
_IN = re.compile(
    rf"\b(?i:in|near|at|outside|around|close\s+to|(?:residents|people|mayor|officials|council)\s+of|(?:north|south|east|west)\s+of|(?:outskirts|suburbs?|port|city|town"
    rf"|village|state|province|region|county)\s+of|next\s+to)\s+"
    rf"(?:the\s+(?:\w+\s+)?(?:city|town|village|port|state)\s+of\s+)?(?:the\s+)?(?P<place>{_COMPASS}{_PLACE}{_REGION})"
)
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
        here = _owner(doc, sentence, companies)
        sites = list(_SITE.finditer(sentence.text))
        if sites and about_compute:
            places = _places(doc, sentence, sites)
            power = _inside(doc, "capacity", sentence)
            for number, (start, end) in enumerate(places):
                place = doc.text[start:end].rstrip(",")
                one = here or owner
                site = Site(
                    start=min(start, sentence.start_char + sites[0].start()),
                    end=max(start + len(place), sentence.start_char + sites[0].end()),
                    place=place,
                    megawatts=_megawatts(power, start, number, len(places)),
                    owner=one.text if one is not None else None,
                    owner_id=one.kb_id_ or None if one is not None else None,
                    cancelled=bool(_NOT.search(sentence.text)),
                )
                told[place] = _fuller(told.get(place), site)
        owner = here or owner
    # `Data centres in Ireland` without an owner or a figure is no site.
    yield from (one for one in told.values() if one.owner is not None or one.megawatts is not None)


def _inside(doc: Doc, name: str, sentence: Span) -> list[Span]:
    return [one for one in doc.spans[name] if sentence.start_char <= one.start_char < sentence.end_char]


def _owner(doc: Doc, sentence: Span, companies: list[Span]) -> Span | None:
    """The company that something is done by, else the first one that the sentence is not merely beside."""
    companies = [
        one
        for one, other in zip(companies, [*companies[1:], None], strict=True)
        # `Alphabet's Google`: the last one.
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
    found: list[tuple[int, int]] = []
    taken = [(one.start_char, one.end_char) for name in ("companies", "capacity") for one in doc.spans[name]]
    text, offset = sentence.text, sentence.start_char
    matches = [*_IN.finditer(text)]
    matches += [match for site in sites if (match := _BEFORE.search(text, 0, site.start())) is not None]
    for match in sorted(matches, key=lambda one: one.start("place")):
        start, end = match.span("place")
        while (first := text[start:end].partition(" "))[1] and _NO_PLACE.match(first[0]):
            start += len(first[0]) + 1
        # `In Kuala Lumpur, Digital Realty`: what is named otherwise ends the place.
        end = min([end, *(begin - offset for begin, _ in taken if start < begin - offset < end)])
        end = start + len(text[start:end].rstrip(" ,"))
        if _NO_PLACE.match(text[start:end]) or _TIME.match(text, start):
            continue
        if start < end and not any(offset + start < stop and begin < offset + end for begin, stop in [*taken, *found]):
            found.append((offset + start, offset + end))
    if len(found) > 1 and all(not site[0].lower().endswith("s") for site in sites) and len(sites) == 1:
        # One site has one place: the nearest.
        at = offset + sites[0].start()
        found = [min(found, key=lambda place: min(abs(place[0] - at), abs(at - place[1])))]
    return found


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
