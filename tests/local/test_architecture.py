"""The picture of the architecture is the program's."""

import re
from xml.etree import ElementTree

from local.architecture import PICTURE, picture


def test_picture_in_the_repository_is_the_programs() -> None:
    """`python -m local.architecture` writes it; a change of the program that the picture shows and that forgot it fails here."""
    assert PICTURE.read_text() == picture()


def test_picture_is_svg_whose_words_stay_in_their_boxes() -> None:
    """It parses, and no text is so long that it would leave its box at the width of the font."""
    root = ElementTree.fromstring(PICTURE.read_text())
    space = "{http://www.w3.org/2000/svg}"
    groups = root.findall(f"{space}g")
    assert len(groups) > 20
    for group in groups:
        width = int(group.find(f"{space}rect").get("width"))  # type: ignore[union-attr,arg-type]
        for text in group.findall(f"{space}text"):
            size = 7.2 if text.get("class") == "title" else 6.2
            assert 10 + size * len(re.sub(r"\s+", " ", text.text or "")) <= width, text.text
