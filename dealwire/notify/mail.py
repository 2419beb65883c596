"""Mails over SMTP: one message a delivery, to one address."""

import json
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from dealwire import wording
from dealwire.notify import environment, message
from schemas.errors import DeliveryFailed, InvalidInput
from schemas.subscriber import Delivery, Subscriber


class Server(NamedTuple):
    """A mail server. `login` names the variable that holds `name:password`; None: without."""

    host: str
    port: int
    tls: bool
    login: str | None


def server(text: str) -> Server:
    """The server that the setting `smtp` describes. Raises `InvalidInput`."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise InvalidInput("the setting smtp cannot be read; write it like smtp://mail.example:587") from error
    tls = parts.scheme == "smtps"
    place = parts.netloc.rpartition("@")
    host = place[2].rpartition(":")[0] if port else place[2]
    if parts.scheme not in ("smtp", "smtps") or not host:
        raise InvalidInput("mails need a mail server: set smtp (DEALWIRE_SMTP) to smtp://HOST:PORT, and smtp_from")
    named = environment.names(place[0])
    return Server(host.strip("[]"), port or (465 if tls else 25), tls, named[0] if named else None)


class _Connection(smtplib.SMTP):
    """Says when all of a mail is on its way, before the answer is waited for."""

    handed_over: Callable[[], None] | None = None
    _sending = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send a mail; code and words of the answer."""
        self._sending = True
        try:
            return super().data(msg)
        finally:
            self._sending = False

    def send(self, s: Any) -> None:
        """Send bytes or text."""
        super().send(s)
        # The command DATA itself comes first; the mail ends with a dot.
        if self._sending and self.handed_over and s[-5:] in (b"\r\n.\r\n", "\r\n.\r\n"):
            self.handed_over()


class _SafeConnection(_Connection, smtplib.SMTP_SSL):
    """The same over TLS from the beginning."""


def send(
    mail: Server,
    sender: str,
    subscriber: Subscriber,
    delivery: Delivery,
    *,
    seconds: float,
    handed_over: Callable[[], None],
) -> None:
    """Hand the mail to the server. Raises `DeliveryFailed`. `handed_over` is called when all of it is on its way.

    Every try has the same Message-ID, so that a mail that is sent twice is shown once by most programs.
    """
    if not sender:
        raise DeliveryFailed(subscriber.target, "the setting smtp_from is empty", reached=False)
    place = f"{mail.host}:{mail.port}"
    try:
        written = written_mail(sender, subscriber, delivery)
        with _connected(mail, seconds) as connection:
            connection.handed_over = handed_over
            if mail.login:
                name, _, password = environment.value(mail.login, place).partition(":")
                connection.login(name, password)
            connection.send_message(written)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise DeliveryFailed(subscriber.target, f"refused by {place}: {code} {_said(said)}") from None
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryFailed(
            subscriber.target, f"{place} does not take the login: {error.smtp_code}", reached=False
        ) from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryFailed(subscriber.target, f"{place}: {error.smtp_code} {_said(error.smtp_error)}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryFailed(subscriber.target, f"{place}: {_said(error)}", reached=False) from None
    except (MessageError, ValueError) as error:
        raise DeliveryFailed(subscriber.target, f"it cannot be written as a mail: {_said(error)}") from None


def written_mail(sender: str, subscriber: Subscriber, delivery: Delivery) -> EmailMessage:
    """The mail. Raises `ValueError` for an address that is none."""
    told = json.loads(delivery.body or "{}")
    found = EmailMessage()
    found["Subject"] = message.subject(told)
    found["From"] = sender
    found["To"] = subscriber.target
    found["Date"] = format_datetime(datetime.fromisoformat(told["timestamp"]))
    found["Message-ID"] = f"<{delivery.delivery_id}@{sender.rpartition('@')[2].strip('> ') or 'dealwire'}>"
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(message.mail(told, name=subscriber.name))
    return found


def _connected(mail: Server, seconds: float) -> _Connection:
    context = ssl.create_default_context()
    if mail.tls:
        return _SafeConnection(mail.host, mail.port, timeout=seconds, context=context)
    connection = _Connection(mail.host, mail.port, timeout=seconds)
    try:
        connection.ehlo()
        if connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
        elif mail.login:
            raise smtplib.SMTPException("it offers no TLS, and a login is not sent in the clear")
    except BaseException:
        connection.close()
        raise
    return connection


def _said(said: object) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return wording.plain(text)[:200] or type(said).__name__
