"""Running extractors over texts: each on its own, so that one that fails costs its records and nothing else."""

import re
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from extractors import registry
from extractors.encoder import Encoder, session
from extractors.limits import Limits, TookTooLong, limited
from extractors.nlp import STARTS, afterwards, pipeline, readable, text_of
from extractors.registry import Extractor
from schemas.component import Component
from schemas.errors import ExtractorFailed, Retryable
from schemas.record import Record

if TYPE_CHECKING:
    from spacy.tokens import Doc

_KEY = "dealwire"
ENCODER = "dealwire.encoder"
"""Where `Doc.user_data` says which `Encoder` may be asked."""
CATALOGUE = "dealwire.catalogue"
"""Where `Doc.user_data` says whether the names of the catalogue are known."""
LONGEST_READ = 60_000
"""Code points; what is longer is no article, and the rules read it alone."""
_CITES = re.compile(r"(?:(?:\[\d{1,3}\])+\s*|\s+)$")
_IDS = ("company_id", "chip_id", "model_id")
NO_LIMITS = Limits(0, 0)


class Outcome(NamedTuple):
    """What one extractor made of one text; `error` holds the last lines of the traceback if it failed.

    `skipped`: its `when` did not want the text. `later`: it raised a `Retryable`, so it is worth running it on this
    text again in a later pass.
    """

    extractor: Extractor
    records: tuple[Record, ...]
    error: str | None
    seconds: float
    skipped: bool = False
    later: bool = False


def extract(
    texts: Iterable[str],
    *,
    using: Sequence[Extractor] | None = None,
    encoder: Encoder = True,
    catalogue: bool = True,
    spacy_pipeline: str = "",
    components: Sequence[Component] = (),
    limits: Limits | None = None,
    excused: Mapping[str, str] | None = None,
    watch: "Watch | None" = None,
) -> Iterator[tuple[Outcome, ...]]:
    """For each text, in order, what each extractor found. `using` defaults to all that are registered.

    Extractors that those in `using` require are run for them where need be; their finds are not told. Without `encoder`
    the rules and the catalogue work alone: less is found, many times faster; "small" leaves the encoder's large network
    out. Without `catalogue` no name is known beforehand, which tells how names never seen are found. `spacy_pipeline`
    names an installed pipeline, or the folder of one, that reads the texts instead of blank English; its organisations
    may be companies. `components` are spaCy's, before or after the built-in extractors. `limits` bound users'
    extractors. `excused` ones fail with what is said there, untried. `watch` is told which extractor of a user is at
    work.
    """
    if using is None:
        from extractors.builtin import extractors

        using = extractors()
    how = _How(
        {one.name: one for one in using},
        encoder,
        catalogue,
        spacy_pipeline,
        tuple(components),
        limits or NO_LIMITS,
        excused or {},
        watch,
    )
    for text in texts:
        article = _Article(text, how)
        yield tuple(article.outcome(one) for one in using)


def failed(using: Sequence[Extractor], error: str) -> tuple[Outcome, ...]:
    """What is left of a text that no extractor got to see."""
    return tuple(Outcome(one, (), error, 0.0) for one in using)


def last_lines() -> str:
    """The end of the traceback of the error being handled."""
    return "\n".join(traceback.format_exc(limit=-3).strip().splitlines()[-6:])


def find(name: str, text: str) -> tuple[Record, ...]:
    """What the extractor `name` finds in a text, after those that it requires; for tests and notebooks.

    Raises `ExtractorRefused` if it is not registered, and `ExtractorFailed`.
    """
    ((outcome,),) = extract([text], using=[registry.get(name)])
    if outcome.error is not None:
        raise ExtractorFailed(name, outcome.error)
    return outcome.records


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


class Watch(Protocol):
    """Told when an extractor of a user begins and ends."""

    def begin(self, name: str) -> None: ...

    def end(self) -> None: ...


class _How(NamedTuple):
    using: Mapping[str, Extractor]
    encoder: Encoder
    catalogue: bool
    spacy_pipeline: str
    components: tuple[Component, ...]
    limits: Limits
    excused: Mapping[str, str]
    watch: Watch | None


class _Article:
    """One text while it is read. Its document is made when an extractor first asks for more than the text."""

    def __init__(self, text: str, how: _How) -> None:
        self._text, self._how = readable(text), how
        self._found: dict[str, tuple[Record, ...]] = {}
        self._errors: dict[str, str] = {}
        self._seconds: dict[str, float] = {}
        self._doc: Doc | None = None
        self._unreadable: str | None = None
        self._skipped: set[str] = set()
        self._put_off: set[str] = set()
        self._complete = not any(one.place == "after" for one in how.components)

    def outcome(self, one: Extractor) -> Outcome:
        """What the extractor finds here, after those that it requires."""
        self._ensure(one)
        records, error = self._found.get(one.name, ()), self._errors.get(one.name)
        seconds = self._seconds.get(one.name, 0.0)
        return Outcome(one, records, error, seconds, one.name in self._skipped, one.name in self._put_off)

    def _ensure(self, one: Extractor) -> None:
        if one.name in self._found or one.name in self._errors:
            return
        if one.name in self._how.excused:
            self._errors[one.name] = self._how.excused[one.name]
            return
        if one.when is not None and not self._wanted(one):
            return
        for need in one.requires:
            self._ensure(self._named(need))
        if missing := [need for need in one.requires if need in self._errors]:
            told = f"not run, because {', '.join(missing)} failed on this article"
            if self._put_off.intersection(missing):
                self._put_off.add(one.name)
            self._errors[one.name] = self._unreadable or told
        elif one.text_alone:
            self._guarded(one, lambda: self._run(one, cast("Doc", SimpleNamespace(text=self._text))))
        elif (doc := self._document(one)) is None:
            self._errors[one.name] = self._unreadable or ""
        else:
            self._guarded(one, lambda: self._run(one, doc))

    def _wanted(self, one: Extractor) -> bool:
        """Whether its `when` wants the text; an error in it is an error of the extractor."""
        wanted: list[bool] = []
        self._guarded(one, lambda: wanted.append(bool(one.when and one.when(self._text))))
        if wanted == [False]:
            self._found[one.name] = ()
            self._skipped.add(one.name)
        return wanted == [True]

    def _named(self, name: str) -> Extractor:
        return self._how.using.get(name) or registry.get(name)

    def _guarded(self, one: Extractor, work: Any) -> None:
        """Do the work; an error, or too much time or memory where it is a user's, is kept as the extractor's."""
        started = time.perf_counter()
        limits = self._how.limits if one.custom else NO_LIMITS
        if one.seconds is not None and limits.seconds:
            limits = limits._replace(seconds=one.seconds)
        if one.custom and self._how.watch is not None:
            self._how.watch.begin(one.name)
        try:
            if limits == NO_LIMITS:
                work()
            else:
                with limited(limits):
                    work()
        except TookTooLong:
            self._fail(one, f"{last_lines()}\nit took more than {limits.seconds:g} s on this article")
        except MemoryError:
            self._fail(one, f"{last_lines()}\nit took more than {limits.megabytes} MB on this article")
        except Retryable as error:
            self._put_off.add(one.name)
            self._fail(one, str(error))
        except Exception:  # a custom extractor is anybody's code
            self._fail(one, last_lines())
        finally:
            if self._how.watch is not None:
                self._how.watch.end()
            self._seconds[one.name] = self._seconds.get(one.name, 0.0) + time.perf_counter() - started

    def _run(self, one: Extractor, doc: "Doc") -> None:
        found = tuple(one.function(doc))
        _check(one, found, len(self._text))
        self._found[one.name] = found
        if self._doc is not None:
            _mark(self._doc, one.name, found)

    def _fail(self, one: Extractor, error: str) -> None:
        self._found.pop(one.name, None)
        self._errors[one.name] = error

    def _document(self, one: Extractor) -> "Doc | None":
        """The document; None if spaCy, or a component of the user's, fails on the text."""
        if self._doc is None and self._unreadable is None:
            try:
                self._doc = self._read()
            except Exception:  # a user's pipeline is anybody's code, and spaCy refuses texts that are too long
                self._unreadable = last_lines()
        if self._doc is not None and not self._complete and one.custom:
            # What comes after the built-in extractors sees what they have found, and comes before the user's.
            self._complete = True
            for ours in registry.BUILTIN:
                self._ensure(self._named(ours))
            try:
                for component in afterwards(self._how.spacy_pipeline, self._how.components):
                    self._doc = component(self._doc)
            except Exception:
                self._doc, self._unreadable = None, last_lines()
        return self._doc

    def _read(self) -> "Doc":
        doc: Doc = pipeline(self._how.spacy_pipeline, self._how.components)(self._text)
        doc.user_data[_KEY] = self._found
        readable = session.available() and len(self._text) <= LONGEST_READ
        doc.user_data[ENCODER] = self._how.encoder if readable else False
        doc.user_data[CATALOGUE] = self._how.catalogue
        for name, found in self._found.items():
            _mark(doc, name, found)
        return doc


def _check(one: Extractor, found: Sequence[Record], length: int) -> None:
    for record in found:
        if not isinstance(record, one.record):
            raise TypeError(f"{one.name} gave a {type(record).__name__}, it is registered for {one.record.__name__}")
        if record.end > length:
            raise ValueError(f"{one.name} gave evidence up to {record.end}, the text ends at {length}")


def _mark(doc: "Doc", name: str, found: Sequence[Record]) -> None:
    """Put the records into `doc.spans`, each with the id of what it names as `kb_id_`."""
    spans = []
    for one in found:
        known = next((value for key in _IDS if (value := getattr(one, key, None))), "")
        spans.append(doc.char_span(one.start, one.end, label=name, kb_id=known, alignment_mode="expand"))
    doc.spans[name] = [span for span in spans if span is not None]
