"""Extraction from stored articles: what is stale is read again, and each extractor fails for itself alone."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from dealwire import catalogue, language_model, merging
from dealwire.opening import warehouse
from dealwire.settings import Settings
from dealwire.warehouse import custom_tables, ledger, load, notes
from schemas import ExtractReport
from schemas.errors import DealwireError, InvalidInput

if TYPE_CHECKING:
    from extractors.processes import Readers
    from extractors.registry import Extractor
    from extractors.run import Outcome

Progress = Callable[[str, int, int], None]
_AT_ONCE = 5
"""Batches that are fetched at once, and four times as many again where they were read in no time."""
_MOST_AT_ONCE = 8_000
"""Articles; they are held in memory."""
_STORE_SECONDS = 4.0
"""A batch is stored no sooner after the one before: opening the file takes longer than some extractors."""
_SAMPLE = 40
_SAMPLE_SECONDS = 5.0
_SHOWN = 1_000
"""Errors that a report holds; the ledger holds all."""


class Plan(NamedTuple):
    """The extractors to use, each after those it requires, and what to tell of the others."""

    using: "tuple[Extractor, ...]"
    warnings: tuple[str, ...]

    @property
    def versions(self) -> list[ledger.Version]:
        """As the ledger knows them."""
        return [(one.name, one.version) for one in self.using]


class Estimate(NamedTuple):
    """What `extract` would have to do: articles in all and for each extractor, and the time it takes one process."""

    articles: int
    by_extractor: dict[str, int]
    seconds: float
    warnings: tuple[str, ...]


class _Undone(Exception): ...


def prepare(settings: Settings) -> tuple[str, ...]:
    """Make the user's names, extractors and language model known in this process; what could not be, one line each.

    Raises `InvalidInput` for a name file that cannot be read.
    """
    problems, unasked = _prepared(settings)
    return (*problems, *unasked)


def plan(settings: Settings, names: Sequence[str] | None = None, *, dry: bool = False) -> Plan:
    """Load the extractors, see to their tables, and choose those named, or all that can be used, and note these.

    One that is refused is left out with a warning, or raises where it is named. Raises `InvalidInput` if there is none
    of a name. `dry`: the warehouse stays as it is.
    """
    from extractors import builtin

    problems, unasked = _prepared(settings)
    every = builtin.extractors()
    known = [one.name for one in every]
    for name in names or ():
        if name not in known:
            raise unknown(name, known, (*problems, *unasked))
    store = warehouse(settings)
    refused: dict[str, DealwireError] = {}
    gone: list[custom_tables.Known] = []
    found = Plan((), ())
    with suppress(_Undone), store.write() as db:
        refused = custom_tables.register(db, [one for one in every if one.custom])
        # What a file that cannot be read holds is not gone.
        if not problems:
            gone = custom_tables.note_removed(db, known)
        without = _with_dependents(refused, every)
        using = tuple(one for one in every if one.name not in without and (not names or one.name in names))
        found = Plan(using, ())
        if not names and (told := json.dumps(found.versions)) != notes.get(db, notes.EXTRACTORS):
            notes.put(db, notes.EXTRACTORS, told)
        if dry:
            raise _Undone
    for name in names or ():
        if name in refused:
            raise refused[name]
    warnings = [*problems, *unasked]
    warnings += [f"{error}; the other extractors go on" for error in refused.values()]
    warnings += [
        f"the extractor {one.extractor!r} is gone; its table {one.table} stays, "
        f"`dealwire extractors drop {one.extractor}` deletes it"
        for one in gone
    ]
    return found._replace(warnings=tuple(warnings))


def unknown(name: str, known: Iterable[str], problems: Iterable[str]) -> InvalidInput:
    """What to raise for an extractor that is not there; the problems may be why."""
    return InvalidInput("; ".join((f"there is no extractor {name!r}; there are: {', '.join(known)}", *problems)))


def readers(
    settings: Settings, *, using: "Sequence[Extractor] | None" = None, expected: int | None = None
) -> "Readers":
    """Extraction as the settings want it; a context manager. `expected`: how many texts will come, where it is known.

    Raises `PipelineUnusable` if the spaCy pipeline, or a component, that the settings name is not there.
    """
    from extractors import nlp
    from extractors.limits import Limits
    from extractors.processes import Readers

    if settings.spacy_pipeline:
        nlp.which(settings.spacy_pipeline)
    own = settings.extractors
    if own.components:
        nlp.pipeline(settings.spacy_pipeline, own.components)
        nlp.afterwards(settings.spacy_pipeline, own.components)
    return Readers(
        processes=settings.processes,
        using=using,
        encoder=settings.encoder,
        spacy_pipeline=settings.spacy_pipeline,
        components=own.components,
        limits=Limits(own.seconds, own.megabytes),
        expected=expected,
    )


def extract(
    settings: Settings,
    *,
    progress: Progress | None = None,
    names: Sequence[str] | None = None,
    most: int | None = None,
    seconds: float | None = None,
    only: Sequence[str] | None = None,
) -> ExtractReport:
    """Run every extractor, or those named, on the articles it has not read in its present version; store the records.

    Ends when nothing is left, or after the batch in which `most` articles were read or `seconds` have passed. `only`:
    ids of articles that make a share of the work; whoever cut it into shares does what is done once for all.

    Names that the user adds or corrects in `[catalog]` of the settings hold from here on. May be stopped at any time:
    what is stored stays stored, and the next run goes on from there. Raises `InvalidInput` if there is none of a name,
    and `ExtractorRefused` or `RecordIncompatible` if one that is named cannot be used.
    """
    tell = progress or _silent
    chosen = plan(settings, names)
    renamed = merging.synchronise(settings)
    store = warehouse(settings)
    if only is None:
        with store.write() as db:
            ledger.reopen(db, chosen.versions)
            total = ledger.stale_count(db, chosen.versions)
    else:
        with store.read() as db:
            total = len(ledger.stale(db, chosen.versions, len(only), only=only))
    total = total if most is None else min(most, total)
    tell("extract", 0, total)
    if not total:
        return ExtractReport(renamed=renamed, warnings=chosen.warnings)
    done, started = 0, time.monotonic()

    def told(more: int) -> None:
        tell("extract", done + more, total)

    with readers(settings, using=chosen.using, expected=total) as reading:
        run = _Run(chosen.using, reading, settings.extractors.failures)
        at_once = settings.batch * _AT_ONCE
        while (most is None or done < most) and (seconds is None or time.monotonic() - started < seconds):
            with store.read() as db:
                number = at_once if most is None else min(at_once, most - done)
                waiting = ledger.stale(db, run.versions(), number, only=only)
            if not waiting:
                break
            began = time.monotonic()
            for found in _batches(run.read(waiting), settings.batch, told):
                with store.write() as db:
                    load.store_outcomes(db, found)
                done += len(found)
                tell("extract", done, max(total, done))
            if time.monotonic() - began < _STORE_SECONDS:
                at_once = max(at_once, min(4 * at_once, _MOST_AT_ONCE))
    if done and only is None and not all(one.custom for one in chosen.using):
        with store.write() as db:
            catalogue.refresh(db)
    return ExtractReport(
        articles=done,
        records=run.records,
        failed=run.failed,
        errors=tuple(run.errors),
        later=run.later,
        note=lacking(settings),
        warnings=(*chosen.warnings, *run.told),
        switched_off=tuple(run.off),
        renamed=renamed,
    )


def estimate(settings: Settings, *, names: Sequence[str] | None = None) -> Estimate:
    """What `extract` would have to do, and how long it takes, by reading some of the articles; nothing is stored."""
    store = warehouse(settings)
    with store.read():
        """A warehouse that is not there is not made."""
    chosen = plan(settings, names, dry=True)
    with store.read() as db:
        total, each = ledger.stale_count(db, chosen.versions), ledger.stale_by_extractor(db, chosen.versions)
        some = ledger.stale(db, chosen.versions, _SAMPLE, sample=True)
    if not some:
        return Estimate(total, each, 0.0, chosen.warnings)
    read, started = 0, 0.0
    alone = settings.model_copy(update={"processes": 1})
    with readers(alone, using=chosen.using) as reading:
        # The first one takes the models with it.
        for number, (_, text, wanted) in enumerate([some[0], *some]):
            # A trial is not worth its price.
            for _ in reading.extract([text], [name for name in wanted if name != language_model.NAME]):
                read = number
            started = started or time.perf_counter()
            if time.perf_counter() - started > _SAMPLE_SECONDS:
                break
    return Estimate(total, each, (time.perf_counter() - started) / max(read, 1) * total, chosen.warnings)


def lacking(settings: Settings) -> str | None:
    """What to tell of the encoder, if the settings want it and packages that it needs are not installed."""
    from extractors.encoder import session

    missing = session.lacking() if settings.encoder else ()
    return f"{' and '.join(missing)} not installed: rules and catalogue read without the encoder" if missing else None


class _Run:
    """What has become of each extractor so far."""

    def __init__(self, using: "Sequence[Extractor]", reading: "Readers", most: int) -> None:
        self._using, self._reading, self._most = using, reading, most
        self._in_a_row: dict[str, int] = {}
        self.records: dict[str, int] = {}
        self.errors: list[str] = []
        self.failed = 0
        self.later = 0
        self.off: dict[str, None] = {}
        self._switched_off: list[str] = []
        self._reasons: dict[str, list[str]] = {}

    @property
    def told(self) -> list[str]:
        """What the user should know of it, one line each."""
        put_off = (
            f"{len(reasons)} articles are to be read by {name} in a later pass: {reasons[0]}"
            for name, reasons in self._reasons.items()
        )
        return [*self._switched_off, *put_off]

    def versions(self) -> list[ledger.Version]:
        """Those that are still at work."""
        return [(one.name, one.version) for one in self._using if one.name not in self.off]

    def read(self, waiting: Sequence[ledger.Stale]) -> "Iterator[tuple[str, list[Outcome]]]":
        """The articles' ids with what their extractors have found."""
        for names, group in groupby(waiting, key=lambda one: one[2]):
            articles = list(group)
            found = self._reading.extract((text for _, text, _ in articles), names)
            for (article_id, _, _), outcomes in zip(articles, found, strict=True):
                yield article_id, [one for one in outcomes if self._counts(article_id, one)]

    def _counts(self, article_id: str, one: "Outcome") -> bool:
        """Count it, unless its extractor is switched off: then the article stays to be read by it."""
        name = one.extractor.name
        if name in self.off:
            return False
        if not one.skipped:
            self.records[name] = self.records.get(name, 0) + len(one.records)
            self._in_a_row[name] = self._in_a_row.get(name, 0) + 1 if one.error else 0
        if one.error and one.later:
            self.later += 1
            self._reasons.setdefault(name, []).append(one.error)
        elif one.error:
            self.failed += 1
            if len(self.errors) < _SHOWN:
                self.errors.append(f"{article_id} {name}: {one.error}")
            if one.extractor.custom and self._most and self._in_a_row[name] >= self._most:
                self._switch_off(one)
        return True

    def _switch_off(self, one: "Outcome") -> None:
        name, reason = one.extractor.name, (one.error or "").splitlines()[-1]
        self._switched_off.append(
            f"SWITCHED OFF: the extractor {name!r} failed on {self._most} articles in a row and is tried no more in "
            f"this run; the last time: {reason}"
        )
        for other in _with_dependents([name], self._using):
            self.off[other] = None
            self._reading.excuse(other, "switched off for this run")


def _prepared(settings: Settings) -> tuple[list[str], list[str]]:
    """What of the user's extractors could not be loaded, and why the language model is not asked."""
    from extractors import discover

    catalogue.prepare(settings)
    problems = list(map(str, discover.load(settings.extractors.paths)))
    note = language_model.prepare(settings)
    return problems, [note] if note else []


def _with_dependents(names: "Iterable[str]", every: "Sequence[Extractor]") -> dict[str, None]:
    """The names and those that require them; `every` stands in the order in which they run."""
    found = dict.fromkeys(names)
    for one in every:
        if any(need in found for need in one.requires):
            found[one.name] = None
    return found


def _batches(
    results: "Iterator[tuple[str, list[Outcome]]]", size: int, tell: Callable[[int], None]
) -> "Iterator[list[tuple[str, list[Outcome]]]]":
    """Results in batches of `size`, or of more where they come fast; `tell` is told how many came since the last."""
    batch: list[tuple[str, list[Outcome]]] = []
    began = time.monotonic()
    for one in results:
        batch.append(one)
        if len(batch) >= size and time.monotonic() - began > _STORE_SECONDS:
            yield batch
            batch, began = [], time.monotonic()
        elif len(batch) % 20 == 0:
            tell(len(batch))
    if batch:
        yield batch


def _silent(stage: str, done: int, total: int) -> None:
    """Progress for callers that want none."""
