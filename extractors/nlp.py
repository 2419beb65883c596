"""The spaCy pipeline: blank English with our sentence boundaries, built once and only when asked for."""

import re
from functools import cache
from typing import TYPE_CHECKING

from extractors.sentences import sentence_starts

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

STARTS = "dealwire.sentence_starts"
"""Where `Doc.user_data` holds the starts of the sentences in code points; a loop over `doc.sents` takes far longer."""
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


def text_of(doc: "Doc") -> str:
    """The document's text; spaCy puts `Doc.text` together from all tokens at every call, here it is kept."""
    key = "dealwire.text"
    if key not in doc.user_data:
        doc.user_data[key] = doc.text
    kept: str = doc.user_data[key]
    return kept


def _mark_sentences(doc: "Doc") -> "Doc":
    from spacy.attrs import IDX

    if not len(doc):
        return doc
    told = list(sentence_starts(text_of(doc)))
    doc.user_data[STARTS] = told
    # One array of token offsets and a binary search are much cheaper than a loop over tokens.
    for at in doc.to_array([IDX]).reshape(-1).searchsorted(told):
        if at < len(doc):
            doc[int(at)].is_sent_start = True
    doc[0].is_sent_start = True
    if len(doc) > 1 and doc[1].is_sent_start is None:
        # Where all tokens but the first are left open, spaCy says that there are no sentences.
        doc[1].is_sent_start = False
    return doc
