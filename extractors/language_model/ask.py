"""Asking about one text: from the kept answers if it was asked about before, else within the budget of the day."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from extractors.language_model import prompt
from extractors.language_model.answer import Told, read
from extractors.language_model.endpoint import Endpoint
from extractors.language_model.options import Options
from extractors.language_model.store import Store, Used
from schemas.errors import AnswerUnreadable, DealwireError, LanguageModelSpent
from schemas.ids import content_id

_A_TOKEN = 3
"""Characters; texts in English have four, and a budget should rather be kept than used up."""
_AN_ANSWER = 600
"""Tokens that an answer may take, put aside beforehand."""


class Asker:
    """What a model tells of texts. `now` says which day the budget is counted for."""

    def __init__(
        self,
        options: Options,
        *,
        endpoint: Endpoint | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._options, self._now = options, now
        self._endpoint = endpoint or Endpoint(options)
        self._store = Store(options.cache)
        self._most = Used(options.requests_a_day, options.tokens_a_day)

    def told(self, text: str) -> tuple[Told, ...]:
        """The deals that the model tells of the beginning of the text; if its answer cannot be read, it is asked again.

        Raises `LanguageModelUnavailable` where a later try may succeed, the budget of the day used up included;
        `LanguageModelRefused`, `AnswerUnreadable`, `AnswersUnusable`.
        """
        text = text[: self._options.longest_text]
        text_hash = content_id(text)
        key = content_id(mark(self._options), text_hash)
        if (kept := self._store.answer(key)) is not None:
            return read(kept)
        messages, answer = prompt.question(text), ""
        try:
            answer = self._paid(messages)
            found = read(answer)
        except AnswerUnreadable as error:
            answer = self._paid(prompt.again(messages, answer[:4000], error.reason))
            found = read(answer)
        self._store.keep(
            key, answer, model=self._options.model, prompt=prompt.VERSION, text_hash=text_hash, day=self._day()
        )
        return found

    def close(self) -> None:
        """Let go of the connection."""
        self._endpoint.close()

    def _paid(self, messages: list[dict[str, Any]]) -> str:
        day, put_aside = self._day(), len(json.dumps(messages)) // _A_TOKEN + _AN_ANSWER
        if not self._store.reserve(day, put_aside, self._most):
            raise LanguageModelSpent(self._options.endpoint, self._most.requests, self._most.tokens)
        before = self._endpoint.sent
        try:
            reply = self._endpoint.ask(messages)
        except DealwireError:
            sent = self._endpoint.sent - before
            # What went out may have been paid for, answered or not.
            self._store.settle(day, requests=sent - 1, tokens=0 if sent else -put_aside)
            raise
        spent = put_aside if reply.tokens is None else reply.tokens
        self._store.settle(day, requests=self._endpoint.sent - before - 1, tokens=spent - put_aside)
        return reply.content

    def _day(self) -> str:
        return self._now().date().isoformat()


def mark(options: Options) -> str:
    """Changes with what decides an answer: the model, the wording of the question, and what is sent along."""
    return content_id(options.model, prompt.VERSION, json.dumps(options.parameters, sort_keys=True))[:8]
