"""What of an answer is believed: names, amounts and evidence that stand in the article; the rest is dropped.

Figures come from the extractors of money and capacity, which read the words that the answer points at.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from extractors.catalog import words
from extractors.deals import claim
from extractors.deals.merge import Told as Deal
from extractors.deals.merge import merge
from extractors.deals.price import as_told
from extractors.deals.terms import terms
from extractors.language_model.answer import Told
from extractors.language_model.verbatim import Verbatim
from extractors.nlp import text_of
from extractors.resolve import company, without_form
from extractors.run import records, sentences
from extractors.spans import Span, touches
from schemas.deal import DealClaim
from schemas.mention import CapacityMention, CompanyMention, MoneyMention
from schemas.record import Record

if TYPE_CHECKING:
    from spacy.tokens import Doc

_log = logging.getLogger("dealwire.language_model")
_R = TypeVar("_R", bound=Record)
_NEAR, _FAR = 0.6, 0.5
"""How sure a claim is whose evidence names both sides, and one whose evidence does not: what models say of their own
sureness is not asked for."""
_WHOLE = 0.5
"""Part of a sentence that evidence has to hold to be that sentence."""
_SENTENCES = 2
"""Sentences that evidence may touch, because models and dealwire may end one at different places."""


class _Dropped(Exception):
    """A deal of an answer that the article does not bear out."""


def claims(doc: "Doc", told: Sequence[Told]) -> Iterator[DealClaim]:
    """The deals of an answer that the article bears out, repeats put together, told as the extractor `deals` tells."""
    if not told:
        return
    text, bounds = text_of(doc), sentences(doc)
    article = _Article(text, bounds, doc)
    found: list[Deal] = []
    for one in told:
        try:
            found.append(article.deal(one))
        except _Dropped as reason:
            _log.info("a %s that the model tells was dropped: %s", one.kind.value, reason)
    for deal in merge(found):
        yield claim(deal, text, terms(text, deal, bounds, article.companies, article.money), as_told(deal.money))


class _Article:
    """A text and what is named in it."""

    def __init__(self, text: str, bounds: Sequence[Span], doc: "Doc") -> None:
        self._text, self._bounds, self._verbatim = text, bounds, Verbatim(text)
        self.companies = [one for one in records(doc, "companies") if isinstance(one, CompanyMention)]
        self.money = [one for one in records(doc, "money") if isinstance(one, MoneyMention)]
        self._capacity = [one for one in records(doc, "capacity") if isinstance(one, CapacityMention)]
        self._printed = {" ".join(text[one.start : one.end].split()): one.name for one in self.companies}

    def deal(self, one: Told) -> Deal:
        """The deal with canonical names, read figures and the place of its evidence. Raises `_Dropped`."""
        start, end = self._sentence(one.evidence)
        payers, payees, parties = (self._names(side) for side in (one.payers, one.payees, one.parties))
        if one.kind.directed:
            parties = ()
            if not payers or not payees or set(payers) & set(payees):
                raise _Dropped("it has not two sides")
        else:
            parties = tuple(dict.fromkeys((*parties, *payers, *payees)))
            payers = payees = ()
            if len(parties) < 2:
                raise _Dropped("it has not two parties")
        told = (*one.payers, *one.payees, *one.parties)
        named = [one.payers, one.payees] if one.kind.directed else [(name,) for name in told]
        near = all(any(self._within(name, start, end) for name in side) for side in named)
        return Deal(
            kind=one.kind,
            payers=payers,
            payees=payees,
            parties=parties,
            status=one.status,
            money=self._read(one.amount, self.money, (start, end)),
            power=self._read(one.capacity, self._capacity, (start, end)),
            start=start,
            end=end,
            confidence=_NEAR if near else _FAR,
        )

    def _sentence(self, quoted: str) -> Span:
        """The sentence, or the two, that the quoted words are."""
        for start, end in self._verbatim.places(quoted.strip().strip("\"“”'‘’").rstrip(".!?…")):
            held = [span for span in self._bounds if touches(span, [(start, end)])]
            if 1 <= len(held) <= _SENTENCES and end - start >= _WHOLE * (held[-1][1] - held[0][0]):
                return held[0][0], held[-1][1]
        raise _Dropped("its evidence is no sentence of the article")

    def _names(self, printed: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(self._name, printed)))

    def _name(self, printed: str) -> str:
        """The canonical name of a company that the article names."""
        name = " ".join(printed.split())
        if next(self._verbatim.places(name), None) is None:
            raise _Dropped("it names a company that the article does not name")
        if not any(c.isupper() for c in name) or name in words("not_companies"):
            raise _Dropped("one of its sides is no name")
        bare = without_form(name)
        known = company(name) or company(bare)
        return known.name if known else self._printed.get(name) or self._printed.get(bare) or bare

    def _within(self, name: str, start: int, end: int) -> bool:
        return any(start <= at < end for at, _ in self._verbatim.places(name))

    def _read(self, stated: str | None, mentions: Sequence[_R], evidence: Span) -> _R | None:
        """The mention that the words hold, in the evidence rather than elsewhere; None if there is none."""
        if stated is None:
            return None
        places = sorted(self._verbatim.places(stated), key=lambda place: not touches(place, [evidence]))
        if not places:
            raise _Dropped("it states a figure that the article does not state")
        return next((one for place in places for one in mentions if touches((one.start, one.end), [place])), None)
