"""Restricts the client under test to this machine: it may connect to loopback addresses only.

An audit hook checks every connection and every name lookup of Python, whichever library requests it, and cannot be
removed.
"""

import ipaddress
import socket
import sys

rejected = []
_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyname_ex"}
_SENDING = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class NotLoopback(OSError):
    """A connection to another machine was attempted."""


def _is_loopback(host):
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _watch(event, arguments):
    if event in _LOOKUPS:
        host = arguments[0]
        host = host.decode() if isinstance(host, bytes) else host
        # None means this machine.
        allowed = host is None or _is_loopback(host)
    elif event in _SENDING:
        connection, host = arguments[0], arguments[-1]
        if getattr(connection, "family", None) == socket.AF_UNIX:
            return
        host = host[0] if isinstance(host, tuple) else host
        allowed = host is None or _is_loopback(host)
    else:
        return
    if not allowed:
        rejected.append(str(host))
        raise NotLoopback(f"{event}: {host} is not this machine")


def install():
    sys.addaudithook(_watch)
