"""Which TCP ports are taken, and by whom."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from local.errors import LocalError
from local.node.addresses import Endpoint

_LISTEN = "0A"


def refuse_taken(endpoints: Iterable[Endpoint]) -> None:
    """Raise LocalError, naming port and, where it is known, process, if another process listens on one of these."""
    listening = list(_listening())
    for endpoint in endpoints:
        for address, port, inode in listening:
            if port == endpoint.port and _overlaps(address, endpoint.address):
                raise LocalError(f"Port {endpoint} is taken{_holder(inode)}: end it, then start again.")


def is_listening(endpoint: Endpoint) -> bool:
    """Whether some process listens on exactly this address and port."""
    return any(str(address) == endpoint.address and port == endpoint.port for address, port, _ in _listening())


def _overlaps(bound: IPv4Address | IPv6Address, wanted: str) -> bool:
    return bound.is_unspecified or bound == ip_address(wanted)


def _listening() -> Iterator[tuple[IPv4Address | IPv6Address, int, str]]:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTEN:
                address, _, port = fields[1].partition(":")
                yield _address(address), int(port, 16), fields[9]


def _address(text: str) -> IPv4Address | IPv6Address:
    """The kernel prints each 32-bit word in the machine's byte order (little-endian where we run)."""
    words = [bytes.fromhex(text[start : start + 8])[::-1] for start in range(0, len(text), 8)]
    packed = b"".join(words)
    if len(packed) == 4:
        return IPv4Address(packed)
    address = IPv6Address(packed)
    return address.ipv4_mapped or address


def _holder(inode: str) -> str:
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(descriptor.readlink()) == f"socket:[{inode}]":
                process = descriptor.parent.parent
                return f" by {(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue
    return ""
