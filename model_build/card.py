"""The model card that lies beside the manifest."""

from collections.abc import Mapping

from model_build.accuracy import Accuracy
from model_build.data import NEUTRAL_BELOW
from model_build.sources import Checkpoint
from model_build.verify import Figures


def render(version: str, source: Checkpoint, figures: Figures, max_tokens: int) -> str:
    """Markdown: what the model is, what it is for, and how right it was on sentences that it never saw."""
    return f"""\
# sentiment {version}

- Source: `{source.source}`
- Licence: {source.licence}
- Answers: NEGATIVE or POSITIVE for one English text; what is longer than {max_tokens} tokens is cut.

## Intended use and limits
A stand-in for a model of your own: it shows how text is classified on private infrastructure. It knows the tone of
short English sentences about films, products, news and everyday life. It has no neutral class, knows no clinical
language, was not examined for bias, and must not inform decisions about people.

## Figures
Held-out sentences of Hutto and Gilbert (ICWSM 2014), each rated by at least twenty people on a scale from -4 to 4;
those nearer to zero than {NEUTRAL_BELOW} are left out. In brackets the 95 % Wilson interval.

| sentences | number | checkpoint | served (INT8) |
|---|---|---|---|
{_rows(figures)}

Served and checkpoint give the same label on {figures.agreement:.1%} of them; the mean difference of logits is
{figures.mean_logit_difference}. Files and hashes: `manifest.json`.
"""


def _rows(figures: Figures) -> str:
    return "\n".join(
        f"| {source} | {served['sentences']} | {_cell(figures.checkpoint, source)} | {_cell(figures.served, source)} |"
        for source, served in figures.served.items()
    )


def _cell(figures: Mapping[str, Accuracy], source: str) -> str:
    figure = figures[source]
    return f"{figure['accuracy']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})"  # noqa: RUF001 - a range
