"""`dealwire extract`: mentions and deals of texts at hand, without a warehouse."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from dealwire import jsonl
from dealwire.cli import options
from dealwire.cli.output import print_json_line
from dealwire.settings import Settings
from schemas.errors import InvalidInput

Document = dict[str, Any]
_BATCH = 64


def extract(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(help="JSONL with id and text, plain text files, or web addresses; - or none: JSONL on stdin."),
    ] = None,
    config: options.Config = None,
) -> None:
    """Read texts and write one JSON object each: id, mentions and deals, offsets in code points into text."""
    from dealwire import catalogue
    from dealwire.cli.progress import Reporter

    settings = options.settings(None, config)
    catalogue.prepare(settings)
    with Reporter() as progress:
        for done, document in enumerate(extracted(documents(inputs or ["-"], settings)), 1):
            print_json_line(document)
            # How many there will be is not known before they are read.
            if done % _BATCH == 0:
                progress("extract", done, 0)


def extracted(given: Iterable[Mapping[str, Any]]) -> Iterator[Document]:
    """The documents with what the built-in extractors find in them, in the order given."""
    from dealwire.documents import as_document
    from extractors import builtin, run

    using = builtin.extractors()
    stream = iter(given)
    while batch := list(islice(stream, _BATCH)):
        for one, outcomes in zip(batch, run.extract((one["text"] for one in batch), using=using), strict=True):
            yield as_document(one["id"], one["text"], outcomes)


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
        yield from json_lines(_chain(first, file), name)
        return
    text = first + file.read()
    if not text.strip():
        raise InvalidInput(f"{name} is empty")
    yield {"id": name, "text": text}


def _chain(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _page(url: str, settings: Settings) -> Document:
    from dealwire import steps
    from dealwire.feeds import articles, page

    with steps.client(settings) as http:
        answer = http.fetch(url)
    found = page.read_page(answer.body, url=answer.url, content_type=answer.headers.get("content-type", ""))
    if not found.text.strip():
        raise InvalidInput(f"{url} holds no article text")
    return {"id": url, "text": articles.compose(found.title or "", found.text)}
