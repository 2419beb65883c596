"""Parsing feeds inside a process of its own; see `worker`.

It needs only the standard library and feedparser: without pydantic the process is half as large and starts in a fifth
of the time, which counts because a hostile feed costs a process.
"""

from typing import Any

from dealwire.feeds import formats, values


def prepare() -> None:
    """Nothing: feedparser comes when the first document needs it, and most never do."""


def answer(asked: dict[str, Any], body: bytes) -> dict[str, Any]:
    """The feed, or why it is none."""
    try:
        return {"found": formats.read(body, url=asked["url"], content_type=asked["content_type"])}
    except values.Unreadable as error:
        return {"reason": error.reason, "hostile": error.hostile}
