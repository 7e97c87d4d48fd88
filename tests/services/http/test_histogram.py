"""The histogram, beside the client library's own."""

import threading

import prometheus_client
from prometheus_client import CollectorRegistry, generate_latest

from services.http.histogram import Histogram

BUCKETS = (0.001, 0.5, 1.0, 10.0)
VALUES = (0.0, 0.001, 0.0011, 0.5, 0.75, 1.0, 3.0, 10.0, 11.0)


def exposition(registry: CollectorRegistry) -> list[str]:
    """Without when series were made, which ours do not say."""
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


def test_it_says_what_the_librarys_own_would_say() -> None:
    """Of every value, those at the bounds included, for each label."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    made = Histogram("duration_seconds", "Time it takes", label="stage", buckets=BUCKETS, registry=ours)
    library = prometheus_client.Histogram(
        "duration_seconds", "Time it takes", ["stage"], buckets=BUCKETS, registry=theirs
    )
    for stage in ("auth", "body"):
        for value in VALUES:
            made.observer(stage)(value)
            library.labels(stage).observe(value)
    assert exposition(ours) == exposition(theirs)


def test_it_can_be_read_while_series_are_added() -> None:
    """As it is by the thread that writes metrics as OTLP."""
    registry = CollectorRegistry()
    histogram = Histogram("duration_seconds", "Time it takes", label="route", buckets=BUCKETS, registry=registry)
    stop = threading.Event()
    failures: list[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                generate_latest(registry)
        except BaseException as error:
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(300):
        histogram.observer(str(number))(0.1)
    stop.set()
    reader.join()
    assert failures == []
