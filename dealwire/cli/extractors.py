"""`dealwire extractors`: tools for those who write extractors of their own."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dealwire.cli import options
from dealwire.cli.output import ask, highlighted, plain, print_json, print_json_line, print_table, say
from schemas.errors import InvalidInput, WarehouseMissing

if TYPE_CHECKING:
    from dealwire.settings import Settings
    from extractors.registry import Extractor
    from extractors.run import Outcome

app = typer.Typer(help="Extractors of your own: list, begin, try, score and drop them.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the extractor.", metavar="NAME")]


@app.command("list")
def listed(db: options.Db = None, config: options.Config = None, as_json: options.Json = False) -> None:
    """List the extractors, where they come from, and how far each is with the stored articles."""
    from dealwire import extraction
    from extractors import builtin

    settings = options.settings(db, config)
    problems = extraction.prepare(settings)
    every = builtin.extractors()
    counts, left = _counts(settings, every)
    rows = [
        {
            "name": one.name,
            "version": one.version,
            "table": one.table,
            "reads": "text" if one.text_alone else "document",
            "requires": list(one.requires),
            "label": one.label,
            "from": _from_here(one.place) if one.custom else "dealwire",
            **counts.get(one.name, {}),
        }
        for one in every
    ]
    if as_json:
        print_json({"extractors": rows, "left": left, "problems": problems})
    else:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        print_table(columns, ([row.get(column) for column in columns] for row in rows))
        for one in left:
            why = _why_left(one["name"], problems)
            say(f"table {one['table']} is left from the extractor {one['name']}, which is {why}")
    for line in problems:
        say(f"BAD {line}")
    if problems:
        raise typer.Exit(1)


@app.command("new")
def new(
    name: Name,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where to write it; default: ./NAME.", show_default=False)
    ] = None,
) -> None:
    """Write a package with an extractor that works and a test that runs, to be changed."""
    from dealwire import skeleton

    where = folder or Path(name)
    for path in skeleton.write(name, where):
        say(f"wrote {path}")
    say(
        f"next: python -m pytest {where}; then pip install -e {where}, "
        f'or in dealwire.toml, below [extractors]: paths = ["{where}/dealwire_{name}"]'
    )


@app.command("test")
def tried(
    name: Name,
    inputs: Annotated[
        list[str], typer.Argument(help="A text file, JSONL with id and text, or a web address.", metavar="FILE")
    ],
    html: Annotated[
        Path | None, typer.Option("--html", metavar="OUT.html", help="Write a page instead.", show_default=False)
    ] = None,
    config: options.Config = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One object a text, as `eval` takes it: correct it, and it is gold.")
    ] = False,
) -> None:
    """Show texts with the records that the extractor finds in them."""
    from dealwire.cli import extract as texts
    from dealwire.documents import as_document

    settings = options.settings(None, config)
    one = _named(settings, name)
    given = list(texts.documents(inputs, settings))
    failed, pages = 0, []
    for document, outcome in zip(given, _outcomes(settings, one, [each["text"] for each in given]), strict=True):
        failed += outcome.error is not None
        if as_json:
            records = [record.model_dump(mode="json") for record in outcome.records]
            print_json_line({"id": document["id"], "text": document["text"], "records": {name: records}})
        elif html is not None:
            found = as_document(document["id"], document["text"], [outcome])
            pages.append({"records": {name: [r.model_dump(mode="json") for r in outcome.records]}} | found)
        else:
            typer.echo("\n".join(_shown(document, outcome)))
        if outcome.error:
            say(f"{document['id']}: {name} {one.version} failed:\n{outcome.error}")
    if html is not None:
        _write_page(html, pages)
    if failed:
        raise typer.Exit(1)


@app.command("eval")
def evaluate(
    name: Name,
    gold: Annotated[Path, typer.Argument(help="Annotated documents, one JSON object a line.", metavar="GOLD.jsonl")],
    errors: Annotated[int, typer.Option("--errors", min=0, help="Show up to N cases of each sort, in context.")] = 0,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Score the extractor's records against annotated ones: exact spans, and each field that is annotated."""
    from dealwire import scoring
    from dealwire.cli import figures
    from dealwire.scoring import records

    settings = options.settings(None, config)
    one = _named(settings, name)
    documents = scoring.read(gold, need=("id", "text"))
    if not documents:
        raise InvalidInput(f"{gold} holds no documents")
    truth = [(each, records.annotated(each, name, one.label, str(gold))) for each in documents]
    outcomes = _outcomes(settings, one, [each["text"] for each in documents])
    for document, outcome in zip(documents, outcomes, strict=True):
        if outcome.error:
            say(f"{document['id']}: {outcome.error.splitlines()[-1]}")
    found = [[record.model_dump(mode="json") for record in outcome.records] for outcome in outcomes]
    report = records.compare_records(truth, found)
    if as_json:
        print_json(report.as_json())
    else:
        typer.echo("\n".join(figures.of_records(report, errors, highlighted)), color=True)


@app.command("drop")
def drop(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Delete an extractor's records and its table; what the ledger says of it, too. The code is not touched."""
    from dealwire.warehouse import custom_tables

    store = options.opened(db, config)
    with store.read() as con:
        one, count = custom_tables.rows(con, name)
    if not yes:
        ask(f"the table {one.table} with {count:,} records of {name} {one.version} will be deleted; go on?")
    with store.write() as con:
        count = custom_tables.drop(con, name)
    say(f"{count:,} records of {name} deleted; if it is still registered, the next run reads the articles again")


def _named(settings: "Settings", name: str) -> "Extractor":
    from dealwire import extraction
    from extractors import builtin

    problems = extraction.prepare(settings)
    for one in builtin.extractors():
        if one.name == name:
            for line in problems:
                say(f"WARNING: {line}")
            return one
    raise extraction.unknown(name, [one.name for one in builtin.extractors()], problems)


def _outcomes(settings: "Settings", one: "Extractor", texts: Sequence[str]) -> "list[Outcome]":
    from dealwire import steps

    with steps.readers(settings, using=[one], expected=len(texts)) as reading:
        return [outcome for (outcome,) in reading.extract(texts)]


def _why_left(name: str, problems: Sequence[str]) -> str:
    """Why no extractor of this name is there: what does not load now may well be it."""
    return "not loaded" if problems else f"gone; `dealwire extractors drop {name}` deletes it"


def _from_here(place: str) -> str:
    """A file in the folder one is in, or below, without that folder's path."""
    here = Path.cwd()
    return str(Path(place).relative_to(here)) if Path(place).is_relative_to(here) else place


def _counts(
    settings: "Settings", every: "Sequence[Extractor]"
) -> tuple[dict[str, dict[str, int]], list[dict[str, Any]]]:
    """By name how many articles each has read and has to read; and the tables of extractors that are gone."""
    from dealwire import extraction
    from dealwire.opening import warehouse
    from dealwire.warehouse import custom_tables, ledger

    try:
        with warehouse(settings, options.waiting).read() as con:
            waiting = ledger.stale_by_extractor(con, extraction.versions(every))
            rows = {(row["extractor"], row["version"]): row for row in ledger.counts(con)}
            known = custom_tables.known(con)
    except WarehouseMissing:
        return {}, []
    counts = {}
    for one in every:
        row = rows.get((one.name, one.version), {"articles": 0, "failed": 0, "records": 0})
        counts[one.name] = {name: row[name] for name in ("articles", "failed", "records")}
        counts[one.name]["stale"] = waiting.get(one.name, 0)
    names = {one.name for one in every}
    left = [{"name": name, "table": one.table} for name, one in known.items() if name not in names]
    return counts, left


def _shown(document: dict[str, Any], outcome: "Outcome") -> list[str]:
    """The text with what was found in brackets, and the records below."""
    text = document["text"]
    parts, at = [], 0
    for record in sorted(outcome.records, key=lambda one: (one.start, one.end)):
        if record.start >= at:
            parts += [plain(text[at : record.start]), f"[{highlighted(plain(text[record.start : record.end]))}]"]
            at = record.end
    lines = ["".join([*parts, plain(text[at:])]), ""]
    for record in outcome.records:
        fields = record.model_dump(mode="json", exclude={"start", "end"})
        told = ", ".join(f"{name}={value!r}" for name, value in fields.items())
        lines.append(f"{record.start}–{record.end}  {plain(text[record.start : record.end])!r}  {plain(told)}")
    how = "its `when` does not want this text" if outcome.skipped else f"{outcome.seconds * 1000:.1f} ms"
    lines.append(f"{len(outcome.records)} records, {how}")
    return lines


def _write_page(path: Path, documents: Sequence[dict[str, Any]]) -> None:
    from dealwire.cli import highlight

    highlight.write(path, documents)
    say(f"wrote {path}: {len(documents)} texts")
