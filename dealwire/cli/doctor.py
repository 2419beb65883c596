"""`dealwire doctor`: what is installed, which settings are in force, and whether they work."""

import importlib.metadata
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import typer
from pydantic import BaseModel

from dealwire.cli import options
from dealwire.settings import CONFIG_NAME
from schemas.errors import DealwireError, InvalidInput

_PACKAGES = ("prefect", "spacy", "httpx", "feedparser", "duckdb", "pydantic", "trafilatura", "pyarrow")


def doctor(db: options.Db = None, config: options.Config = None) -> None:
    """Check the installation, the settings, the database and the Prefect server; exit 1 if one is broken."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("python", lambda: f"{platform.python_version()} in {sys.prefix}"),
        *((name, lambda name=name: importlib.metadata.version(name)) for name in _PACKAGES),
        ("settings", lambda: _settings(db, config)),
        ("database", lambda: _database(db, config)),
        ("names", lambda: _names(db, config)),
        ("extractors", lambda: _extractors(db, config)),
        ("encoder", lambda: _encoder(db, config)),
        ("spaCy pipeline", lambda: _pipeline(db, config)),
        ("language model", lambda: _language_model(db, config)),
        ("prefect server", _server),
    ]
    broken = 0
    for name, check in checks:
        try:
            line, mark = check(), "ok "
        except (DealwireError, ImportError, importlib.metadata.PackageNotFoundError) as error:
            line, mark = str(error), "BAD"
            broken += 1
        typer.echo(f"{mark} {name:<15} {line}")
    if broken:
        raise typer.Exit(1)


def _settings(db: Path | None, config: Path | None) -> str:
    found = options.settings(db, config)
    source = config or Path(CONFIG_NAME)
    lines = [f"{source.resolve()}" if source.is_file() else f"no {CONFIG_NAME} here; defaults and DEALWIRE_* variables"]
    for name, value in (found.model_dump() | {"database": found.named}).items():
        if isinstance(getattr(found, name), BaseModel):
            lines += [f"{name}.{inner} = {one}" for inner, one in value.items()]
        else:
            lines.append(f"{name} = {value}")
    return ("\n" + " " * 20).join(lines)


def _database(db: Path | None, config: Path | None) -> str:
    place, store = options.settings(db, config).place, options.opened(db, config)
    if not store.exists():
        return f"{place} does not exist yet; `dealwire run` makes it"
    with store.read() as con:
        counts = {
            table: con.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - names are ours
            for table in ("feeds", "articles", "deals", "alliances")
        }
    told = ", ".join(f"{count[0] if count else 0} {table}" for table, count in counts.items())
    return f"{place}: {told}"


def _names(db: Path | None, config: Path | None) -> str:
    from dealwire import catalogue
    from extractors import catalog

    settings = options.settings(db, config)
    catalogue.prepare(settings)
    mine = catalog.added()
    counts = (
        (len(catalog.companies()), len(mine.companies), "companies"),
        (len(catalog.chip_families()), len(mine.chips), "chip families"),
        (len(catalog.model_families()), len(mine.models), "model families"),
    )
    told = [f"{all_} {what}" + (f" ({own} yours)" if own else "") for all_, own, what in counts]
    return ", ".join((*told, f"{len(catalogue.aliases(settings.catalog))} aliases"))


def _extractors(db: Path | None, config: Path | None) -> str:
    from dealwire import extraction
    from extractors import builtin

    if problems := extraction.prepare(options.settings(db, config)):
        raise InvalidInput("; ".join(problems))
    return ", ".join(f"{one.name} {one.version}" for one in builtin.extractors())


def _encoder(db: Path | None, config: Path | None) -> str:
    from extractors.encoder import session

    if missing := session.lacking():
        return f"not used: {' and '.join(missing)} not installed; rules and catalogue work alone"
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in session.NEEDED)
    if not session.available():
        return f"not used: its weights did not come with this dealwire ({versions}); rules and catalogue work alone"
    if not options.settings(db, config).encoder:
        return f"there ({versions}), but switched off in the settings"
    return f"there ({versions})"


def _pipeline(db: Path | None, config: Path | None) -> str:
    from extractors import nlp

    name = options.settings(db, config).spacy_pipeline
    return nlp.which(name) if name else "blank English; the setting spacy_pipeline names another"


def _language_model(db: Path | None, config: Path | None) -> str:
    from dealwire import language_model

    return language_model.told(options.settings(db, config))


def _server() -> str:
    from dealwire import prefect_server

    url = prefect_server.configured_url()
    if url is None:
        return "none configured; `dealwire run` works in its own process (set PREFECT_API_URL to use one)"
    return f"{url} {'answers' if prefect_server.reachable(url) else 'does not answer; is it started?'}"
