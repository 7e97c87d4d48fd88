"""Request and answer of `POST /v1/classify`. What holds request text has no `repr` of it."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError, from_json

from services.gateway.problems import Problem, invalid_field, malformed_json

MAX_TEXTS = 32
MAX_TEXT_CHARACTERS = 10_000
MAX_BODY_BYTES = 256 * 1024


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "blank")
    return text


Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARACTERS), AfterValidator(_not_blank)]


class ClassifyRequest(BaseModel):
    """Exactly one of `text` and `texts`; no other field."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    text: Text | None = Field(default=None, repr=False)
    texts: list[Text] | None = Field(default=None, min_length=1, max_length=MAX_TEXTS, repr=False)

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.text is None) == (self.texts is None):
            raise PydanticCustomError("one_of", "one of text and texts")
        return self

    def all_texts(self) -> list[str]:
        """The texts to classify, in order; at least one."""
        return [self.text] if self.text is not None else list(self.texts or [])


class Prediction(BaseModel):
    """The likelier label and its probability in 0..1."""

    label: Literal["NEGATIVE", "POSITIVE"]
    score: float = Field(ge=0, le=1)


class Model(BaseModel):
    """What answered: the model's name and the version in its manifest."""

    name: str
    version: str


class ClassifyAnswer(BaseModel):
    """One prediction and one table of entity counts for each text, in the order of the request."""

    predictions: list[Prediction]
    model: Model
    request_id: str
    deidentified: list[dict[str, int]]


def parse_classify_request(body: bytes) -> ClassifyRequest:
    """The request in `body`.

    Raises:
        Problem: 400 when it isn't JSON, 422 when a field is wrong; neither repeats anything of the body.
    """
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise malformed_json() from None
    try:
        return ClassifyRequest.model_validate(document)
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> Problem:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "extra_forbidden":  # the name of an unknown field is the caller's text: it isn't repeated
        return invalid_field("The request has a field other than text and texts.")
    if not first["loc"]:
        return invalid_field("The request needs exactly one of the fields text and texts.")
    path = ".".join(str(part) for part in first["loc"])
    limits = f"1 to {MAX_TEXT_CHARACTERS} characters that are not all blank, and at most {MAX_TEXTS} texts"
    return invalid_field(f"The field {path} is not valid: the API takes {limits}.")
