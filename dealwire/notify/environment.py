"""Secrets in the environment: `${NAME}` in an address is filled in when it is used, and hidden from what is told."""

import os
import re

from schemas.errors import DeliveryFailed

_NAME = re.compile(r"\$\{(\w+)\}")


def names(template: str) -> list[str]:
    """The variables that a text names."""
    return _NAME.findall(template)


def filled(template: str) -> str:
    """The text with each `${NAME}` replaced. Raises `DeliveryFailed` if a variable is not set."""
    return _NAME.sub(lambda found: value(found[1], template), template)


def value(name: str, target: str) -> str:
    """What a variable holds. Raises `DeliveryFailed` for `target` if it is not set."""
    found = os.environ.get(name)
    if not found:
        raise DeliveryFailed(target, f"the environment variable {name} is not set", reached=False)
    return found


def hidden(text: str, *variables: str) -> str:
    """The text with what these variables hold replaced by their names, also where only a part of it is told."""
    for name in variables:
        held = os.environ.get(name, "")
        parts = {held, *(one for one in re.split(r"[/:@?&=]+", held) if len(one) > 5)} - {""}
        for part in sorted(parts, key=len, reverse=True):
            text = text.replace(part, f"${{{name}}}")
    return text
