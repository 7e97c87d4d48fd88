"""How well spans were found: counts that add up over texts, and the rates that come of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from model_build.deid.examples import Example
from services.gateway.deidentify import Span


@dataclass
class Score:
    """Counts by entity type, and of texts.

    A marked span is found when predicted spans of any type cover all of its letters and digits, and exactly found when
    those of its own type do. A predicted span is right when at least half of its letters and digits are marked, as any
    type; exactly right, as its own type. A text leaks when a letter or digit of an identifier is left in it.
    """

    marked: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    found_exactly: Counter[str] = field(default_factory=Counter)
    predicted: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    right_exactly: Counter[str] = field(default_factory=Counter)
    texts: int = 0
    leaking: int = 0
    refused: int = 0

    def add(self, example: Example, predicted: Sequence[Span] | None) -> None:
        """Count one text; `predicted` is None where the text was refused: it leaks nothing, and nothing is found."""
        self.texts += 1
        self.marked.update(span.type for span in example.spans)
        if predicted is None:
            self.refused += 1
            return
        covered = _characters(example.text, predicted)
        for span in example.spans:
            own = _characters(example.text, [span])
            self.found[span.type] += own <= covered
            same = [other for other in predicted if other.type == span.type]
            self.found_exactly[span.type] += own <= _characters(example.text, same)
        self.leaking += not _characters(example.text, example.spans) <= covered
        self._add_predicted(example, predicted)

    @classmethod
    def total(cls, scores: Iterable["Score"]) -> "Score":
        """As if all texts had been counted in one."""
        found = cls()
        for each in scores:
            for name, count in vars(each).items():
                setattr(found, name, getattr(found, name) + count)
        return found

    def _add_predicted(self, example: Example, predicted: Sequence[Span]) -> None:
        for span in predicted:
            own = _characters(example.text, [span])
            same = [other for other in example.spans if other.type == span.type]
            self.predicted[span.type] += 1
            self.right[span.type] += 2 * len(own & _characters(example.text, example.spans)) >= max(1, len(own))
            self.right_exactly[span.type] += 2 * len(own & _characters(example.text, same)) >= max(1, len(own))

    @property
    def leak_rate(self) -> float:
        """Share of texts with anything of an identifier left."""
        return self.leaking / self.texts if self.texts else 0.0


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Of one entity type or of all together; None where there was nothing to count."""

    spans: int
    recall: float | None
    precision: float | None
    f2: float | None
    exact_recall: float | None
    exact_precision: float | None


def rates(score: Score, types: Iterable[str]) -> Rates:
    """The rates over `types` together."""
    kinds = list(types)

    def total(counts: Counter[str]) -> int:
        return sum(counts[kind] for kind in kinds)

    recall = _ratio(total(score.found), total(score.marked))
    precision = _ratio(total(score.right), total(score.predicted))
    return Rates(
        spans=total(score.marked),
        recall=recall,
        precision=precision,
        f2=f2(precision, recall),
        exact_recall=_ratio(total(score.found_exactly), total(score.marked)),
        exact_precision=_ratio(total(score.right_exactly), total(score.predicted)),
    )


def f2(precision: float | None, recall: float | None) -> float | None:
    """The mean of both that takes recall for twice as important."""
    if precision is None or recall is None:
        return None
    return 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _characters(text: str, spans: Iterable[Span]) -> set[int]:
    """Where the letters and digits of the spans are."""
    return {index for span in spans for index in range(span.start, span.end) if text[index].isalnum()}
