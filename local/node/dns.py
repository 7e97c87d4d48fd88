"""One question to the cluster's DNS: its answer shows that kube-proxy, the pod network and CoreDNS work."""

import secrets
import socket
import struct

from local.node.addresses import DNS_ADDRESS

_TYPE_A, _CLASS_IN = 1, 1


def resolves(name: str, *, server: str = DNS_ADDRESS, port: int = 53, timeout_s: float = 1) -> bool:
    """Whether `name` has an address there; False also while nothing answers."""
    identifier = secrets.randbits(16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(timeout_s)
        try:
            client.connect((server, port))
            client.send(query(identifier, name))
            return has_answer(identifier, client.recv(4096))
        except OSError:
            return False


def query(identifier: int, name: str) -> bytes:
    """A DNS message that asks for the IPv4 address of `name`."""
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    return struct.pack("!6H", identifier, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, _TYPE_A, _CLASS_IN)


def has_answer(identifier: int, message: bytes) -> bool:
    """Whether `message` answers that question without an error and with at least one record."""
    if len(message) < 12:
        return False
    answered, flags, _, answers = struct.unpack("!4H", message[:8])
    return bool(answered == identifier and flags & 0x8000 and not flags & 0x000F and answers > 0)
