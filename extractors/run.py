"""Running extractors over texts: each on its own, so that one that fails costs its records and nothing else."""

import re
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from extractors.encoder import session
from extractors.nlp import STARTS, pipeline, readable, text_of
from extractors.registry import Extractor
from schemas.errors import Retryable
from schemas.record import Record

if TYPE_CHECKING:
    from spacy.tokens import Doc

_KEY = "dealwire"
ENCODER = "dealwire.encoder"
"""Where `Doc.user_data` says whether the encoder may be asked."""
CATALOGUE = "dealwire.catalogue"
"""Where `Doc.user_data` says whether the names of the catalogue are known."""
LONGEST_READ = 60_000
"""Code points; what is longer is no article, and the rules read it alone."""
_CITES = re.compile(r"(?:(?:\[\d{1,3}\])+\s*|\s+)$")


class Outcome(NamedTuple):
    """What one extractor made of one text; `error` holds the last lines of the traceback if it failed.

    `later`: it raised a `Retryable`, so it is worth running it on this text again in a later pass.
    """

    extractor: Extractor
    records: tuple[Record, ...]
    error: str | None
    seconds: float
    later: bool = False


def extract(
    texts: Iterable[str],
    *,
    using: Sequence[Extractor] | None = None,
    encoder: bool = True,
    catalogue: bool = True,
    spacy_pipeline: str = "",
) -> Iterator[tuple[Outcome, ...]]:
    """For each text, in order, what each extractor found. `using` defaults to all that are registered.

    Without `encoder` the rules and the catalogue work alone: less is found, many times faster. Without `catalogue` no
    name is known beforehand, which tells how names never seen are found. `spacy_pipeline` names an installed pipeline,
    or the folder of one, that reads the texts instead of blank English; its organisations may be companies.
    """
    if using is None:
        from extractors.builtin import extractors

        using = extractors()
    nlp = pipeline(spacy_pipeline)
    for text in texts:
        try:
            doc = nlp(readable(text))
        except Exception:  # a user's pipeline is anybody's code, and spaCy refuses texts that are too long
            yield failed(using, last_lines())
            continue
        doc.user_data[_KEY] = {}
        doc.user_data[ENCODER] = encoder and session.available() and len(text) <= LONGEST_READ
        doc.user_data[CATALOGUE] = catalogue
        lost: set[str] = set()
        yield tuple(_run(one, doc, lost) for one in using)


def failed(using: Sequence[Extractor], error: str) -> tuple[Outcome, ...]:
    """What is left of a text that no extractor got to see."""
    return tuple(Outcome(one, (), error, 0.0) for one in using)


def last_lines() -> str:
    """The end of the traceback of the error being handled."""
    return "\n".join(traceback.format_exc(limit=-3).strip().splitlines()[-6:])


def records(doc: "Doc", name: str) -> tuple[Record, ...]:
    """What the extractor `name` found in the document; empty before it has run."""
    return tuple(doc.user_data.get(_KEY, {}).get(name, ()))


def sentences(doc: "Doc") -> list[tuple[int, int]]:
    """Start and end of each sentence in code points, without surrounding blanks."""
    key = f"{_KEY}.sentences"
    if key not in doc.user_data:
        text = text_of(doc)
        starts = doc.user_data.get(STARTS)
        if starts is None:
            starts = [one.start_char for one in doc.sents] if len(doc) else []
        spans = pairwise([*starts, len(text)])
        trimmed = [
            (end - len(text[start:end].lstrip()), start + len(_CITES.sub("", text[start:end]))) for start, end in spans
        ]
        doc.user_data[key] = [(start, end) for start, end in trimmed if end > start]
    return list(doc.user_data[key])


def _run(one: Extractor, doc: "Doc", lost: set[str]) -> Outcome:
    started = time.perf_counter()
    missing = [need for need in one.requires if need in lost]
    found: tuple[Record, ...] = ()
    error: str | None = None
    later = False
    if missing:
        error = f"not run, because {', '.join(missing)} failed on this article"
    else:
        try:
            found = tuple(one.function(doc))
            _check(one, found, len(text_of(doc)))
            _keep(one.name, doc, found)
        except Retryable as told:
            found, error, later = (), str(told), True
        except Exception:  # a custom extractor is anybody's code
            found = ()
            error = last_lines()
    if error:
        lost.add(one.name)
    return Outcome(one, found, error, time.perf_counter() - started, later)


def _check(one: Extractor, found: Sequence[Record], length: int) -> None:
    for record in found:
        if not isinstance(record, one.record):
            raise TypeError(f"{one.name} gave a {type(record).__name__}, it is registered for {one.record.__name__}")
        if record.end > length:
            raise ValueError(f"{one.name} gave evidence up to {record.end}, the text ends at {length}")


def _keep(name: str, doc: "Doc", found: Sequence[Record]) -> None:
    doc.user_data[_KEY][name] = found
    spans = (doc.char_span(one.start, one.end, label=name, alignment_mode="expand") for one in found)
    doc.spans[name] = [span for span in spans if span is not None]
