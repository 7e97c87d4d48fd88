"""The payloads, and how they are chosen."""

import json
import statistics

from loadtests.texts import COUNT, FEEDBACK, OUTPUT, SHAPES, choose

TEXTS: list[str] = json.loads(OUTPUT.read_text())
SOURCES = {
    source: [f"{source} {number} {'word ' * (5 + number % 25)}end." for number in range(3000)]
    for source in ("films", "products", "news", "tweets")
}


def test_the_texts_are_many_different_and_within_the_contract() -> None:
    """None twice, none blank, none beyond what the services accept."""
    assert len(TEXTS) == len(set(TEXTS)) == COUNT
    assert all(text.strip() and len(text) <= 10_000 for text in TEXTS)


def test_their_lengths_are_mixed_as_said_in_every_part_of_the_file() -> None:
    """From a sentence to what the model reads at most, and no part is of one kind, since a short run sends a part."""
    words = [len(text.split()) for text in TEXTS]
    assert min(words) < 8
    assert 150 < max(words) < 180
    assert 30 < statistics.median(words) < 60
    for start in range(0, COUNT, 128):
        part = words[start : start + 128]
        assert sum(count < 25 for count in part) > 20
        assert sum(count >= 60 for count in part) > 20


def test_the_repositorys_own_are_among_them() -> None:
    """They speak of what the services are for, with names and dates to take out."""
    assert set(json.loads(FEEDBACK.read_text())) <= set(TEXTS)


def test_the_same_sources_give_the_same_texts() -> None:
    """In the same order, in the shares of SHAPES."""
    chosen = choose(SOURCES, ["Our own."], lambda _: True)
    assert chosen == choose(dict(SOURCES), ["Our own."], lambda _: True)
    assert len(chosen) == len(set(chosen)) == COUNT
    longest = SHAPES[-1]
    assert sum(len(text.split()) in longest.words for text in chosen) == round(COUNT * longest.percent / 100)


def test_what_the_gateway_would_refuse_is_not_chosen() -> None:
    """A refused text would be an error of the load test, not of the gateway."""
    chosen = choose(SOURCES, [], lambda text: "7" not in text)
    assert len(chosen) == COUNT
    assert not any("7" in text for text in chosen)
