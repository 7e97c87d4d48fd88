"""How texts are disfigured: identifiers stay where they are in the order of pieces."""

from random import Random

from model_build.deid.examples import Piece, assemble
from model_build.deid.styles import styled

PIECES = [
    Piece("Pt "),
    Piece("Maria Lopez", "PERSON"),
    Piece(", MRN: "),
    Piece("AB1234567", "ID"),
    Piece(", called back."),
]


def test_every_style_keeps_the_identifiers_in_their_order() -> None:
    for seed in range(300):
        assert [piece.type for piece in styled(PIECES, Random(seed))] == [piece.type for piece in PIECES]


def test_styles_include_capitals_small_letters_typing_errors_and_line_breaks() -> None:
    texts = [assemble(styled(PIECES, Random(seed))).text for seed in range(600)]
    assert any(text.isupper() for text in texts)
    assert any("maria lopez" in text and "AB1234567" in text for text in texts)
    assert any("Lopez" not in text and "maria" not in text and "MARIA" not in text for text in texts)
    assert any("MRN AB" in text for text in texts)
    assert texts.count(assemble(PIECES).text) > 150
