"""The policy: which operator is applied to identifiers of which type. Read from a file and checked strictly at start."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from services.gateway.deidentify import ENTITY_TYPES

DEFAULT_POLICY = Path(__file__).with_name("policy.yaml")
KEY_BYTES = 32
"""The least that a key has to have."""

Operator = Literal["replace", "surrogate", "date_shift", "generalise", "mask"]
_ONLY_FOR: Mapping[str, frozenset[str]] = {
    "date_shift": frozenset({"DATE"}),
    "generalise": frozenset({"AGE", "ZIP_CODE", "DATE"}),
}
_KEYED = frozenset({"surrogate", "date_shift"})


class PolicyError(Exception):
    """A policy or key that can't be used, said in one sentence that names the remedy."""


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
    default: Literal["replace", "surrogate", "mask"] = "replace"
    operators: dict[str, Operator] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> "_Content":
        for kind, operator in self.operators.items():
            if kind not in ENTITY_TYPES:
                raise ValueError(f"{kind} is no entity type; the types are {', '.join(ENTITY_TYPES)}")
            if kind not in _ONLY_FOR.get(operator, ENTITY_TYPES):
                raise ValueError(f"{operator} is for {' and '.join(sorted(_ONLY_FOR[operator]))}, not for {kind}")
        return self


class Policy:
    """A valid policy."""

    def __init__(self, content: _Content, digest: str) -> None:
        self._content = content
        self.version = f"{content.name}-{digest[:12]}"

    def operator(self, kind: str) -> Operator:
        """What is applied to identifiers of type `kind`."""
        return self._content.operators.get(kind, self._content.default)

    @property
    def needs_key(self) -> bool:
        """Whether an operator of it is keyed."""
        return not _KEYED.isdisjoint((self._content.default, *self._content.operators.values()))


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise yaml.constructor.ConstructorError(problem=f"{twice[0]} stands there twice")
        return dict(super().construct_mapping(node, deep))


def load_policy(path: Path = DEFAULT_POLICY) -> Policy:
    """The policy in the file at `path`.

    Raises:
        PolicyError: the file can't be read, or is no policy.
    """
    try:
        raw = path.read_bytes()
        content = _Content.model_validate(yaml.load(raw, _Loader))  # noqa: S506  # a SafeLoader
    except OSError as error:
        raise PolicyError(f"Make the de-identification policy {path} readable: {error.strerror}.") from None
    except yaml.YAMLError as error:
        said = getattr(error, "problem", None) or "it is no YAML"
        raise PolicyError(f"Correct the de-identification policy {path}: {said}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        raise PolicyError(
            f"Correct {f'`{place}` in ' if place else ''}the de-identification policy {path}: {said}."
        ) from None
    return Policy(content, hashlib.sha256(raw).hexdigest())


def load_key(path: Path) -> bytes:
    """The key of surrogates and date shifts: the bytes of the file at `path`.

    Raises:
        PolicyError: the file can't be read, or holds less than `KEY_BYTES`.
    """
    try:
        key = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"Make the de-identification key {path} readable: {error.strerror}.") from None
    if len(key) < KEY_BYTES:
        raise PolicyError(f"Put {KEY_BYTES} random bytes or more into the de-identification key {path}.")
    return key
