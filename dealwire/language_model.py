"""The language model that `[language_model]` of the settings names: handed to the extractors, or said why it is not."""

import os
from datetime import UTC, datetime

from dealwire.settings import Settings
from extractors import language_model
from extractors.language_model import NAME as NAME
from extractors.language_model.store import Store


def options(settings: Settings) -> language_model.Options | None:
    """How the model is to be asked; None if the settings name none."""
    given = settings.language_model
    if not given.endpoint:
        return None
    cache = given.cache or settings.database.with_name(f"{settings.database.stem}.language-model.sqlite")
    return language_model.Options(
        **given.model_dump(exclude={"cache"}), proxy=settings.proxy, cache=str(cache.absolute())
    )


def prepare(settings: Settings) -> str | None:
    """Hand the model to the extractors of this process; what to tell the user if it cannot be asked now.

    A pass goes without it then, and the articles wait for one that goes with it. Raises `AnswersUnusable`.
    """
    asked = options(settings)
    hindrance = asked and _hindrance(asked)
    language_model.use(None if hindrance else asked)
    return f"the language model is not asked: {hindrance}" if hindrance else None


def told(settings: Settings) -> str:
    """In a line, which model is asked where and what it has cost today. Sends nothing. Raises `AnswersUnusable`."""
    asked = options(settings)
    if asked is None:
        return "none; [language_model] of the settings names one (docs/language_model.md)"
    used = Store(asked.cache).used(_today())
    line = (
        f"{asked.model} at {asked.endpoint}; today {used.requests:,} of {asked.requests_a_day:,} requests and "
        f"{used.tokens:,} of {asked.tokens_a_day:,} tokens"
    )
    return f"{line}; not asked: {hindrance}" if (hindrance := _hindrance(asked)) else line


def _hindrance(asked: language_model.Options) -> str | None:
    name = asked.key_variable
    if name and not os.environ.get(name, "").strip():
        return f"the environment variable {name}, which key_variable names, is not set"
    used = Store(asked.cache).used(_today())
    if used.requests >= asked.requests_a_day or used.tokens >= asked.tokens_a_day:
        return f"its budget of the day is used up ({used.requests:,} requests, {used.tokens:,} tokens)"
    return None


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
