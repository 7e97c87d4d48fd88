"""The model card that lies beside the manifest, made from it."""

from collections.abc import Mapping
from typing import Any

from model_build.data import NEUTRAL_BELOW

_BUILTIN_DATA = """\
The encoder is all-MiniLM-L6-v2 (sentence-transformers), whose own card names its training data. An adapter (LoRA) and the
head were trained on eight tenths of the rated sentences of Hutto and Gilbert (ICWSM 2014; films, products, news, tweets;
MIT, from vaderSentiment); one tenth chose the hyperparameters, and the last, held out, is measured below.
`model_build/adapter/adapter.json` has the numbers."""
_OTHER_DATA = "What it was trained on is for its own card to say: this build has changed no weight but by rounding."


def render(content: Mapping[str, Any]) -> str:
    """Markdown: what the model of this manifest is, what it is for, and how right it was on sentences it never saw."""
    figures = content["figures"]
    return f"""\
# {content["name"]} {content["version"]}

- Source: `{content["source"]}`
- Licence: {content["licence"]}
- Built for: `{content["target"]}`; {"; ".join(f"{name}: {what}" for name, what in content["precision"].items())}
- Answers: {" or ".join(content["labels"])} for one English text; what is longer than {content["max_tokens"]} tokens is cut.
{_versions(content)}
## Data
{_BUILTIN_DATA if content["source"] == "builtin" else _OTHER_DATA}

## Intended use and limits
{_USE[content["source"] == "builtin"]}

INT8 finds the range of its activations in each batch, so that an answer depends a little on what else is in the batch: with
each held-out sentence by itself, {figures["int8_alone_agrees_with_batched"]:.1%} have the label that they have in batches of 32.

## Figures
Held-out sentences of Hutto and Gilbert (ICWSM 2014), each rated by at least twenty people on a scale from -4 to 4;
those nearer to zero than {NEUTRAL_BELOW} are left out. Accuracy; in brackets the 95 % Wilson interval.

| sentences | number | checkpoint | {" | ".join(figures["models"])} |
|---|---|---|{"---|" * len(figures["models"])}
{_accuracy(figures)}

Beside the checkpoint, on the same sentences:

| model | same label | mean difference of logits | largest |
|---|---|---|---|
{_parity(figures["models"])}

## Files
{content["reproducible"]} `manifest.json` has them too, and those of all that it was made from.

| file | SHA-256 |
|---|---|
{_hashes(content)}
"""


_USE = {
    True: """\
A stand-in for a model of your own: it shows how text is classified on private infrastructure. It knows the tone of
short English sentences about films, products, news and everyday life. It has no neutral class, knows no clinical
language, was not examined for bias, and must not inform decisions about people.""",
    False: """\
What its own card says. Here it was only compared with its checkpoint, and measured on sentences about films, products, news
and everyday life, which need not be what it was made for. It must not inform decisions about people on these figures.""",
}


def _versions(content: Mapping[str, Any]) -> str:
    if len(content["versions"]) == 1:
        return ""
    served = (f"{number} is `{each['version']}` ({each['source']})" for number, each in content["versions"].items())
    return f"- Versions side by side: {', '.join(served)}; what this card says is of the highest.\n"


def _accuracy(figures: Mapping[str, Any]) -> str:
    columns = [figures["checkpoint"], *(model["accuracy"] for model in figures["models"].values())]
    return "\n".join(
        f"| {source} | {figure['sentences']} | {' | '.join(_cell(column[source]) for column in columns)} |"
        for source, figure in figures["checkpoint"].items()
    )


def _cell(figure: Mapping[str, float]) -> str:
    return f"{figure['accuracy']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})"  # noqa: RUF001 - a range


def _parity(models: Mapping[str, Any]) -> str:
    return "\n".join(
        f"| {name} | {model['agreement']:.1%} | {model['mean_logit_difference']:.6f} | {model['max_logit_difference']:.6f} |"
        for name, model in models.items()
    )


def _hashes(content: Mapping[str, Any]) -> str:
    weights = {name: sha256 for name, sha256 in content["checkpoint"].items() if name.endswith(".safetensors")}
    made_from = [(f"from `{name}`", sha256) for name, sha256 in weights.items()]
    made = [(f"`{path}`", file["sha256"]) for path, file in content["files"].items()]
    return "\n".join(f"| {name} | `{sha256}` |" for name, sha256 in [*made, *made_from])
