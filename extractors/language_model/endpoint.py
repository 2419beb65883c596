"""The endpoint: one question over HTTP to an OpenAI-compatible API, bounded in time, size and patience."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from extractors.language_model.options import Options
from schemas.errors import AnswerUnreadable, LanguageModelRefused, LanguageModelUnavailable

if TYPE_CHECKING:
    import httpx

_LONGEST = 2_000_000
"""Bytes of an answer; more is no answer to this question."""
_PATIENCE = 2
"""Times that it is asked again after it asked to wait."""
_UNSAID_WAIT = 5.0
_IN_VAIN = 3
"""Questions in a row that get no answer; after them it is left alone for the rest of the pass."""
# These are about the article or the parameters: asking again would be answered the same.
_FINAL = (400, 413, 422)
_SETUP = {
    401: "it does not accept the key",
    403: "the key may not use it",
    404: "it does not know the model or the address",
}


class Reply(NamedTuple):
    """What the model said, and the tokens it took where the endpoint says so."""

    content: str
    tokens: int | None


class Endpoint:
    """Where the model is asked, with one connection kept. It waits with `pause` and measures by `clock`."""

    def __init__(
        self,
        options: Options,
        *,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._options, self._pause, self._clock, self._now = options, pause, clock, now
        self._client: httpx.Client | None = None
        self._in_vain = 0
        self._quiet_until = float("-inf")
        self.sent = 0
        """Questions that went out, in all."""

    def ask(self, messages: list[dict[str, Any]]) -> Reply:
        """What the model says.

        Raises `LanguageModelUnavailable` where a later try may succeed, `LanguageModelRefused` where it would not, and
        `AnswerUnreadable`.
        """
        key = self._key()
        if self._in_vain >= _IN_VAIN:
            raise self._unavailable(f"it gave no answer {_IN_VAIN} times in a row and is left alone for now")
        if (left := self._quiet_until - self._clock()) > 0:
            raise self._unavailable(f"it asked to be left alone for another {left:.0f} s")
        try:
            reply = self._patiently(messages, key)
        except LanguageModelUnavailable:
            self._in_vain += 1
            raise
        self._in_vain = 0
        return reply

    def close(self) -> None:
        """Let go of the connection."""
        if self._client is not None:
            self._client.close()

    def _patiently(self, messages: list[dict[str, Any]], key: str | None) -> Reply:
        waited = 0.0
        for tried in range(_PATIENCE + 1):
            status, headers, body = self._post(messages, key)
            if status not in (429, 503):
                return self._judged(status, body, key)
            asked = _retry_after(headers.get("retry-after"), self._now())
            wait = _UNSAID_WAIT * 2**tried if asked is None else asked
            if waited + wait > self._options.wait_seconds or tried == _PATIENCE:
                self._quiet_until = self._clock() + wait
                raise self._unavailable(f"status {status}, to be asked again in {wait:.0f} s")
            self._pause(wait)
            waited += wait
        raise AssertionError("the last try returns or raises")

    def _post(self, messages: list[dict[str, Any]], key: str | None) -> tuple[int, "httpx.Headers", bytes]:
        import httpx

        options = self._options
        if self._client is None:
            self._client = _client(options)
        asked = {**options.parameters, "model": options.model, "messages": messages, "stream": False}
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        until, body = self._clock() + options.answer_seconds, bytearray()
        self.sent += 1
        try:
            with self._client.stream(
                "POST", f"{options.endpoint.rstrip('/')}/chat/completions", json=asked, headers=headers
            ) as answer:
                for chunk in answer.iter_bytes():
                    body += chunk
                    if self._clock() > until:
                        raise httpx.ReadTimeout("")
                    if len(body) > _LONGEST:
                        raise AnswerUnreadable(f"it is longer than {_LONGEST / 1e6:g} MB")
                return answer.status_code, answer.headers, bytes(body)
        except httpx.TimeoutException as error:
            raise self._unavailable(f"no answer within {options.answer_seconds:g} s") from error
        except httpx.InvalidURL as error:
            raise LanguageModelRefused(options.endpoint, f"this is no address: {error}") from error
        except httpx.HTTPError as error:
            # Nothing went out where there was no connection.
            self.sent -= isinstance(error, httpx.ConnectError)
            raise self._unavailable(_bare(str(error) or type(error).__name__, key)) from error

    def _judged(self, status: int, body: bytes, key: str | None) -> Reply:
        if status in _SETUP:
            # Whoever mends the settings wants the articles asked about that were met meanwhile.
            raise self._unavailable(f"status {status}: {_SETUP[status]}")
        if status in _FINAL:
            raise LanguageModelRefused(self._options.endpoint, f"status {status}: {_bare(_complaint(body), key)}")
        if status != 200:
            raise self._unavailable(f"status {status}")
        try:
            found = json.loads(body)
            content = found["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise AnswerUnreadable("what came back is no chat completion") from error
        if not isinstance(content, str):
            raise AnswerUnreadable("the completion holds no text")
        usage = found.get("usage")
        tokens = usage.get("total_tokens") if isinstance(usage, dict) else None
        return Reply(content, tokens if isinstance(tokens, int) and tokens >= 0 else None)

    def _key(self) -> str | None:
        name = self._options.key_variable
        if not name:
            return None
        key = os.environ.get(name, "").strip()
        if not key:
            raise self._unavailable(f"the environment variable {name} is not set")
        if not key.isascii() or not key.isprintable():
            raise self._unavailable(f"the environment variable {name} holds characters that no key has")
        return key

    def _unavailable(self, reason: str) -> LanguageModelUnavailable:
        return LanguageModelUnavailable(self._options.endpoint, reason)


def _client(options: Options) -> "httpx.Client":
    import httpx

    # Redirects are not followed: the key goes where the settings say, and nowhere else. A model on this machine is
    # asked without the proxy that the rest of the network may need.
    here = _is_here(options.endpoint)
    return httpx.Client(
        timeout=options.answer_seconds,
        follow_redirects=False,
        trust_env=not here,
        proxy=None if here else options.proxy,
    )


def _is_here(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _retry_after(told: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After asks for, as a number or a date; None if it cannot be read."""
    if told is None:
        return None
    try:
        return max(0.0, float(told))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())


def _complaint(body: bytes) -> str:
    try:
        found = json.loads(body)
        told = found["error"]["message"] if isinstance(found["error"], dict) else found["error"]
    except (ValueError, LookupError, TypeError, RecursionError):
        told = body.decode("utf-8", "replace")
    return " ".join(str(told).split())[:200]


def _bare(told: str, key: str | None) -> str:
    """The text without the key, should a server or a library repeat it."""
    return told.replace(key, "…") if key else told
