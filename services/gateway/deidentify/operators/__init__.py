"""What becomes of identifiers: each span of a text is replaced as the policy says for its type."""

from collections.abc import Callable, Iterable, Mapping

from services.gateway.deidentify import ENTITY_TYPES, Deidentified, Scope, Span
from services.gateway.deidentify.operators.date_shift import DateShift
from services.gateway.deidentify.operators.generalise import generalise
from services.gateway.deidentify.operators.surrogate import Surrogates
from services.gateway.deidentify.policy import Policy, PolicyError

_Operation = Callable[[str, str, Scope], str]


class Operators:
    """Applies a policy to texts."""

    def __init__(self, policy: Policy, key: bytes | None = None) -> None:
        """PolicyError when the policy needs a key and there is none."""
        if key is None and policy.needs_key:
            raise PolicyError("Set the file of the de-identification key: the policy has surrogates or date shifts.")
        surrogates, shift = Surrogates(key or b""), DateShift(key or b"")
        operations: Mapping[str, _Operation] = {
            "replace": lambda kind, value, scope: f"<{kind}>",
            "mask": lambda kind, value, scope: mask(value),
            "generalise": lambda kind, value, scope: generalise(kind, value) or f"<{kind}>",
            "surrogate": lambda kind, value, scope: surrogates(kind, value, scope.conversation),
            "date_shift": lambda kind, value, scope: shift(value, scope) or f"<{kind}>",
        }
        self._operations = {kind: operations[policy.operator(kind)] for kind in ENTITY_TYPES}

    def apply(self, text: str, spans: Iterable[Span], scope: Scope | None = None) -> Deidentified:
        """`text` with its spans, which are in order and don't overlap, replaced."""
        scope = scope or Scope.of_its_own()
        spans = tuple(spans)
        parts: list[str] = []
        position = 0
        for span in spans:
            value = text[span.start : span.end]
            parts += (text[position : span.start], self._operations[span.type](span.type, value, scope))
            position = span.end
        return Deidentified("".join((*parts, text[position:])), spans)


def mask(value: str) -> str:
    """A star for each character that is neither blank nor punctuation: 415-555-2671 becomes ***-***-****."""
    return "".join("*" if each.isalnum() or ord(each) > 127 else each for each in value)
