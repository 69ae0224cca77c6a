"""Addresses: the publisher's own, and where they are asked while a gateway stands in for it."""

from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def wire_address(url: str, gateway: str | None) -> str:
    """The address asked: the publisher's, or `<gateway>/host/path`."""
    if gateway is None:
        return url
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{gateway}/{parts.netloc}{parts.path or '/'}{query}"


def front_page(url: str) -> str:
    """The first page of the site that an address belongs to."""
    return urljoin(url, "/")


def redirect_target(url: str, location: str, gateway: str | None) -> str | None:
    """The publisher's address that a redirect of `url` leads to.

    Null where it leads nowhere, off the host, to another server on it, or from https to http.
    """
    if not location:
        return None
    try:
        target = urljoin(wire_address(url, gateway), location)
        if gateway and target.startswith(gateway + "/"):
            target = f"{urlsplit(url).scheme}://{target[len(gateway) + 1 :]}"
        here, there = urlsplit(url), urlsplit(target)
        # Another port is another server, but for the two that go with the schemes.
        same_port = there.port == here.port or {here.port, there.port} <= {None, 80, 443}
    except ValueError:
        return None  # no address at all: an open bracket, a port beyond 65535
    secure = there.scheme == here.scheme or (here.scheme, there.scheme) == ("http", "https")
    return target if there.hostname == here.hostname and same_port and secure else None
