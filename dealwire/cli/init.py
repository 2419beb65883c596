"""`dealwire init`: a commented settings file to start from."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dealwire.cli.output import say
from dealwire.settings import CONFIG_NAME, Settings
from schemas.errors import InvalidInput


def init(
    folder: Annotated[Path, typer.Argument(help="Where to put dealwire.toml.")] = Path(),
) -> None:
    """Write a commented dealwire.toml with every setting at its default."""
    path = folder / CONFIG_NAME
    if path.exists():
        raise InvalidInput(f"{path} is there already; it was left as it is")
    if not folder.is_dir():
        raise InvalidInput(f"there is no folder {folder}; make it first")
    path.write_text(template(), encoding="utf-8")
    say(f"wrote {path}; next: dealwire feeds add URL, then dealwire run")


def template() -> str:
    """The text of a settings file in which every line is commented out."""
    lines = [
        "# Settings of dealwire. Every line shows a default: take the # away to change it.",
        "# Arguments beat DEALWIRE_* variables, which beat this file. Ask with: dealwire doctor",
        "",
    ]
    for name, field in Settings.model_fields.items():
        lines += [f"# {field.description}", f"# {name} = {_toml(field.default)}", ""]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {_toml(item)}' for key, item in value.items()) + "}"
    return f'"{value}"'
