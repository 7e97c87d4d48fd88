"""Random bytes."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.http.randomness import random_bytes


def test_nobody_gets_what_another_got() -> None:
    """Over many refills, from several threads."""
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: random_bytes(16), range(4_000)))
    assert len(set(drawn)) == len(drawn)
    assert {len(each) for each in drawn} == {16}


def test_a_process_that_forks_shares_nothing_with_its_child() -> None:
    """What was drawn before belongs to one of the two."""
    random_bytes(1)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, random_bytes(16))
        os._exit(0)
    mine = random_bytes(16)
    os.waitpid(child, 0)
    assert os.read(reading, 16) != mine
    os.close(reading)
    os.close(writing)


def test_it_comes_from_the_systems_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is not asked for every time."""
    asked: list[int] = []
    system = os.urandom

    def counted(count: int) -> bytes:
        asked.append(count)
        return system(count)

    monkeypatch.setattr(os, "urandom", counted)
    for _ in range(512):
        random_bytes(16)
    assert asked in ([4096, 4096], [4096, 4096, 4096])
