"""The spaCy pipeline: blank English or one of the user's choice, with our sentence boundaries, built once."""

import importlib.metadata
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractors.sentences import sentence_starts
from schemas.component import Component
from schemas.errors import ComponentUnusable, PipelineUnusable

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

STARTS = "dealwire.sentence_starts"
"""Where `Doc.user_data` holds the starts of the sentences in code points; a loop over `doc.sents` takes far longer."""
LONGEST = 20_000_000
"""Code points; longer texts are refused by spaCy."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def pipeline(name: str = "", components: Sequence[Component] = ()) -> "Language":
    """A tokenizer for English whose documents have `doc.sents`; or the pipeline `name`, a package or a folder.

    It ends with the `components` whose place is before ours. A pipeline of the user's choice keeps its own bound on the
    length of texts. Raises `PipelineUnusable`.
    """
    return _with(name, tuple(one.model_dump_json() for one in components if one.place == "before"))


def afterwards(name: str, components: Sequence[Component]) -> "list[Callable[[Doc], Doc]]":
    """The `components` whose place is after ours, over the words of the pipeline. Raises `PipelineUnusable`."""
    return _after(name, tuple(one.model_dump_json() for one in components if one.place == "after"))


def which(name: str) -> str:
    """Which pipeline `name` is, without loading it. Raises `PipelineUnusable` if it is not installed."""
    folder = Path(name)
    if (folder / "meta.json").is_file():
        return f"the folder {name}"
    if folder.is_dir() or len(folder.parts) > 1:
        raise PipelineUnusable(name, "there is no pipeline in this folder; `Language.to_disk` writes one")
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError as error:
        # `pip install NAME` alone would take whatever a stranger has put on the index under this name.
        how = f"it is not installed; `python -m spacy download {name}` has pip install it"
        raise PipelineUnusable(name, how) from error


def organisations(doc: "Doc") -> list[tuple[int, int]]:
    """The spans that the pipeline takes for organisations, in code points; none where it does not look for them."""
    return [(one.start_char, one.end_char) for one in doc.ents if one.label_ == "ORG"]


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


@cache
def _with(name: str, components: tuple[str, ...]) -> "Language":
    if not components:
        return _built(name)
    # One of its own: who asks for the pipeline alone gets it without them.
    nlp = _make(name)
    for one in components:
        _add(nlp, Component.model_validate_json(one))
    return nlp


@cache
def _after(name: str, components: tuple[str, ...]) -> "list[Callable[[Doc], Doc]]":
    import spacy

    nlp = spacy.blank("en", vocab=_built(name).vocab)
    for one in components:
        _add(nlp, Component.model_validate_json(one))
    return [process for _, process in nlp.pipeline]


def _add(nlp: "Language", one: Component) -> None:
    import spacy

    try:
        if one.source:
            which(one.source)
            nlp.add_pipe(one.factory, name=one.called, source=spacy.load(one.source))
        else:
            nlp.add_pipe(one.factory, name=one.called, config=one.config)
    except PipelineUnusable as error:
        raise ComponentUnusable(one.factory, f"its source {error.name!r}: {error.reason}") from error
    except Exception as error:  # a factory of anybody's
        told = str(error).strip().split("\n")[0]
        if not one.source and not nlp.has_factory(one.factory):
            told = (
                "spaCy knows no factory of this name; install the package that brings it, or list the file with "
                "its @Language.component or @Language.factory under [extractors] paths"
            )
        raise ComponentUnusable(one.factory, told) from error


@cache
def _built(name: str) -> "Language":
    return _make(name)


def _make(name: str) -> "Language":
    import spacy
    from spacy.language import Language

    if not Language.has_factory("dealwire_sentences"):
        Language.component("dealwire_sentences", func=_mark_sentences)
    if name:
        which(name)
        try:
            nlp = spacy.load(name)
        except Exception as error:  # a package of anybody's, which may need others that are not there
            raise PipelineUnusable(name, f"it does not load: {str(error).partition(chr(10))[0]}") from error
        if "dealwire_sentences" not in nlp.pipe_names:
            # First, so that a parser behind it keeps to these sentences.
            nlp.add_pipe("dealwire_sentences", first=True)
        return nlp
    nlp = spacy.blank("en")
    nlp.max_length = LONGEST
    nlp.add_pipe("dealwire_sentences")
    return nlp


def _mark_sentences(doc: "Doc") -> "Doc":
    import numpy as np
    from spacy.attrs import IDX, SENT_START

    if not len(doc):
        return doc
    told = list(sentence_starts(text_of(doc)))
    doc.user_data[STARTS] = told
    # Arrays and a binary search: a loop over tokens costs more, and every `is_sent_start` looks at the whole document.
    places = doc.to_array([IDX]).reshape(-1).searchsorted(told)
    marks: Any = np.full((len(doc), 1), -1, dtype=np.int64)
    marks[places[places < len(doc)]] = 1
    marks[0] = 1
    doc.from_array([SENT_START], marks.astype(np.uint64))
    return doc
