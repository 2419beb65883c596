"""`dealwire extract`: what is in texts at hand, without a warehouse; with --stale, in the stored articles."""

import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from dealwire import jsonl
from dealwire.cli import options
from dealwire.cli.output import print_json_line, say
from dealwire.settings import Settings
from schemas.errors import DealwireError, InvalidInput

if TYPE_CHECKING:
    from dealwire.cli.progress import Reporter
    from dealwire.warehouse.corrections import Meanings

Document = dict[str, Any]
_LOCK_SECONDS = 2.0
"""Texts at hand do not wait longer for a warehouse, which knows no more of them than which companies are one."""


def extract(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="JSONL with id and text, plain text files, or web addresses; - or none: JSONL on stdin. With --stale: "
            "names of extractors; none: all."
        ),
    ] = None,
    stale: Annotated[
        bool,
        typer.Option("--stale", help="Read the stored articles that an extractor has not read in its present version."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --stale: say how many articles and how long, and do nothing.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="OUT.html", help="Write a page that shows what was found, not JSON.", show_default=False
        ),
    ] = None,
    no_encoder: options.NoEncoder = False,
    processes: Annotated[
        int | None,
        typer.Option("--processes", min=0, max=64, help="Processes; 0: as many as pay off.", show_default=False),
    ] = None,
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Read texts and write one JSON object each: id, mentions and deals, offsets in code points into text.

    With --stale the stored articles are read by the extractors that have not read them, and the records stored; it may
    be stopped at any time and goes on from there.
    """
    from dealwire import extraction
    from dealwire.cli.progress import Reporter

    settings = options.settings(db, config, encoder=False if no_encoder else None, processes=processes)
    if dry_run and not stale:
        raise InvalidInput("--dry-run goes with --stale; without it nothing is stored anyway")
    if stale:
        if html is not None:
            raise InvalidInput("--html goes with texts; --stale reads the stored articles")
        from dealwire.cli import stale as stored

        (stored.foretell if dry_run else stored.read)(settings, inputs)
        return
    for problem in extraction.prepare(settings):
        say(f"WARNING: {problem}")
    with Reporter() as progress:
        given = documents(inputs or ["-"], settings)
        found = _counted(extracted(given, settings, meanings=_meanings(settings)), progress)
        if html is None:
            for document in found:
                print_json_line(document)
        else:
            _write_page(html, found)


def _meanings(settings: Settings) -> "Meanings":
    """What names stand for in the archive; of a warehouse that cannot be read, what the alias file says alone."""
    from dealwire import merging

    soon = settings.model_copy(update={"lock_seconds": min(settings.lock_seconds, _LOCK_SECONDS)})
    try:
        return merging.meanings(soon)
    except InvalidInput:
        raise
    except DealwireError as error:
        say(f"WARNING: {error}; so companies that were merged by command keep their own names here")
        return merging.meanings(settings, stored=False)


def extracted(
    given: Iterable[Mapping[str, Any]],
    settings: Settings,
    *,
    expected: int | None = None,
    meanings: "Meanings | None" = None,
) -> Iterator[Document]:
    """The documents with what the extractors find in them, in the order given. `expected`: how many there will be.

    What an extractor that failed would have found is missing, which is said. `meanings`: what names stand for.
    """
    from dealwire import steps
    from dealwire.documents import as_document, corrected

    waiting: deque[Mapping[str, Any]] = deque()
    put_off: set[str] = set()

    def texts() -> Iterator[str]:
        for one in given:
            waiting.append(one)
            yield one["text"]

    with steps.readers(settings, expected=expected) as reading:
        note = steps.lacking(settings)
        for outcomes in reading.extract(texts()):
            one = waiting.popleft()
            if note:
                say(note)
                note = None
            later = {outcome.error for outcome in outcomes if outcome.error and outcome.later}
            for error in sorted(later - put_off):
                say(error)
            put_off |= later
            errors = {outcome.error for outcome in outcomes if outcome.error and not outcome.later}
            for error in sorted(errors):
                say(f"{one['id']}: {error.splitlines()[-1]}")
            yield as_document(one["id"], one["text"], corrected(outcomes, meanings or {}))


def _counted(found: Iterable[Document], progress: "Reporter") -> Iterator[Document]:
    for done, document in enumerate(found, 1):
        yield document
        # How many there will be is not known before they are read.
        if done % 64 == 0:
            progress("extract", done, 0)


def _write_page(path: Path, found: Iterable[Document]) -> None:
    from dealwire.cli import highlight

    documents = mentions = deals = 0

    def counted() -> Iterator[Document]:
        nonlocal documents, mentions, deals
        for one in found:
            yield one
            documents += 1
            mentions += len(one["mentions"])
            deals += len(one["deals"])

    highlight.write(path, counted())
    say(f"wrote {path}: {documents} texts, {mentions} mentions, {deals} deals")


def documents(inputs: Iterable[str], settings: Settings) -> Iterator[Document]:
    """What the arguments name, as objects with id and text. Raises `InvalidInput` with the file and line at fault."""
    for name in inputs:
        if name.startswith(("http://", "https://")):
            yield _page(name, settings)
        elif name == "-":
            yield from _stream(sys.stdin, "standard input")
        else:
            try:
                with Path(name).open(encoding="utf-8-sig", newline="") as file:
                    yield from _stream(file, name)
            except (OSError, UnicodeDecodeError) as error:
                raise InvalidInput(f"{name} cannot be read ({error})") from error


def json_lines(lines: Iterable[str], name: str) -> Iterator[Document]:
    """Objects with id and text, one a line; blank lines are skipped."""
    for number, one in jsonl.values(lines, name):
        if not isinstance(one, dict) or not isinstance(one.get("text"), str):
            raise InvalidInput(f'{name} line {number} has no "text"; each line should be {{"id": …, "text": …}}')
        yield {**one, "id": one.get("id", f"{name}:{number}")}


def _stream(file: TextIO, name: str) -> Iterator[Document]:
    first = file.readline()
    while first and not first.strip():
        first = file.readline()
    if name.endswith((".jsonl", ".ndjson")) or first.lstrip().startswith("{"):
        yield from json_lines(chain([first], file), name)
        return
    text = first + file.read()
    if not text.strip():
        raise InvalidInput(f"{name} is empty")
    yield {"id": name, "text": text}


def _page(url: str, settings: Settings) -> Document:
    from dealwire import steps
    from dealwire.feeds import articles, page

    with steps.client(settings) as http:
        answer = http.fetch(url)
    found = page.read_page(answer.body, url=answer.url, content_type=answer.headers.get("content-type", ""))
    if not found.text.strip():
        raise InvalidInput(f"{url} holds no article text")
    return {"id": url, "text": articles.compose(found.title or "", found.text)}
