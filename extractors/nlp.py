"""The spaCy pipeline: blank English with our sentence boundaries, built once and only when asked for."""

import re
from functools import cache
from typing import TYPE_CHECKING

from extractors.sentences import sentence_starts

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

LONGEST = 20_000_000
"""Code points; longer texts are refused by spaCy."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@cache
def pipeline() -> "Language":
    """A tokenizer for English whose documents have `doc.sents`."""
    import spacy
    from spacy.language import Language

    if not Language.has_factory("dealwire_sentences"):
        Language.component("dealwire_sentences", func=_mark_sentences)
    nlp = spacy.blank("en")
    nlp.max_length = LONGEST
    nlp.add_pipe("dealwire_sentences")
    return nlp


def readable(text: str) -> str:
    """The text as spaCy can take it: lone surrogates become U+FFFD, so offsets stay what they are."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _mark_sentences(doc: "Doc") -> "Doc":
    from spacy.attrs import IDX

    if not len(doc):
        return doc
    # One array of token offsets and a binary search are much cheaper than a loop over tokens.
    indices = doc.to_array([IDX]).reshape(-1)
    doc[0].is_sent_start = True
    for at in indices.searchsorted(list(sentence_starts(doc.text))):
        if at < len(doc):
            doc[int(at)].is_sent_start = True
    return doc
