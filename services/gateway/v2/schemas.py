"""Requests and answers of the v2 protocol. What the model does not have, and parameters without effect, are refused."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.http.schemas import MAX_BODY_BYTES, MAX_CHARACTERS, MAX_TEXTS

HEADER_LENGTH = "inference-header-content-length"
"""Header of a body with binary tensors: how many of its bytes are JSON."""
OutputName = Literal["LOGITS", "MODEL_VERSION"]
_REQUEST = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)
_ANSWER = ConfigDict(extra="forbid")
_Element = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS, json_schema_extra={"pattern": r"\S"})]
_Row = Annotated[list[_Element], Field(min_length=1, max_length=1)]


class BinaryInput(BaseModel):
    """Where the tensor's bytes are: behind the JSON."""

    model_config = _REQUEST

    binary_data_size: int = Field(ge=0, le=MAX_BODY_BYTES)


class Input(BaseModel):
    """The texts: in `data`, or behind the JSON in the form of the binary extension."""

    model_config = _REQUEST

    name: Literal["TEXT"]
    datatype: Literal["BYTES"]
    shape: Annotated[list[Annotated[int, Field(ge=1, le=MAX_TEXTS)]], Field(min_length=1, max_length=2)]
    data: Annotated[list[_Element] | list[_Row], Field(min_length=1, max_length=MAX_TEXTS)] | None = Field(
        default=None, repr=False
    )
    parameters: BinaryInput | None = None


class OutputParameters(BaseModel):
    """How the output is to be sent."""

    model_config = _REQUEST

    binary_data: bool = False


class Output(BaseModel):
    """An output that is wanted."""

    model_config = _REQUEST

    name: OutputName
    parameters: OutputParameters | None = None


class RequestParameters(BaseModel):
    """How outputs are to be sent that do not say so themselves."""

    model_config = _REQUEST

    binary_data_output: bool = False


class InferRequest(BaseModel):
    """`id` is taken and not used: an answer has the id under which the request is on record."""

    model_config = _REQUEST

    id: Annotated[str, Field(max_length=256)] = Field(default="", repr=False)
    inputs: Annotated[list[Input], Field(min_length=1, max_length=1)]
    outputs: Annotated[list[Output], Field(min_length=1, max_length=2)] | None = None
    parameters: RequestParameters | None = None


class AnswerTensor(BaseModel):
    """An output: in `data`, or `binary_data_size` bytes behind the JSON."""

    model_config = _ANSWER

    name: OutputName
    datatype: Literal["FP32", "BYTES"]
    shape: list[int]
    data: list[float] | list[str] | None = None
    parameters: dict[Literal["binary_data_size"], int] | None = None


class InferAnswer(BaseModel):
    """The outputs. `parameters.policy_version` is the de-identification policy that was applied."""

    model_config = _ANSWER

    model_name: str
    model_version: str
    id: str
    parameters: dict[Literal["policy_version"], str]
    outputs: list[AnswerTensor]


class ServerMetadata(BaseModel):
    """Who answers."""

    model_config = _ANSWER

    name: str
    version: str
    extensions: list[str]


class TensorMetadata(BaseModel):
    """A tensor of the model; -1 is the number of texts."""

    model_config = _ANSWER

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    """The model's tensors."""

    model_config = _ANSWER

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class Ready(BaseModel):
    """Always true: what is not ready is a problem."""

    model_config = _ANSWER

    ready: Literal[True]


class ModelReady(Ready):
    """The same of a model."""

    name: str


class Live(BaseModel):
    """The process answers."""

    model_config = _ANSWER

    live: Literal[True]


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """For the OpenAPI document: without references, which would have to be looked up elsewhere in it."""
    made = model.model_json_schema()
    return dict(_inlined(made, made.pop("$defs", {})))


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(each, definitions) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(each, definitions) for name, each in node.items()}
