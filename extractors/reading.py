"""What a text names: the rules' finds and the encoder's, decided once a document.

The rules know names and patterns, the encoder knows what names look like in a sentence. A name that both find is
certain; what the encoder alone finds counts when it is likely; what the rules alone find counts unless the encoder
holds it for very unlikely. Without the encoder the rules decide alone. What a spaCy pipeline of the user's choice takes
for an organisation counts as a find of the rules. Without the catalogue no name is known beforehand.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from extractors import chip_names, company_names, model_names
from extractors.catalog import Family, added, of_catalogue, words
from extractors.company_names import Named
from extractors.encoder.gate import asked
from extractors.encoder.hints import marks
from extractors.encoder.tagging import Marked, Tagging, tagging
from extractors.names import Found, whole_words
from extractors.nlp import organisations, text_of
from extractors.resolve import canonical_names
from extractors.run import CATALOGUE, ENCODER, records, sentences
from extractors.spans import Span, Taken, covers, touches

if TYPE_CHECKING:
    from spacy.tokens import Doc

_KEY = "dealwire.reading"
KEEP = {"CHIP": 0.1, "MODEL": 0.1, "COMPANY": 0.15}
"""A find of the rules that the encoder does not make is kept from this probability on."""
FIND = {"CHIP": 0.8, "MODEL": 0.7, "COMPANY": 0.6}
"""A find of the encoder that the rules do not make is kept from this probability on."""
PARTY = 0.5
"""A news outlet is a company, and no source, where the encoder holds it for one with this probability."""
ORGANISATION = 0.6
"""How sure a company is that a spaCy pipeline takes for an organisation."""

SURE = 0.9
"""A company found by the rules with this confidence explains its capitals to the gate."""


class Thing(NamedTuple):
    """A chip or a model: the span, the canonical name, the company it is from, its family."""

    start: int
    end: int
    name: str
    owner: str | None
    family: str | None


class Reading(NamedTuple):
    """Everything named in a text, each list in reading order; no two spans overlap."""

    chips: list[Thing]
    models: list[Thing]
    companies: list[Named]


def reading(doc: "Doc") -> Reading:
    """What the document names."""
    if _KEY not in doc.user_data:
        capacity, money = ([(one.start, one.end) for one in records(doc, name)] for name in ("capacity", "money"))
        doc.user_data[_KEY] = _read(
            text_of(doc),
            sentences(doc),
            capacity,
            money,
            organisations(doc),
            encoder=doc.user_data.get(ENCODER, False),
            catalogue=doc.user_data.get(CATALOGUE, True),
        )
    found: Reading = doc.user_data[_KEY]
    return found


def _read(
    text: str,
    bounds: Sequence[Span],
    capacity: list[Span],
    money: list[Span],
    labelled: list[Span],
    *,
    encoder: bool,
    catalogue: bool,
) -> Reading:
    amounts = [*capacity, *money]
    chips = _outside(chip_names.find(text), amounts) if catalogue else []
    models = _outside(model_names.find(text), [*amounts, *_spans(chips)]) if catalogue else []
    if not encoder:
        taken = [*amounts, *_spans(chips), *_spans(models)]
        companies = company_names.find(text, taken, catalogue=catalogue)
        strange = _strange(text, labelled, [*taken, *_spans(companies)])
        if strange:
            companies = sorted([*companies, *_canonical(text, strange, catalogue=catalogue)])
        return Reading(list(map(_thing, chips)), list(map(_thing, models)), companies)
    known, doubtful = company_names.judged(text, Taken([])) if catalogue else ([], [])
    known += _strange(text, labelled, _spans(known))
    doubtful += [found.span() for found in _outlets().finditer(text)]
    hinted = marks(CAPACITY=capacity, MONEY=money, CHIP=_spans(chips), MODEL=_spans(models), COMPANY=_spans(known))
    sure = [*amounts, *_spans(chips), *_spans(models), *_spans(one for one in known if one.confidence >= SURE)]
    tags = tagging(text, asked(text, bounds, sure, doubtful), hinted)
    blocked = Taken(amounts)
    marked = [one for one in tags.mentions if not blocked.touches(one.start, one.end)]
    chosen_chips = _things(text, "CHIP", chips, marked, tags)
    chosen_models = _things(text, "MODEL", models, marked, tags)
    taken = [*amounts, *_spans(chosen_chips), *_spans(chosen_models)]
    companies = _companies(text, known, marked, tags, taken)
    return Reading(chosen_chips, chosen_models, _canonical(text, companies, catalogue=catalogue))


def _things(text: str, label: str, ruled: Sequence[Found], marked: Sequence[Marked], tags: Tagging) -> list[Thing]:
    read = [one for one in marked if one.label == label]
    both = Taken(_spans(read))
    kept = [one for one in ruled if both.touches(one.start, one.end) or _likely(tags, one, label)]
    found = [_thing(one) for one in kept]
    by_name = {text[one.start : one.end]: one for one in found}
    there = Taken(_spans(found))
    for one in read:
        if one.probability >= FIND[label] and not there.touches(one.start, one.end):
            printed = text[one.start : one.end]
            known = by_name.get(printed)
            found.append(Thing(one.start, one.end, *known[2:]) if known else _unknown_thing(one, printed, label))
    return sorted(found)


def _no_name(printed: str, probability: float) -> bool:
    """Whether the words are known to name no company, whatever the sentence makes of them.

    A news outlet names one where the encoder is sure of it: a publisher that is a party to a deal.
    """
    if printed in words("outlets") and probability >= PARTY:
        return False
    return printed in words("not_companies") or printed.lower() in words("plain_capitals")


@cache
def _outlets() -> re.Pattern[str]:
    """News outlets, which are sources mostly and sometimes a party to a deal."""
    return whole_words(words("outlets"))


def _likely(tags: Tagging, one: Found | Named, label: str) -> bool:
    """Whether the encoder does not speak against a find of the rules; where it was not asked, it does not.

    What the user has added to the catalogue is believed whatever the encoder says.
    """
    if (one.name if isinstance(one, Named) else one.family) in _mine():
        return True
    probability = tags.probability(one.start, one.end, label)
    return probability is None or probability >= KEEP[label]


@of_catalogue
def _mine() -> frozenset[str | Family]:
    """The names of the companies, and the families, that the user has added."""
    mine = added()
    return frozenset([*(one.name for one in mine.companies), *mine.chips, *mine.models])


def _unknown_thing(one: Marked, printed: str, label: str) -> Thing:
    name = printed.removesuffix("s") if label == "CHIP" and printed[-2:-1].isdigit() else printed
    return Thing(one.start, one.end, " ".join(name.split()), None, None)


def _companies(
    text: str, known_: Sequence[Named], marked: Sequence[Marked], tags: Tagging, taken: list[Span]
) -> list[Named]:
    blocked = Taken(taken)
    ruled = sorted(one for one in known_ if not blocked.touches(one.start, one.end))
    read = [one for one in marked if one.label == "COMPANY" and not blocked.touches(one.start, one.end)]
    told = Taken([*_spans(read), *_spans(one for one in marked if one.label == "OUTLET")])
    kept = {
        (one.start, one.end): one
        for one in ruled
        if not told.touches(one.start, one.end) and _likely(tags, one, "COMPANY")
    }
    for one in read:
        if one.probability >= FIND["COMPANY"]:
            at = bisect_right(ruled, one.start, key=lambda rule: rule.end)
            same = ruled[at] if at < len(ruled) and ruled[at].start < one.end else None
            start, end = company_names.trimmed(text, one.start, one.end)
            if start >= end or _no_name(text[start:end], one.probability):
                continue
            if same is None and _in_capitals(text, start) and _in_lower_case(text, text[start:end]):
                continue
            known = same is not None and same.known and covers((start, end), (same.start, same.end))
            kept[start, end] = Named(start, end, same.name if same and known else "", known, one.probability)
    return sorted(kept.values())


def _in_capitals(text: str, at: int) -> bool:
    """Whether most words of a line begin with a capital, as headlines have it: capitals tell nothing there."""
    first, last = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    said = [word for word in _WORD.findall(text, first, last if last >= 0 else len(text)) if len(word) > 3]
    capitals: int = sum(word[0].isupper() for word in said)
    return capitals > 0.7 * len(said)


def _in_lower_case(text: str, printed: str) -> bool:
    """Whether the article has the words without capitals, too."""
    return re.search(rf"\b{re.escape(printed.lower())}\b", text) is not None


_WORD = re.compile(r"[^\W\d_][\w'’-]*")


def _strange(text: str, labelled: Sequence[Span], taken: Sequence[Span]) -> list[Named]:
    """The labelled organisations that nothing else is made of, as companies without a name yet."""
    spans = [company_names.trimmed(text, start, end) for start, end in labelled]
    return [
        Named(start, end, "", False, ORGANISATION)
        for start, end in spans
        if start < end and not touches((start, end), taken) and text[start:end] not in words("not_companies")
    ]


def _canonical(text: str, found: Sequence[Named], *, catalogue: bool) -> list[Named]:
    names = canonical_names(text, [(one.start, one.end, one.name) for one in found], catalogue=catalogue)
    return [one._replace(name=name, known=one.known or known) for one, (name, known) in zip(found, names, strict=True)]


def _outside(found: Iterable[Found], taken: Sequence[Span]) -> list[Found]:
    blocked = Taken(taken)
    return [one for one in found if not blocked.touches(one.start, one.end)]


def _spans(found: Iterable[Found | Thing | Marked | Named]) -> list[Span]:
    return [(one.start, one.end) for one in found]


def _thing(one: Found) -> Thing:
    return Thing(one.start, one.end, one.name, one.family.owner, one.family.family)
