"""The private-network guard: every connection goes to a public address, checked after name resolution, at each hop."""

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpcore

from dealwire.feeds.deadline import DeadlineStream, left
from schemas.errors import AddressRefused

Resolve = Callable[[str, int], list[str]]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL6 = ipaddress.IPv6Network("2000::/3")


def split_host(text: str) -> tuple[str, int | None]:
    """`host` or `host:port`, also `[::1]:80`; the port is None if not given."""
    host, _, port = text.rpartition(":")
    if host and port.isdigit() and (":" not in host or host.startswith("[")):
        return host.strip("[]").lower(), int(port)
    return text.strip("[]").lower(), None


def resolve(name: str, port: int) -> list[str]:
    """The addresses of a name. Raises `OSError`, also when it takes longer than the download may.

    A number in any spelling (`127.1`, `0x7f000001`, `2130706433`) is an address, as it is for the system.
    """
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        found = _looked_up(name, port, left(None, httpcore.ConnectTimeout) or 30)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _looked_up(name: str, port: int, seconds: float) -> list[Any]:
    # The system's resolver knows no deadline; a name server that is silent would hold the download up to a minute.
    found: list[Any] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise httpcore.ConnectTimeout(f"the name {name} was not resolved in time")
    if isinstance(found[0], Exception):
        raise OSError(f"the name {name} cannot be resolved") from found[0]
    return list(found[0])


class GuardedBackend(httpcore.SyncBackend):
    """Connects to the very address it has checked, so that a name cannot point elsewhere a moment later.

    `allowed`: host or host:port that may be private. `connect_to`: host → address:port to use instead, as curl's
    `--connect-to`; naming a host there allows it.
    """

    def __init__(
        self,
        allowed: Iterable[str] = (),
        connect_to: Mapping[str, str] | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        super().__init__()
        self._allowed = {split_host(one) for one in allowed}
        self._connect_to = {name.lower(): split_host(place) for name, place in (connect_to or {}).items()}
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a connection. Raises `AddressRefused`, or httpcore's errors."""
        name = _name(host)
        if name in self._connect_to:
            place, given = self._connect_to[name]
            return self._open(place, given or port, timeout, local_address, socket_options)
        failure: Exception | None = None
        for address in self.checked(host, port):
            try:
                return self._open(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def checked(self, host: str, port: int) -> list[str]:
        """The addresses of a host, all of them public unless the host is allowed. Raises `AddressRefused`."""
        name = _name(host)
        try:
            found = self._resolve(name, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        if not self.allows(name, port):
            for address in found:
                if not is_public(address):
                    raise AddressRefused(f"{host}:{port}", address)
        return found

    def allows(self, host: str, port: int) -> bool:
        """Whether the host may be on a private network."""
        name = _name(host)
        return (name, None) in self._allowed or (name, port) in self._allowed or name in self._connect_to

    def _open(self, address: str, port: int, timeout: float | None, *rest: Any) -> httpcore.NetworkStream:
        return DeadlineStream(super().connect_tcp(address, port, left(timeout, httpcore.ConnectTimeout), *rest))


def is_public(address: str) -> bool:
    """Whether an IP address lies on the public internet; IPv4 inside IPv6 counts as what it is."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _inner(ip)
        if inner is not None:
            return is_public(str(inner))
        # Only this block is given out; the rest is special, old or unused.
        if ip not in _GLOBAL6:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that traffic to an IPv6 address ends at, where one is wrapped in it."""
    if ip in _NAT64 or int(ip) >> 32 == 0:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    # ISATAP: the last half is 5efe and the address.
    if (int(ip) >> 32) & 0xFFFFFDFF == 0x00005EFE:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def _name(host: str) -> str:
    return host.lower().strip("[]").rstrip(".")
