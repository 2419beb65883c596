"""`dealwire status`: what runs, what waits, what fails, and how long news takes."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from dealwire.cli import options
from dealwire.cli.output import plain, print_json
from dealwire.settings import Settings
from schemas.errors import WarehouseMissing

NOT_RUNNING = 3
"""Exit code, as that of `systemctl status`."""


def status(
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
    no_fail: Annotated[bool, typer.Option("--no-fail", help="Exit with 0, too, when `dealwire up` does not run.")] = (
        False
    ),
) -> None:
    """Show whether `dealwire up` runs, what is due and pending, what fails, and how long news takes.

    Exits with 0 while it runs, with 3 when it does not.
    """
    from dealwire import watching

    settings, now = options.settings(db, config), datetime.now(UTC)
    found: dict[str, Any] = {"database": settings.place, "up": watching.parts(settings)}
    found["worker"] = watching.worker(settings)
    try:
        found["warehouse"] = watching.warehouse(settings, now=now)
    except WarehouseMissing:
        found["warehouse"] = None
    if as_json:
        print_json(found)
    else:
        for line in _lines(found, settings, now):
            typer.echo(plain(line))
    if not found["up"]["running"] and not no_fail:
        raise typer.Exit(NOT_RUNNING)


def _lines(found: dict[str, Any], settings: Settings, now: datetime) -> list[str]:
    up, warehouse = found["up"], found["warehouse"]
    lines = [_running(up, now)]
    lines += [f"  {name:<10} {_part(part, now)}" for name, part in up["parts"].items()]
    if up["running"] and "prefect" not in up["parts"] and up["prefect"]:
        lines.append(f"  {'prefect':<10} joined: {up['prefect']}")
    runs = found["worker"].get("runs", {})
    if runs:
        lines.append("last runs" if up["running"] else "last runs, before it was stopped")
        lines += [
            f"  {name:<10} {_ago(one['last']['at'], now)} ago, {one['last']['seconds']:.1f} s: "
            f"{'failed: ' if one['last']['failed'] else ''}{one['last']['told']}"
            for name, one in runs.items()
            if one["last"]
        ]
    if warehouse is None:
        return [*lines, f"there is no database at {settings.named} yet"]
    waiting, rows = warehouse["pending"], warehouse["rows"]
    lines.append(f"database     {found['database']}")
    lines.append(f"  {rows['articles']:,} articles, {rows['deals']:,} deals, {rows['alliances']:,} alliances")
    due = waiting["next_due_at"]
    soon = (
        "" if due is None else f", the next one {'now' if due <= now else 'in ' + _span((due - now).total_seconds())}"
    )
    states = ", ".join(f"{count} {state}" for state, count in sorted(warehouse["feeds"].items()))
    lines.append(f"feeds        {states or 'none'}; {waiting['feeds_due']} due{soon}")
    link = "links are up to date" if not waiting["to_link"] else "claims to link"
    lines.append(
        f"waiting      {waiting['to_read']} articles to read, {waiting['to_extract']} to extract, {link}, "
        f"{waiting['to_send']} events to send"
    )
    for row in warehouse["failing_feeds"]:
        lines.append(f"  {row['title'] or row['url']}: {row['health']}")
    for row in warehouse["failing_extractors"]:
        lines.append(f"  extractor {row['extractor']} {row['version']} has failed on {row['failed']} articles")
    if warehouse["lags"]:
        lines.append("news of the last day took (median, 95 of 100)")
        lines += [f"  {row['stage']:<20} {_span(row['p50'])}, {_span(row['p95'])}" for row in warehouse["lags"]]
    return lines


def _running(up: dict[str, Any], now: datetime) -> str:
    if not up["running"]:
        return "not running; `dealwire up` starts it"
    how = "running" if up["ready"] else "starting"
    since = f" for {_ago(up['started_at'], now)}" if up["started_at"] else ""
    return f"{how}{since}, process {up['pid']}"


def _part(part: dict[str, Any], now: datetime) -> str:
    told = f"{part['state']} for {_ago(part['since'], now)}"
    told += f", process {part['pid']}" if part["pid"] else ""
    told += f", started again {part['restarts']} times: {part['last_end']}" if part["restarts"] else ""
    return f"{told}; {part['where']}"


def _ago(when: str, now: datetime) -> str:
    return _span((now - datetime.fromisoformat(when)).total_seconds())


def _span(seconds: float) -> str:
    if seconds < 100:
        return f"{max(seconds, 0):.3g} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.0f} hours" if seconds < 200_000 else f"{seconds / 86400:.0f} days"
