"""The extractor: claims as a model tells them, for articles that may tell of a deal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from extractors.language_model.ask import Asker, mark
from extractors.language_model.options import Options
from extractors.nlp import text_of
from extractors.registry import BUILTIN, LANGUAGE_MODEL, Extractor
from extractors.run import records
from schemas.deal import DealClaim
from schemas.mention import CompanyMention

if TYPE_CHECKING:
    from spacy.tokens import Doc

NAME = LANGUAGE_MODEL
_in_use: tuple[Options, Asker] | None = None


def use(options: Options | None) -> None:
    """Ask this model from here on, in this process; None: none. A pass begins with it: what failed is tried anew."""
    global _in_use
    if _in_use is not None:
        _in_use[1].close()
    _in_use = None if options is None else (options, Asker(options))


def asked_for() -> Options | None:
    """How the model is asked; None if none is."""
    return _in_use[0] if _in_use else None


def extractor() -> Extractor | None:
    """The extractor, with a version that tells model and question apart; None if no model is asked."""
    options = asked_for()
    if options is None:
        return None
    version = f"1+{mark(options)}"
    return Extractor(NAME, version, DealClaim, BUILTIN["deals"], language_model, ("companies", "money", "capacity"))


def language_model(doc: "Doc") -> Iterator[DealClaim]:
    """The deals that the model tells and the article bears out."""
    if _in_use is not None and may_tell(doc):
        # Extractors run in the order in which they are imported, and this needs the one for deals, the last of ours.
        from extractors.language_model.check import claims

        yield from claims(doc, _in_use[1].told(text_of(doc)))


def may_tell(doc: "Doc") -> bool:
    """Whether the article names two companies, or one and an amount of money; else asking is not worth its price."""
    named = {one.company_id for one in records(doc, "companies") if isinstance(one, CompanyMention)}
    return len(named) >= 2 or bool(named and records(doc, "money"))
