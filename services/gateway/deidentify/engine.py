"""The engine: is it English, what identifies somebody in it, what becomes of that."""

from services.gateway.deidentify import Deidentified, LanguageRefused, Scope, Span
from services.gateway.deidentify.language import EnglishCheck
from services.gateway.deidentify.neural import NeuralRecognizer
from services.gateway.deidentify.operators import Operators
from services.gateway.deidentify.policy import Policy, load_policy
from services.gateway.deidentify.spans import Recognizer, SpanFinder
from services.gateway.deidentify.view import view


class TextEngine:
    """De-identifies English text. Holds no text between calls."""

    def __init__(
        self, policy: Policy | None = None, *, key: bytes | None = None, recognizer: Recognizer | None = None
    ) -> None:
        """Load everything; raises when anything is missing, a key that the policy needs (PolicyError) included."""
        self.policy = policy or load_policy()
        self._operators = Operators(self.policy, key)
        self._english = EnglishCheck()
        self._finder = SpanFinder(recognizer or NeuralRecognizer(threads=1))

    def deidentify(self, text: str, scope: Scope | None = None) -> Deidentified:
        """See `Engine`."""
        return self._operators.apply(text, self.spans(text), scope)

    def spans(self, text: str) -> tuple[Span, ...]:
        """The identifiers of `text`, in order and without overlap; LanguageRefused when it isn't in English."""
        shown = view(text)
        if not self._english.passes(text, shown.text):
            raise LanguageRefused
        return self._finder.spans(shown)
