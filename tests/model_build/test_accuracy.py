from model_build.accuracy import accuracy
from model_build.data import Sentence


def sentence(rating: float, source: str) -> Sentence:
    return Sentence(text="x", rating=rating, source=source)


def test_accuracy_is_counted_whole_and_by_source() -> None:
    """Each source is counted alone; a source without sentences is left out."""
    rated = [sentence(2, "films"), sentence(-2, "films"), sentence(-1, "news"), sentence(-1, "news")]
    figures = accuracy([1, 1, 0, 0], rated)
    shares = {source: figure["accuracy"] for source, figure in figures.items()}
    assert shares == {"all": 0.75, "films": 0.5, "news": 1.0}
    assert figures["films"]["sentences"] == 2


def test_the_interval_is_wilsons() -> None:
    """80 of 100 right gives 0.711 to 0.867, as the formula's literature says."""
    figures = accuracy([1] * 80 + [0] * 20, [sentence(2, "films")] * 100)
    assert (figures["all"]["low"], figures["all"]["high"]) == (0.7112, 0.8666)
