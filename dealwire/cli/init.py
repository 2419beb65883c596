"""`dealwire init`: a commented settings file to start from."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import BaseModel

from dealwire.cli.output import say
from dealwire.settings import CONFIG_NAME, Settings, load
from schemas import Feed
from schemas.errors import InvalidInput

if TYPE_CHECKING:
    from dealwire.feeds.catalogue import Listed


def init(
    folder: Annotated[Path, typer.Argument(help="Where to put dealwire.toml.")] = Path(),
    groups: Annotated[
        list[str] | None,
        typer.Option(
            "--feeds",
            metavar="GROUP",
            help="Add feeds: chips, cloud, ai-labs, funding, general, all; repeatable.",
        ),
    ] = None,
) -> None:
    """Write a commented dealwire.toml with every setting at its default, and add feeds to begin with."""
    path = folder / CONFIG_NAME
    if not folder.is_dir():
        raise InvalidInput(f"there is no folder {folder}; make it first")
    listed = _listed(groups) if groups else []
    if not path.exists():
        path.write_text(template(), encoding="utf-8")
        say(f"wrote {path}; next: {'' if listed else 'dealwire feeds add URL, then '}dealwire run")
    elif not listed:
        raise InvalidInput(f"{path} is there already; it was left as it is")
    if listed:
        added, database = _add(listed, path, folder)
        say(f"{added} feeds added to {database}, {len(listed) - added} were there already")


def _listed(groups: list[str]) -> "list[Listed]":
    from dealwire.feeds import catalogue

    return catalogue.feeds([name.strip() for group in groups for name in group.split(",") if name.strip()])


def _add(listed: "list[Listed]", path: Path, folder: Path) -> tuple[int, str]:
    from dealwire.feeds import identity
    from dealwire.opening import warehouse
    from dealwire.warehouse import load as loading
    from dealwire.warehouse import queries

    settings = load(path)
    # Paths in a settings file are relative to where dealwire is started, which will be the new folder.
    store = warehouse(
        settings if settings.lake else settings.model_copy(update={"database": folder / settings.database})
    )
    with store.write() as con:
        there = {feed.feed_id for feed in queries.feeds(con)}
        now = datetime.now(UTC)
        feeds = {
            key: Feed(feed_id=key, url=one.url, title=one.title, folder=one.group, added_at=now)
            for one in listed
            if (key := identity.feed_id(one.url)) not in there
        }
        loading.store_feeds(con, feeds.values())
    return len(feeds), store.place


def template() -> str:
    """The text of a settings file in which every setting is commented out."""
    lines = [
        "# Settings of dealwire. Every line shows a default: take the # away to change it.",
        "# Arguments beat DEALWIRE_* variables, which beat this file. Ask with: dealwire doctor",
        "",
    ]
    tables = {name: field for name, field in Settings.model_fields.items() if isinstance(field.default, BaseModel)}
    for name, field in Settings.model_fields.items():
        if name not in tables:
            lines += [f"# {field.description}", f"# {name} = {written(field.default)}", ""]
    # What follows a table's header belongs to it, so tables come last, and the header alone says nothing.
    for name, field in tables.items():
        lines += [f"# {field.description}", f"[{name}]", ""]
        for inner, one in type(field.default).model_fields.items():
            lines += [f"# {one.description}", f"# {inner} = {written(one.default)}", ""]
    return "\n".join(lines)


def written(value: Any) -> str:
    """A value as TOML has it; nothing is an empty text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value}"
    if isinstance(value, tuple):
        return "[" + ", ".join(written(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {written(item)}' for key, item in value.items()) + "}"
    return f'"{"" if value is None else value}"'
