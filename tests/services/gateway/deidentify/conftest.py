import pytest

from services.gateway.deidentify import Span
from services.gateway.deidentify.language import EnglishCheck
from services.gateway.deidentify.spans import SpanFinder


class NoRecognizer:
    """Finds nothing, so that a test sees what the rules find."""

    def spans(self, text: str) -> list[Span]:
        return []


@pytest.fixture(scope="session")
def english() -> EnglishCheck:
    return EnglishCheck()


@pytest.fixture(scope="session")
def rules() -> SpanFinder:
    return SpanFinder(NoRecognizer())
