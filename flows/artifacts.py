"""Reports as markdown artifacts: what a run did, in a table of counts, and the errors it met."""

from collections.abc import Mapping, Sequence

from prefect.artifacts import create_markdown_artifact

from dealwire.settings import Settings

_ERRORS_SHOWN = 20


def publish(key: str, title: str, settings: Settings, counts: Mapping[str, int], errors: Sequence[str] = ()) -> None:
    """Store the report of a run as the newest version of the artifact `key`."""
    create_markdown_artifact(markdown(title, settings, counts, errors), key=key, description=title)


def markdown(title: str, settings: Settings, counts: Mapping[str, int], errors: Sequence[str] = ()) -> str:
    """The report as markdown; a long list of errors is cut, and says so."""
    lines = [f"# {title}", "", f"Warehouse: `{settings.database}`", "", "| what | count |", "| --- | ---: |"]
    lines += [f"| {_cell(what)} | {count:,} |" for what, count in counts.items()]
    if errors:
        lines += ["", "## Errors", ""]
        lines += [f"- {_cell(error)}" for error in errors[:_ERRORS_SHOWN]]
        if len(errors) > _ERRORS_SHOWN:
            lines.append(f"- … and {len(errors) - _ERRORS_SHOWN:,} more")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Text of others, on one line and without a meaning in markdown or HTML."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "\\`*_[]|!":
        plain = plain.replace(mark, f"\\{mark}")
    return plain
