"""Webhooks: a JSON document posted to an address, signed; and the incoming webhooks of Slack and its like.

The signature is that of Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime

from dealwire.feeds.client import Client
from dealwire.notify import environment, message
from schemas.errors import AddressRefused, DealwireError, DeliveryFailed, FeedUnreachable, HostPaused
from schemas.subscriber import Delivery, Subscriber

_GONE = 410
_BUSY = (408, 425, 429)


def send(
    client: Client, subscriber: Subscriber, delivery: Delivery, *, now: datetime, handed_over: Callable[[], None]
) -> None:
    """Post the document. Raises `DeliveryFailed`; what a retry sends differs in its timestamp and signature alone.

    `handed_over` is called when all of it is on its way.
    """
    body = (delivery.body or "").encode()
    stamp = str(int(now.timestamp()))
    headers = [("webhook-id", delivery.delivery_id), ("webhook-timestamp", stamp)]
    if subscriber.secret_name:
        secret = environment.value(subscriber.secret_name, subscriber.target)
        headers.append(("webhook-signature", signature(secret, delivery.delivery_id, stamp, body)))
    _post(client, subscriber, body, headers, handed_over)


def send_slack(client: Client, subscriber: Subscriber, delivery: Delivery, *, handed_over: Callable[[], None]) -> None:
    """Post the document in words; otherwise as `send`."""
    told = {"text": message.slack(json.loads(delivery.body or "{}"))}
    _post(client, subscriber, json.dumps(told, ensure_ascii=False).encode(), [], handed_over)


def signature(secret: str, delivery_id: str, stamp: str, body: bytes) -> str:
    """`v1,` and the signature in base64. A secret `whsec_…` is base64 after that, any other is taken as it is."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            key = secret.encode()
    signed = hmac.new(key, f"{delivery_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def _post(
    client: Client,
    subscriber: Subscriber,
    body: bytes,
    headers: list[tuple[str, str]],
    handed_over: Callable[[], None],
) -> None:
    target, names = subscriber.target, environment.names(subscriber.target)
    try:
        url = environment.filled(target)
        answer = client.send(url, body, content_type="application/json", headers=headers, handed_over=handed_over)
    except DeliveryFailed:
        raise
    except FeedUnreachable as error:
        reason = "its host asked to be left alone" if isinstance(error, HostPaused) else error.reason
        raise DeliveryFailed(target, environment.hidden(reason, *names), reached=False) from None
    except AddressRefused as error:
        told = environment.hidden(f"{error.url} is {error.address}", *names)
        raise DeliveryFailed(
            target, f"{told}, a private address; name its host in DEALWIRE_ALLOW_PRIVATE_HOSTS", reached=False
        ) from None
    except DealwireError as error:
        raise DeliveryFailed(target, environment.hidden(str(error), *names)) from None
    if not 200 <= answer.status < 300:
        # One that is overloaded or broken would take the next one no better.
        well = answer.status < 500 and answer.status not in _BUSY
        reason = f"status {answer.status}{', it wants no more' if answer.status == _GONE else ''}"
        raise DeliveryFailed(target, reason, lasting=answer.status == _GONE, reached=well)
