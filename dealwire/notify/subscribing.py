"""A subscriber made from what a user says: checked, and kept free of secrets."""

import re
import shlex
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError

from dealwire.notify import environment, mail
from dealwire.settings import Settings
from schemas.errors import InvalidInput
from schemas.ids import content_id, slug
from schemas.subscriber import Subscriber, SubscriberKind

_SECRET = re.compile(r"auth|token|key|secret|password|session|sig|code", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_]\w*")


def subscriber(
    settings: Settings,
    kind: SubscriberKind,
    target: str,
    *,
    name: str | None,
    secret_name: str | None,
    unsigned: bool,
    taken: Iterable[str],
    position: int,
    now: datetime,
    filters: Mapping[str, Any],
) -> Subscriber:
    """The subscriber that these words describe; told of events after `position`. Raises `InvalidInput`.

    `taken`: names of those there are already; without a `name` the target makes one.
    """
    target = target.strip()
    _CHECKS[kind](settings, target)
    if kind is SubscriberKind.WEBHOOK:
        _check_secret(secret_name, unsigned)
    elif secret_name or unsigned:
        raise InvalidInput(f"only webhooks are signed; leave --secret-env and --unsigned out for {kind}")
    names = set(taken)
    if name in names:
        raise InvalidInput(f"there is a subscriber {name!r} already; `dealwire notify remove {name}` first")
    called = name or _free(_name(kind, target), names)
    try:
        return Subscriber(
            subscriber_id=content_id("subscriber", called, now.isoformat()),
            name=called,
            kind=kind,
            target=target,
            secret_name=secret_name,
            position=position,
            added_at=now,
            **filters,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _check_secret(secret_name: str | None, unsigned: bool) -> None:
    if secret_name is None and not unsigned:
        raise InvalidInput(
            "a webhook is signed: name the environment variable that holds the secret with --secret-env NAME, or say "
            "--unsigned"
        )
    if secret_name is not None and (unsigned or not _VARIABLE.fullmatch(secret_name)):
        raise InvalidInput("--secret-env takes the name of an environment variable, never the secret itself")


def _webhook(settings: Settings, target: str) -> None:
    if environment.names(target) and target.startswith("${"):
        # The whole address is in the environment.
        return
    try:
        parts = urlsplit(target)
        host = parts.hostname
    except ValueError as error:
        raise InvalidInput("the webhook's address cannot be read") from error
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidInput("a webhook is told by its address: https://…, or '${NAME}' for one in the environment")
    if parts.username is not None and not environment.names(parts.netloc):
        raise InvalidInput(_INSTEAD.format("the address holds a name and password"))
    for name, value in parse_qsl(parts.query):
        if _SECRET.search(name) and not environment.names(value):
            raise InvalidInput(_INSTEAD.format(f"the address holds a secret, {name}=…"))


_INSTEAD = (
    "{}, which does not belong into the database: put it into an environment variable and write '${{NAME}}' in its "
    "place, in single quotes"
)


def _slack(settings: Settings, target: str) -> None:
    if not environment.names(target):
        raise InvalidInput(_INSTEAD.format("the address of a Slack webhook is a secret"))
    _webhook(settings, target)


def _email(settings: Settings, target: str) -> None:
    mail.server(settings.smtp)
    if not settings.smtp_from:
        raise InvalidInput("mails need a sender: set smtp_from (DEALWIRE_SMTP_FROM)")
    local, at, domain = target.rpartition("@")
    if not (local and at and domain) or any(c.isspace() or c in '<>,;"' or ord(c) < 33 for c in target):
        raise InvalidInput(f"{target!r} is no mail address; give one, like you@example.com")


def _command(settings: Settings, target: str) -> None:
    try:
        words = shlex.split(target)
    except ValueError as error:
        raise InvalidInput(f"the command cannot be read: {error}") from error
    if not words:
        raise InvalidInput("give the command in quotes, like 'python3 /srv/tell.py'")


_CHECKS = {
    SubscriberKind.WEBHOOK: _webhook,
    SubscriberKind.SLACK: _slack,
    SubscriberKind.EMAIL: _email,
    SubscriberKind.COMMAND: _command,
}


def _name(kind: SubscriberKind, target: str) -> str:
    if kind is SubscriberKind.EMAIL:
        return slug(target.partition("@")[0]) or kind.value
    if kind is SubscriberKind.COMMAND:
        return slug(shlex.split(target)[0].rpartition("/")[2].partition(".")[0])
    return slug(urlsplit(target).hostname or kind.value) if not target.startswith("${") else kind.value


def _free(wanted: str, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9._-]", "", wanted.lower())[:50].strip(".-_") or "subscriber"
    return next(
        one for number in range(1, 10_000) if (one := plain if number == 1 else f"{plain}-{number}") not in taken
    )
