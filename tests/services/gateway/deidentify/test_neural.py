"""The recogniser in ONNX Runtime: exact offsets, the same answer always, and no answer rather than a wrong one."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from services.gateway.deidentify import ENTITY_TYPES, Span
from services.gateway.deidentify import neural as module
from services.gateway.deidentify.neural import MODEL, ModelError, NeuralRecognizer

NOTE = (
    "Patient: Lopez, Maria A.\nDr. Samuel Okafor saw her at Mercy General Hospital on March 3, 2024.\n"
    "She lives at 12 Oak Street, Springfield, IL 62704 with her daughter Anna."
)


@pytest.fixture(scope="module")
def recognizer() -> NeuralRecognizer:
    return NeuralRecognizer()


def found(text: str, spans: list[Span]) -> set[tuple[str, str]]:
    return {(text[span.start : span.end], span.type) for span in spans}


def test_people_places_and_dates_are_found_with_exact_offsets(recognizer: NeuralRecognizer) -> None:
    """Titles, labels and punctuation are no part of a span; a full name is one."""
    assert found(NOTE, recognizer.spans(NOTE)) >= {
        ("Lopez, Maria A", "PERSON"),
        ("Samuel Okafor", "PERSON"),
        ("Mercy General Hospital", "LOCATION"),
        ("March 3, 2024", "DATE"),
        ("12 Oak Street, Springfield", "LOCATION"),
        ("Anna", "PERSON"),
    }


@pytest.mark.parametrize("write", [str.upper, str.lower])
def test_names_are_found_in_capitals_and_in_small_letters(recognizer: NeuralRecognizer, write: object) -> None:
    """Notes are often written in one of them throughout."""
    assert callable(write)
    text = write("Spoke with Maria Lopez about the discharge. Dr. Okafor agrees.")
    assert found(text, recognizer.spans(text)) == {(write("Maria Lopez"), "PERSON"), (write("Okafor"), "PERSON")}


@pytest.mark.parametrize(
    "text",
    [
        "Parkinson's disease, Babinski negative, Foley catheter in place, Murphy sign positive.",
        "BP 120/80, HR 72. Metoprolol 25 mg BID and Lasix 20 mg daily. Na 138, K 4.1.",
        "G2P1 at 39w4d. Pain 5/10, strength 5/5 in all extremities.",
        "She may return to work in two weeks. Moved here in 1998.",
        "The film is dull, and the waiting room was cold.",
    ],
)
def test_clinical_and_everyday_words_are_no_identifiers(recognizer: NeuralRecognizer, text: str) -> None:
    """Eponyms, drugs, results and bare years stay."""
    assert recognizer.spans(text) == []


def test_offsets_are_characters_of_the_input_whatever_stands_before(recognizer: NeuralRecognizer) -> None:
    """Characters outside the basic plane, accents and odd spaces count as one each."""
    before = "\u2003\U0001f9ec Naïve façade\u00a0— "
    text = before + "Seen by Dr. Samuel Okafor today."
    assert Span(text.index("Samuel"), text.index(" today"), "PERSON") in recognizer.spans(text)


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\u200b", "😀"])
def test_a_text_without_words_has_no_identifiers(recognizer: NeuralRecognizer, text: str) -> None:
    assert recognizer.spans(text) == []


def test_spans_are_in_order_without_overlap_and_start_and_end_with_letters_or_digits(
    recognizer: NeuralRecognizer,
) -> None:
    """Also in a text of 10,000 characters."""
    text = (NOTE + "\n\n") * 50
    spans = recognizer.spans(text[:10_000])
    assert len(spans) > 200
    assert all(first.end <= second.start for first, second in pairwise(spans))
    assert all(text[span.start].isalnum() and text[span.end - 1].isalnum() for span in spans)
    assert {span.type for span in spans} <= recognizer.types <= set(ENTITY_TYPES)


def test_a_long_text_is_read_as_well_in_windows_as_at_once(
    recognizer: NeuralRecognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows overlap by what the network sees; only rounding differs."""
    text = " ".join([NOTE] * 20)
    monkeypatch.setattr(module, "_WINDOW", 100_000)
    at_once = recognizer.spans(text)
    monkeypatch.setattr(module, "_WINDOW", 97)
    in_windows = recognizer.spans(text)
    assert len(set(at_once) ^ set(in_windows)) <= len(at_once) // 50


def test_threads_get_the_same_answer_every_time(recognizer: NeuralRecognizer) -> None:
    expected = recognizer.spans(NOTE)
    with ThreadPoolExecutor(4) as executor:
        answers = list(executor.map(lambda _: recognizer.spans(NOTE), range(64)))
    assert all(answer == expected for answer in answers)


@pytest.mark.parametrize("name", ["network.onnx", "words.txt", "lists.txt"])
def test_a_changed_file_stops_it(tmp_path: Path, name: str) -> None:
    """Every file is compared with its sha256 before it is read."""
    folder = Path(shutil.copytree(MODEL, tmp_path / "model"))
    with (folder / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelError, match=name):
        NeuralRecognizer(folder=folder)


@pytest.mark.parametrize("name", ["network.onnx", "words.txt", "lists.txt", "manifest.json"])
def test_a_missing_file_stops_it(tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(MODEL, tmp_path / "model"))
    (folder / name).unlink()
    with pytest.raises(ModelError, match="incomplete"):
        NeuralRecognizer(folder=folder)


def test_a_type_that_nothing_else_knows_stops_it(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(MODEL, tmp_path / "model"))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["labels"][1] = "B-SHOE_SIZE"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="SHOE_SIZE"):
        NeuralRecognizer(folder=folder)


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        ({}, {"Samuel Okafor", "Rhubarb", "Xqzvbw"}),
        ({"plain": {"PERSON": 0.0}}, {"Samuel Okafor", "Xqzvbw"}),
        ({"alone": {"PERSON": 0.0}}, {"Samuel Okafor"}),
    ],
)
def test_one_word_alone_needs_to_be_surer(tmp_path: Path, limits: dict[str, dict[str, float]], kept: set[str]) -> None:
    """As sure as the manifest asks: any word, or one that is a word of English and no name."""
    text = "Seen by Dr. Samuel Okafor, Dr. Rhubarb and Dr. Xqzvbw."
    folder = Path(shutil.copytree(MODEL, tmp_path / "model"))
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"alone": {}, "plain": {}} | limits))
    assert found(text, NeuralRecognizer(folder=folder).spans(text)) == {(name, "PERSON") for name in kept}


def test_an_answer_that_is_no_number_is_an_error(recognizer: NeuralRecognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It must not pass for "no identifier"."""

    class Broken:
        def run(self, *_: object) -> list[object]:
            return [np.full((4, 39), np.nan, dtype=np.float32)]

    monkeypatch.setattr(recognizer, "_session", Broken())
    with pytest.raises(FloatingPointError):
        recognizer.spans("Maria Lopez was seen")


def test_the_model_is_small_and_says_where_it_comes_from() -> None:
    """At most seven megabytes in git, with licence, command and sources."""
    manifest = json.loads((MODEL / "manifest.json").read_text())
    assert sum(path.stat().st_size for path in MODEL.iterdir()) <= 7_000_000
    assert manifest["licence"] == "Apache-2.0"
    assert manifest["command"] == "python -m model_build.deid train"
    assert manifest["sources"].keys() >= {"names of people", "places", "everyday sentences"}
