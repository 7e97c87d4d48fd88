"""The cap on what a request gives the model to read."""

from collections.abc import Sequence

from services.gateway.problems import TOO_MANY_TOKENS
from services.http.problems import ProblemError


def check(texts: Sequence[str], *, most: int) -> None:
    """The problem, 413, where the texts together may be more than `most` tokens.

    A token stands for a character or more, so characters bound them, whatever the model: counting tokens themselves
    would take the model's tokenizer, and about as long as de-identification. What one text costs the model is bounded
    besides: its own tokenizer cuts the text at the `max_tokens` of the manifest.
    """
    if sum(map(len, texts)) > most:
        raise ProblemError(TOO_MANY_TOKENS)
