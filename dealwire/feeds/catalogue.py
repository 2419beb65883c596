"""The shipped catalogue: feeds worth reading, in groups."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from schemas.errors import InvalidInput


class Listed(NamedTuple):
    """One feed of the catalogue."""

    group: str
    title: str
    url: str


def groups() -> dict[str, str]:
    """The groups, each with what it is about."""
    return {name: group["about"] for name, group in _catalogue().items()}


def feeds(names: list[str]) -> list[Listed]:
    """The feeds of the groups, each once; `all` names every group. Raises `InvalidInput` for a group there is not."""
    known = _catalogue()
    wanted = list(known) if "all" in names else names
    if unknown := [name for name in wanted if name not in known]:
        raise InvalidInput(f"there is no group {unknown[0]!r}; groups are {', '.join(known)}, or all")
    return [Listed(name, title, url) for name in dict.fromkeys(wanted) for title, url in known[name]["feeds"]]


@cache
def _catalogue() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("dealwire.feeds") / "catalogue.toml").read_text(encoding="utf-8"))
