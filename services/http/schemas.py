"""Request and answer of `POST /v1/classify`. What holds request text shows none of it in its `repr`."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

MAX_TEXTS = 32
MAX_CHARACTERS = 10_000
MAX_BODY_BYTES = 256 * 1024

Label = Literal["NEGATIVE", "POSITIVE"]


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "blank")
    return text


Text = Annotated[
    str,
    Field(min_length=1, max_length=MAX_CHARACTERS, json_schema_extra={"pattern": r"\S"}),
    AfterValidator(_not_blank),
]


def _one_of_both(schema: dict[str, Any]) -> None:
    """Say in the schema what the validator below demands; null is no value of either."""
    for name in ("text", "texts"):
        field = schema["properties"][name]
        field |= next(each for each in field.pop("anyOf") if each != {"type": "null"})
        del field["default"]
        field["title"] = name.capitalize()
    schema["oneOf"] = [{"required": [name]} for name in ("text", "texts")]


class ClassifyRequest(BaseModel):
    """One `text`, or 1 to 32 `texts`; never both, not even as null, and no other field."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, json_schema_extra=_one_of_both
    )

    text: Text | None = Field(default=None, repr=False)
    texts: list[Text] | None = Field(default=None, min_length=1, max_length=MAX_TEXTS, repr=False)

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.text is None) == (self.texts is None) or len(self.model_fields_set & {"text", "texts"}) != 1:
            raise PydanticCustomError("one_of", "one of text and texts")
        return self

    @property
    def inputs(self) -> list[str]:
        """The texts to classify, in the order of the request; at least one."""
        return [self.text] if self.text is not None else list(self.texts or [])


class Prediction(BaseModel):
    """The likelier label of one text, and its probability in 0..1."""

    label: Label
    score: float = Field(ge=0, le=1)


class ModelInfo(BaseModel):
    """The model that answered: its name, and its version from the manifest."""

    name: str
    version: str


class ClassifyResponse(BaseModel):
    """One prediction for each text, in the order of the request."""

    predictions: list[Prediction]
    model: ModelInfo
    request_id: str


class ProblemDetails(BaseModel):
    """What went wrong, RFC 9457. The texts are fixed: nothing of the request is repeated."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["about:blank"]
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    request_id: UUID


class V2Problem(ProblemDetails):
    """The same for clients of the v2 inference protocol, which read `error`."""

    error: str
