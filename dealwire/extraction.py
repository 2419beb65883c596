"""Extraction from stored articles: what is stale is read again, and each extractor fails for itself alone."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from dealwire import at_work, catalogue, language_model, merging
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
_FEW = 50
"""Articles of which the names are stored with the records, and not all names once at the end."""
_SHOWN = 1_000
"""Errors that a report holds; the ledger holds all."""


class Plan(NamedTuple):
    """The extractors to use, each after those it requires, and what to tell of the others."""

    using: "tuple[Extractor, ...]"
    warnings: tuple[str, ...]

    @property
    def versions(self) -> list[ledger.Version]:
        """As the ledger knows them."""
        return versions(self.using)


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
    choice = _Choice(settings, names)
    with suppress(_Undone), warehouse(settings).write() as db:
        choice.make(db)
        if dry:
            raise _Undone
    return choice.plan


def versions(every: "Iterable[Extractor]") -> list[ledger.Version]:
    """The extractors as the ledger knows them."""
    return [ledger.Version(one.name, one.version, one.rests_on) for one in every]


def unknown(name: str, known: Iterable[str], problems: Iterable[str]) -> InvalidInput:
    """What to raise for an extractor that is not there; the problems may be why."""
    return InvalidInput("; ".join((f"there is no extractor {name!r}; there are: {', '.join(known)}", *problems)))


def readers(
    settings: Settings,
    *,
    using: "Sequence[Extractor] | None" = None,
    expected: int | None = None,
    mark: at_work.Mark | None = None,
) -> "Readers":
    """Extraction as the settings want it; a context manager. `expected`: how many texts will come, where it is known.

    With a `mark` it is known after a crash who was at work; where that has happened, other processes read.
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
        apart=mark is not None and bool(mark.left),
        watch=mark,
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
    choice, corrections = _Choice(settings, names), merging.Corrections(settings)
    store = warehouse(settings)
    done, total, renamed, few, started = 0, 0, False, False, time.monotonic()
    at_once = settings.batch * _AT_ONCE
    waiting: list[ledger.Stale] = []
    crashes: list[str] = []

    def more(db: duckdb.DuckDBPyConnection, versions: Sequence[ledger.Version]) -> list[ledger.Stale]:
        if seconds is not None and time.monotonic() - started >= seconds:
            return []
        return ledger.stale(db, versions, at_once if most is None else min(at_once, most - done), only=only)

    def told(count: int) -> None:
        tell("extract", done + count, total)

    with _marked(settings, choice.every) as mark:
        # In one transaction: each opens the file, which takes longer than to read an article.
        with store.write() as db:
            if choice.make(db):
                renamed = corrections.synchronise(db)
                crashes = _after_crashes(db, mark.left, choice.using)
                if all(one.text_alone for one in choice.using):
                    # They read so fast that what costs is opening the warehouse.
                    at_once = _MOST_AT_ONCE
                known = versions(choice.using)
                if only is None:
                    ledger.reopen(db, known)
                total = ledger.stale_count(db, known, only=only)
                few = only is None and 0 < total <= min(_FEW, at_once) and catalogue.refreshed(db)
                waiting = more(db, known) if total else []
                if only is None and not total and catalogue.left(db):
                    catalogue.refresh(db)
        chosen = choice.plan
        total = total if most is None else min(most, total)
        tell("extract", 0, total)
        if not total:
            return ExtractReport(renamed=renamed, warnings=(*chosen.warnings, *crashes))
        names_too = not all(one.custom for one in chosen.using)
        with readers(settings, using=chosen.using, expected=total, mark=mark) as reading:
            run = _Run(chosen.using, reading, settings.extractors.failures, mark)
            while waiting:
                began, left = time.monotonic(), len(waiting)
                for found in _batches(run.read(waiting), settings.batch, told):
                    done, left = done + len(found), left - len(found)
                    if not left and time.monotonic() - began < _STORE_SECONDS:
                        at_once = max(at_once, min(4 * at_once, _MOST_AT_ONCE))
                    with store.write() as db:
                        _store(db, found, few=few, names_too=names_too)
                        if not left:
                            # Of a few: what has come meanwhile is for the next run, which its storing wakes.
                            waiting = [] if few else more(db, run.versions())
                    tell("extract", done, max(total, done))
    if done and only is None and names_too and not few:
        with store.write() as db:
            catalogue.refresh(db)
    return ExtractReport(
        articles=done,
        records=run.records,
        failed=run.failed,
        errors=tuple(run.errors),
        later=run.later,
        note=lacking(settings),
        warnings=(*chosen.warnings, *crashes, *run.told),
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


def _store(
    db: duckdb.DuckDBPyConnection, found: "list[tuple[str, list[Outcome]]]", *, few: bool, names_too: bool
) -> None:
    """Store what was found, and of a few articles the names in them, which many get at the end all at once."""
    if few and names_too:
        with catalogue.following(db, [article_id for article_id, _ in found]):
            load.store_outcomes(db, found)
        return
    load.store_outcomes(db, found)
    if names_too:
        catalogue.leave(db)


class _Choice:
    """Which extractors are used, made in a transaction of the caller's."""

    def __init__(self, settings: Settings, names: Sequence[str] | None) -> None:
        from extractors import builtin

        self._names = names
        self._problems, self._unasked = _prepared(settings)
        self.every = builtin.extractors()
        known = [one.name for one in self.every]
        for name in names or ():
            if name not in known:
                raise unknown(name, known, (*self._problems, *self._unasked))
        self.using: tuple[Extractor, ...] = ()
        self._refused: dict[str, DealwireError] = {}
        self._gone: list[custom_tables.Known] = []

    def make(self, db: duckdb.DuckDBPyConnection) -> bool:
        """Choose; False if one that is named is refused, as `plan` then says."""
        every, names = self.every, self._names
        self._refused = custom_tables.register(db, [one for one in every if one.custom])
        # What a file that cannot be read holds is not gone.
        if not self._problems:
            self._gone = custom_tables.note_removed(db, [one.name for one in every])
        without = _with_dependents(self._refused, every)
        self.using = tuple(one for one in every if one.name not in without and (not names or one.name in names))
        told = json.dumps(versions(self.using))
        if not names and told != notes.get(db, notes.EXTRACTORS):
            notes.put(db, notes.EXTRACTORS, told)
        return not any(name in self._refused for name in names or ())

    @property
    def plan(self) -> Plan:
        """What was chosen. Raises what a named one is refused for."""
        for name in self._names or ():
            if name in self._refused:
                raise self._refused[name]
        warnings = [*self._problems, *self._unasked]
        warnings += [f"{error}; the other extractors go on" for error in self._refused.values()]
        warnings += [
            f"the extractor {one.extractor!r} is gone; its table {one.table} stays, "
            f"`dealwire extractors drop {one.extractor}` deletes it"
            for one in self._gone
        ]
        return Plan(self.using, tuple(warnings))


class _Run:
    """What has become of each extractor so far."""

    def __init__(self, using: "Sequence[Extractor]", reading: "Readers", most: int, mark: at_work.Mark) -> None:
        self._using, self._reading, self._most, self._mark = using, reading, most, mark
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
        return versions(one for one in self._using if one.name not in self.off)

    def read(self, waiting: Sequence[ledger.Stale]) -> "Iterator[tuple[str, list[Outcome]]]":
        """The articles' ids with what their extractors have found."""
        for names, group in groupby(waiting, key=lambda one: one[2]):
            articles = list(group)
            found = self._reading.extract(self._texts(articles), names)
            for (article_id, _, _), outcomes in zip(articles, found, strict=True):
                yield article_id, [one for one in outcomes if self._counts(article_id, one)]

    def _texts(self, articles: Iterable[ledger.Stale]) -> Iterator[str]:
        for article_id, text, _ in articles:
            self._mark.article_id = article_id
            yield text

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


def _marked(settings: Settings, using: "Iterable[Extractor]") -> AbstractContextManager[at_work.Mark]:
    """A mark of who is at work, where there are extractors that are anybody's code."""
    return at_work.marked(settings.database) if any(one.custom for one in using) else nullcontext(at_work.Mark())


def _after_crashes(
    db: duckdb.DuckDBPyConnection, left: Sequence[at_work.Left], using: "Iterable[Extractor]"
) -> list[str]:
    """What to tell of the processes that ended while extractors of these were at work.

    They are tried again, apart. Where no other process can find all extractors they are not: the ledger says failed.
    """
    from extractors import run
    from extractors.processes import importable

    told: list[str] = []
    if not left:
        return told
    known = {one.name: one for one in using}
    apart = all(map(importable, known.values()))
    for article_id, name in left:
        what = f"the extractor {name!r} was reading the article {article_id} when the process ended"
        if name in known and not apart:
            load.store_outcomes(db, [(article_id, run.failed([known[name]], what))])
            told.append(f"{what}; it is not tried on that article again")
        else:
            told.append(f"{what}; this time processes of their own read, which costs that article's records alone")
    return told


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
