"""Words that no list has."""

from random import Random

from model_build.deid import lexicons
from model_build.deid.values import chains


def test_words_are_made_of_letters_and_most_are_in_no_list() -> None:
    rng = Random(0)
    made = [chains.last_names("tune")(rng) for _ in range(200)]
    assert all(word.isalpha() and word[0].isupper() for word in made)
    known = {name.lower() for name in lexicons.last_names("tune")}
    assert sum(word.lower() not in known for word in made) > 100


def test_a_chain_of_one_word_makes_that_word() -> None:
    assert chains.Chain(["Salem"])(Random(0)) == "Salem"


def test_the_same_draws_give_the_same_words() -> None:
    assert [chains.cities("tune")(Random(3)) for _ in range(2)] == [chains.cities("tune")(Random(3)) for _ in range(2)]
    assert len({chains.brands()(Random(seed)) for seed in range(50)}) > 40
