"""From where the page is reached."""

import ipaddress

from dealwire.settings import Settings


def is_loopback(host: str) -> bool:
    """Whether an address to listen at is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def has_page(settings: Settings, host: str) -> bool:
    """Whether the page is served at this address: to others than this machine not without a password."""
    return settings.web.needs_login or is_loopback(host)
