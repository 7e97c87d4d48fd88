"""The contract of `POST /v1/classify`."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MAX_TEXTS = 32
MAX_CHARACTERS = 10_000
MAX_BODY_BYTES = 256 * 1024


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("blank")
    return text


Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS, strict=True), AfterValidator(_not_blank)]


class ClassifyRequest(BaseModel):
    """One `text`, or 1 to 32 `texts`; never both. Neither its repr nor its validation errors show a text."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    text: Text | None = Field(default=None, repr=False)
    texts: Annotated[list[Text], Field(min_length=1, max_length=MAX_TEXTS)] | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.text is None) == (self.texts is None) or len(self.model_fields_set) != 1:
            raise ValueError("exactly one of text and texts")
        return self

    @property
    def inputs(self) -> list[str]:
        """The texts to classify, in the order of the request."""
        return list(self.texts) if self.texts is not None else [self.text or ""]


class Prediction(BaseModel):
    """The most probable label of one text, and its probability (0 to 1)."""

    label: str
    score: float = Field(ge=0, le=1)


class ModelInfo(BaseModel):
    """The model that answered: its name, and its version from the manifest."""

    name: str
    version: str


class ClassifyResponse(BaseModel):
    """One prediction for each text, in order."""

    predictions: list[Prediction]
    model: ModelInfo
    request_id: str
