"""`python -m model_build.deid.told`: the names that the gateway's rules know, from the same lists as the recogniser's."""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from model_build.deid.vocabulary import CLINICAL, FIRST_NAME, GENERAL, LAST_NAME
from services.gateway.deidentify.neural import LISTS, MODEL

_HEAD = "# {}; from the lists of model_build/deid (United States Census 1990, Faker): python -m model_build.deid.told\n"
_WIDTH = 120
EVERYDAY = 2 * GENERAL
"""The higher bit of the two: words that everyday sentences have more than a few times."""


def main() -> None:
    """Write both files of names beside the gateway's other words."""
    names, given = set[str](), set[str]()
    for line in (MODEL / LISTS).read_text("utf-8").splitlines():
        number, *words = line.split(" ")
        lists = int(number)
        if not lists & (FIRST_NAME | LAST_NAME):
            continue
        if not lists & EVERYDAY and (lists & FIRST_NAME or not lists & CLINICAL):
            names.update(word for word in words if len(word) > 2)
        elif lists & FIRST_NAME:
            given.update(words)
    words_folder = Path(str(files("services.gateway.deidentify"))) / "words"
    _write(words_folder / "names.txt", "Names of persons that are no everyday words", names)
    _write(words_folder / "given_names_that_are_words.txt", "Given names that are everyday words as well", given)


def _write(path: Path, title: str, names: Iterable[str]) -> None:
    lines, line = [_HEAD.format(title)], ""
    for name in sorted(names):
        if len(line) + len(name) >= _WIDTH:
            lines.append(line.rstrip() + "\n")
            line = ""
        line += name + " "
    path.write_text("".join([*lines, line.rstrip() + "\n"]), "utf-8")


if __name__ == "__main__":
    main()
