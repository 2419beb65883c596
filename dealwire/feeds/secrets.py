"""Headers and proxies of a feed whose secrets stay in the environment: stored is `${NAME}`, never its value."""

import os
import re
from collections.abc import Iterable, Mapping

from dealwire.feeds.wire import basic
from schemas.errors import FeedUnreachable, InvalidInput

_NAME = re.compile(r"\$\{(\w+)\}")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*)")
_SECRET = re.compile(r"auth|cookie|token|key|secret|password|session", re.IGNORECASE)
# The client's own business.
_TAKEN = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te", "upgrade"}


def header(text: str) -> str:
    """A header as it is stored, `Name: value`. Raises `InvalidInput` for one that holds a secret itself."""
    found = _HEADER.fullmatch(text.strip())
    if not found or any(ord(c) < 32 for c in text) or not found[2].strip():
        raise InvalidInput(f"{text[:40]!r} is no header; write it like 'X-Api-Key: ${{NEWS_KEY}}'")
    if found[1].lower() in _TAKEN:
        raise InvalidInput(f"the header {found[1]} is set by dealwire itself")
    if _SECRET.search(found[1]) and not _NAME.search(found[2]):
        raise InvalidInput(
            f"a secret does not belong into the database: put the value of {found[1]} into an environment variable and "
            f"write '{found[1]}: ${{NAME_OF_THE_VARIABLE}}'"
        )
    return f"{found[1]}: {found[2].strip()}"


def proxy(text: str) -> str:
    """A proxy as it is stored. Raises `InvalidInput` for one that holds a password itself."""
    if not text.startswith(("http://", "https://")):
        raise InvalidInput("a proxy is written like http://proxy.example:3128")
    login = text.partition("://")[2].rpartition("@")[0]
    if login and not _NAME.search(login):
        raise InvalidInput("write the proxy's login as ${NAME_OF_A_VARIABLE}; secrets are not stored")
    return text


def headers(stored: Iterable[str], *, url: str, env: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Headers to send, with what the environment holds. Raises `FeedUnreachable` if a variable is missing.

    `Authorization: Basic ${NEWS_LOGIN}` with `name:password` in the variable is encoded as HTTP wants it.
    """
    found = []
    for one in stored:
        name, _, value = one.partition(":")
        filled = "".join(c for c in fill(value.strip(), url=url, env=env) if ord(c) >= 32)
        scheme, _, login = filled.partition(" ")
        if name.lower() == "authorization" and scheme.lower() == "basic" and ":" in login:
            filled = basic(login.strip())
        found.append((name, filled))
    return found


def fill(text: str, *, url: str, env: Mapping[str, str] | None = None) -> str:
    """The text with every `${NAME}` replaced from the environment. Raises `FeedUnreachable` if one is missing."""
    given = os.environ if env is None else env
    missing = [name for name in _NAME.findall(text) if name not in given]
    if missing:
        raise FeedUnreachable(url, f"the environment variable {missing[0]} is not set", lasting=True)
    return _NAME.sub(lambda found: given[found[1]], text)
