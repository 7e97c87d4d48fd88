"""Presidio recognisers that fail closed.

Presidio's own PatternRecognizer skips a pattern that times out and goes on, which would let identifiers pass; these
raise.
"""

from typing import Any

import regex  # type: ignore[import-untyped]
from presidio_analyzer import LocalRecognizer, RecognizerResult

from services.gateway.deidentify.patterns import compiled_patterns
from services.gateway.deidentify.vocabulary import CLINICAL_WORDS, COMMON_WORDS

_TIMEOUT_S = 2.0


class StrictPatternRecognizer(LocalRecognizer):
    """Finds one entity type by patterns; a pattern that takes too long raises TimeoutError."""

    def __init__(self, entity_type: str, patterns: list[regex.Pattern[str]], *, timeout_s: float = _TIMEOUT_S) -> None:
        self._label = f"{entity_type.lower()}-patterns"
        super().__init__(supported_entities=[entity_type], name=self._label)
        self._entity_type = entity_type
        self._patterns = patterns
        self._timeout_s = timeout_s

    def load(self) -> None:
        """Nothing: the patterns come compiled."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Every match of every pattern, with score 1."""
        found = []
        for pattern in self._patterns:
            for match in pattern.finditer(text, timeout=self._timeout_s):
                start, end = match.span("id" if "id" in pattern.groupindex else 0)
                if self._accepts(text[start:end]):
                    found.append(self._result(start, end))
        return found

    def _accepts(self, matched: str) -> bool:
        """Names must hold a word that isn't a common one; everything else is accepted as matched."""
        if self._entity_type != "PERSON":
            return True
        return any(
            word not in COMMON_WORDS and word not in CLINICAL_WORDS
            for word in matched.lower().replace(",", " ").split()
        )

    def _result(self, start: int, end: int) -> RecognizerResult:
        metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: self._label,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return RecognizerResult(self._entity_type, start, end, 1.0, recognition_metadata=metadata)


def pattern_recognizers() -> list[StrictPatternRecognizer]:
    """A recogniser for each entity type that has patterns."""
    return [StrictPatternRecognizer(kind, patterns) for kind, patterns in compiled_patterns().items()]
