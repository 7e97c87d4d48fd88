"""The question to the cluster's DNS."""

import socket
import struct
import threading

from local.node import dns


def answer(identifier: int, *, flags: int = 0x8180, answers: int = 1) -> bytes:
    return struct.pack("!6H", identifier, flags, 1, answers, 0, 0)


def test_a_question_names_every_label() -> None:
    """One question, class IN, type A, recursion desired."""
    header = b"\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
    assert dns.query(7, "a.bc") == header + b"\x01a\x02bc\x00\x00\x01\x00\x01"


def test_only_a_full_answer_to_this_question_counts() -> None:
    """Not one to another question, an error, an empty one, our own question, or a fragment."""
    assert dns.has_answer(7, answer(7))
    assert not dns.has_answer(7, answer(8))
    assert not dns.has_answer(7, answer(7, flags=0x8183))
    assert not dns.has_answer(7, answer(7, answers=0))
    assert not dns.has_answer(7, dns.query(7, "a.bc"))
    assert not dns.has_answer(7, b"\x00\x07\x81")


def test_a_server_that_answers_resolves_and_a_closed_port_does_not() -> None:
    """Over a real socket; a refusal is not an exception."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]

        def serve() -> None:
            message, client = server.recvfrom(512)
            server.sendto(answer(int.from_bytes(message[:2], "big")), client)

        thread = threading.Thread(target=serve)
        thread.start()
        assert dns.resolves("a.bc", server="127.0.0.1", port=port, timeout_s=10)
        thread.join()
    assert not dns.resolves("a.bc", server="127.0.0.1", port=port, timeout_s=10)
