from pathlib import Path

import pytest

from model_build import data
from model_build.errors import BuildError
from tests.model_build.checkpoints import SENTENCES, write_sentences

FILMS, PRODUCTS, *_ = SENTENCES
EMPTY = dict.fromkeys(SENTENCES, "")


def load(folder: Path, **files: str) -> data.Split:
    write_sentences(folder, EMPTY | files)
    return data.load(folder / "vaderSentiment-3.3.2.tar.gz")


def all_of(split: data.Split) -> list[data.Sentence]:
    return [*split.training, *split.development, *split.held_out]


def test_no_words_are_on_two_sides_of_the_split(tmp_path: Path) -> None:
    """The three parts share no sentence, even where case and punctuation differ."""
    texts = [f"Sentence {index}!" for index in range(200)] + [f"sentence {index}" for index in range(200)]
    split = load(tmp_path, **{FILMS: "".join(f"1\t2.0\t{text}\n" for text in texts)})
    parts = [
        {sentence.text.lower().rstrip("!") for sentence in part}
        for part in (split.training, split.development, split.held_out)
    ]
    assert all(parts)
    assert sum(map(len, parts)) == len(set.union(*parts)) == 200


def test_the_split_does_not_depend_on_order(tmp_path: Path) -> None:
    """A sentence falls on the same side wherever it stands in the data."""
    lines = [f"1\t2.0\tSentence {index}.\n" for index in range(100)]
    forward = load(tmp_path / "a", **{FILMS: "".join(lines)})
    backward = load(tmp_path / "b", **{FILMS: "".join(reversed(lines))})
    assert set(forward.held_out) == set(backward.held_out)


def test_ratings_of_the_same_words_are_averaged(tmp_path: Path) -> None:
    """Repeated words make one sentence, rated by the mean, of the first source that has them."""
    split = load(tmp_path, **{FILMS: "1\t2.0\tFine film.\n", PRODUCTS: "1\t1.0\tfine  film\n"})
    assert [(s.text, s.rating, s.source) for s in all_of(split)] == [("Fine film.", 1.5, "films")]


def test_ratings_near_zero_are_not_measured(tmp_path: Path) -> None:
    """A sentence on whose side people do not agree is learnt from, but never counted as right or wrong."""
    split = load(tmp_path, **{FILMS: "".join(f"1\t0.49\tSentence {index}.\n" for index in range(100))})
    assert not split.held_out
    assert not split.development
    assert split.training


def test_entities_and_spaces_are_normalised(tmp_path: Path) -> None:
    """Text reads as people read it."""
    split = load(tmp_path, **{FILMS: "1\t2.0\tLove  &amp; peace\r\n"})
    assert all_of(split)[0].text == "Love & peace"


def test_a_foreign_archive_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """What is not the source distribution is named, with the remedy."""
    foreign = tmp_path / "vaderSentiment-3.3.2.tar.gz"
    foreign.write_bytes(b"not an archive")
    with pytest.raises(BuildError, match="delete it and build again"):
        data.load(foreign)
