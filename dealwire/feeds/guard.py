"""The private-network guard: every connection goes to a public address, checked after name resolution, at each hop."""

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from typing import Any

import httpcore

from dealwire.feeds.deadline import DeadlineStream, left
from schemas.errors import AddressRefused


def split_host(text: str) -> tuple[str, int | None]:
    """`host` or `host:port`, also `[::1]:80`; the port is None if not given."""
    host, _, port = text.rpartition(":")
    if host and port.isdigit() and (":" not in host or host.startswith("[")):
        return host.strip("[]").lower(), int(port)
    return text.strip("[]").lower(), None


class GuardedBackend(httpcore.SyncBackend):
    """Connects to the very address it has checked, so that a name cannot point elsewhere a moment later.

    `allowed`: host or host:port that may be private. `connect_to`: host → address:port to use instead, as curl's
    `--connect-to`; naming a host there allows it.
    """

    def __init__(self, allowed: Iterable[str] = (), connect_to: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._allowed = {split_host(one) for one in allowed}
        self._connect_to = {name.lower(): split_host(place) for name, place in (connect_to or {}).items()}

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a connection. Raises `AddressRefused`, or httpcore's errors."""
        name = host.lower().strip("[]")
        if name in self._connect_to:
            place, given = self._connect_to[name]
            return self._open(place, given or port, timeout, local_address, socket_options)
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        allowed = (name, None) in self._allowed or (name, port) in self._allowed
        failure: Exception | None = None
        for address in dict.fromkeys(str(one[4][0]) for one in found):
            if not allowed and not is_public(address):
                raise AddressRefused(f"{host}:{port}", address)
            try:
                return self._open(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def _open(self, address: str, port: int, timeout: float | None, *rest: Any) -> httpcore.NetworkStream:
        return DeadlineStream(super().connect_tcp(address, port, left(timeout, httpcore.ConnectTimeout), *rest))


def is_public(address: str) -> bool:
    """Whether an IP address lies on the public internet; IPv4 inside IPv6 counts as what it is."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            ip = inner
    return ip.is_global and not ip.is_multicast
