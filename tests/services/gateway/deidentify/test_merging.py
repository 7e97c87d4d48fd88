from itertools import pairwise

from services.gateway.deidentify.merging import merge
from services.gateway.deidentify.rules import Candidate, Certainty

G, N, F, S = Certainty.GUESSED, Certainty.LEARNT, Certainty.FORMED, Certainty.LABELLED
TEXT = "12 Oak Street, Springfield, IL 62704 and more words to cover here"


def test_equally_sure_ones_that_overlap_become_one() -> None:
    """It covers all that any covered, with the type of the longest."""
    merged = merge(TEXT, [Candidate(0, 4, "PERSON", N), Candidate(3, 9, "LOCATION", N), Candidate(8, 10, "ID", N)])
    assert merged == [Candidate(0, 10, "LOCATION", N)]


def test_the_earlier_type_wins_a_tie() -> None:
    """Of two types for the same characters, equally sure, the one that the list of types has first."""
    assert merge(TEXT, [Candidate(0, 8, "ID", S), Candidate(0, 8, "US_SSN", S)]) == [Candidate(0, 8, "US_SSN", S)]


def test_a_surer_one_is_cut_out_of_a_wider_one() -> None:
    """Both stay covered: the ZIP code keeps its type, the place what stands before it."""
    merged = merge(TEXT, [Candidate(0, 36, "LOCATION", N), Candidate(31, 36, "ZIP_CODE", S)])
    assert [(each.type, TEXT[each.start : each.end]) for each in merged] == [
        ("LOCATION", "12 Oak Street, Springfield, IL"),
        ("ZIP_CODE", "62704"),
    ]


def test_a_surer_one_grows_to_a_wider_one_of_its_type() -> None:
    """A label that sees the first part of a code doesn't leave the rest as another span."""
    merged = merge("MBI 1EG4 TE5 MK73", [Candidate(4, 8, "ID", S), Candidate(4, 17, "ID", F)])
    assert merged == [Candidate(4, 17, "ID", S)]


def test_a_street_and_its_city_are_one_place() -> None:
    """Two places that only a comma parts are one when the first is an address."""
    merged = merge(TEXT, [Candidate(0, 13, "LOCATION", N), Candidate(15, 26, "LOCATION", N)])
    assert merged == [Candidate(0, 26, "LOCATION", N)]
    apart = merge("Boston, Cambridge", [Candidate(0, 6, "LOCATION", N), Candidate(8, 17, "LOCATION", N)])
    assert len(apart) == 2


def test_nothing_that_was_covered_comes_free() -> None:
    """Every letter and digit of every candidate lies in a span, and spans don't overlap."""
    candidates = [
        *(
            Candidate(2, 20, "PERSON", N),
            Candidate(5, 9, "DATE", F),
            Candidate(7, 12, "ID", G),
            Candidate(18, 30, "ID", S),
        ),
        *(Candidate(25, 40, "LOCATION", N), Candidate(39, 44, "PHONE_NUMBER", F)),
    ]
    merged = merge(TEXT, candidates)
    covered = {place for each in merged for place in range(each.start, each.end)}
    wanted = {place for each in candidates for place in range(each.start, each.end) if TEXT[place].isalnum()}
    assert wanted <= covered
    assert all(before.end <= after.start for before, after in pairwise(merged))


def test_very_many_are_merged_in_one_pass() -> None:
    """A hundred thousand, half of them surer: to compare each with each would take hours."""
    places = range(0, 600_000, 6)
    candidates = [Candidate(place, place + 4, "PERSON", F if place % 12 else N) for place in places]
    wider = [Candidate(place, place + 5, "PERSON", N) for place in places if place % 12]
    merged = merge("Mary. " * 100_000, [*candidates, *wider])
    assert merged == [Candidate(p, p + (5 if p % 12 else 4), "PERSON", F if p % 12 else N) for p in places]
