"""Deal claims: who pays whom, for what, how much and how sure, as one article tells it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from extractors.deals.assemble import assemble
from extractors.deals.candidates import candidates
from extractors.deals.confidence import confidence, features
from extractors.deals.coreference import Discourse
from extractors.deals.decide import decide
from extractors.deals.denied import denied
from extractors.deals.frames import walk
from extractors.deals.lexicon import places
from extractors.deals.mend import is_membership, is_told, mended
from extractors.deals.merge import Told, merge
from extractors.deals.price import Price, price
from extractors.deals.reader import SEEN, Edge, agreement, edges
from extractors.deals.terms import Terms, terms
from extractors.deals.typed import Scene, lines, scenes
from extractors.nlp import text_of
from extractors.registry import extractor
from extractors.run import ENCODER, records, sentences
from schemas.deal import DealClaim
from schemas.mention import CompanyMention, MoneyMention
from schemas.record import Record

if TYPE_CHECKING:
    from spacy.tokens import Doc

ENOUGH = 0.3
"""A deal that the frames read or the small pair model sees is told from this confidence on."""
_NEEDED = ("companies", "money", "capacity", "chips", "models")


@extractor("deals", version="11", record=DealClaim, table="deal_claims", requires=_NEEDED)
def deals(doc: "Doc") -> Iterator[DealClaim]:
    """Every deal of the article once, with the sentence that tells it best."""
    text = text_of(doc)
    encoder = bool(doc.user_data.get(ENCODER, False))
    companies = [one for one in records(doc, "companies") if isinstance(one, CompanyMention)]
    money = [one for one in records(doc, "money") if isinstance(one, MoneyMention)]
    found = told(doc)
    every = [one for one, _ in found]
    for one, given in found:
        sure = replace(one, confidence=confidence(given, encoder=encoder))
        worth = price(text, one, every, sentences(doc), companies, money)
        yield claim(sure, text, terms(text, one, sentences(doc), companies, money), worth)


def told(doc: "Doc", *, least: float = ENOUGH) -> list[tuple[Told, tuple[float, ...]]]:
    """The deals by frames and the small pair model, as far as the encoder makes them likely, and those it alone sees.

    Each comes with what speaks for it, `confidence.FEATURES`. `least`: the confidence that is enough.
    """
    encoder = bool(doc.user_data.get(ENCODER, False))
    found: list[Told] = []
    doubted: list[Told] = []
    read: list[Told] = []
    seen: list[Scene] = []
    for scene, framed, mind in typed_sentences(doc):
        # What pronouns mean changes from sentence to sentence, so each is decided in its turn.
        sure, less_sure = decide(scene, framed, mind)
        found += sure
        doubted += less_sure
        read += framed
        seen.append(scene)
    # What is doubted joins what is not, and does not begin it; the encoder has the last word.
    found = merge([*found, *doubted] if encoder else found)
    if not encoder:
        return [(one, features(one, None)) for one in found]
    mentions = [record for name in _NEEDED for record in records(doc, name)]
    windows = candidates(text_of(doc), mentions, sentences(doc), read, seen)
    pairs = edges(windows, least=SEEN, large=doc.user_data[ENCODER] != "small")
    assembled = assemble(text_of(doc), pairs, sentences(doc))
    likely = [one for one in found if confidence(features(one, _seen(one, found, pairs)), encoder=True) >= least]
    kept = mended(likely, pairs, assembled)
    alone = [one for one in mended(assembled, pairs, ()) if not is_told(one, kept) and not denied(one, seen)]
    alone = [one for one in alone if not is_membership(one, [*kept, *alone], _named(doc, one))]
    return [
        *((one, features(one, _seen(one, kept, pairs))) for one in kept),
        *((one, features(one, one.confidence, alone=True)) for one in alone),
    ]


def _named(doc: "Doc", one: Told) -> set[str]:
    """The companies that the sentence of a deal names."""
    companies = (record for record in records(doc, "companies") if isinstance(record, CompanyMention))
    return {record.name for record in companies if one.start <= record.start < one.end}


def _seen(one: Told, told: list[Told], pairs: list[Edge]) -> float:
    """How likely the encoder holds the deal, or one of the same words: `$10 billion and $5 billion, respectively`."""
    legs = [other for other in told if other.share and other.kind is one.kind and other.start == one.start]
    return max(agreement(leg, pairs) for leg in (legs if one.share else [one]))


def typed_sentences(doc: "Doc") -> Iterator[tuple[Scene, list[Told], Discourse]]:
    """The sentences that name companies, typed and resolved, with what the frames read in each."""
    mentions: list[Record] = [record for name in _NEEDED for record in records(doc, name)]
    text = text_of(doc)
    spans = lines(text, sentences(doc))
    return walk(scenes(text, spans, mentions, places(text)), title_end=text.find("\n"))


def claim(one: Told, text: str, stated: Terms, worth: Price | None) -> DealClaim:
    """The record of a deal."""
    power = one.power
    return DealClaim(
        start=one.start,
        end=one.end,
        kind=one.kind,
        status=one.status,
        payers=one.payers,
        payees=one.payees,
        parties=one.parties,
        currency=worth.currency if worth else None,
        amount_min=worth.low if worth else None,
        amount_max=worth.high if worth else None,
        capacity_mw_min=power.mw_min if power else None,
        capacity_mw_max=power.mw_max if power else None,
        **stated._asdict(),
        quoted=text[worth.start : worth.end] if worth else None,
        confidence=round(one.confidence, 2),
    )
