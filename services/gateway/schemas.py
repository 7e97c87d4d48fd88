"""Requests and answers of the gateway's own routes. What holds request text shows none of it in its `repr`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.deidentify import ENTITY_TYPES, Scope
from services.http.schemas import ClassifyRequest, ModelInfo, Prediction

EntityType = Literal[ENTITY_TYPES]  # type: ignore[valid-type]
Counts = dict[EntityType, Annotated[int, Field(ge=1)]]
RequestId = Annotated[
    str, Field(json_schema_extra={"format": "uuid"}, description="under which the request is on record")
]
_STRICT = ConfigDict(extra="forbid")

CallersId = Annotated[str, Field(pattern=r"^[!-~]{1,128}$")]
"""Visible ASCII characters. It goes into keyed hashes and nowhere else."""


class DeidentifyRequest(ClassifyRequest):
    """The texts, and within what surrogates and shifted dates agree, where the policy has such: else within the request."""

    conversation: CallersId = Field(
        default="",
        repr=False,
        description="surrogates agree in all requests of the caller's with it; any id but a name",
    )
    subject: CallersId = Field(
        default="",
        repr=False,
        description="dates of all requests of the caller's with it shift alike; any id but a name",
    )

    def scope(self, caller: str) -> Scope:
        """Two callers' ids never meet, however they choose them."""
        own = f"{len(caller)}:{caller}:"
        conversation = own + self.conversation if self.conversation else Scope.of_its_own().conversation
        return Scope(conversation, own + self.subject if self.subject else "")


class ClassifyAnswer(BaseModel):
    """One prediction for each text, and what was taken out of it, in the order of the request."""

    model_config = _STRICT

    predictions: list[Prediction]
    model: ModelInfo
    deidentified: list[Counts] = Field(description="how many identifiers of each type were taken out of each text")
    policy_version: str = Field(description="the de-identification policy that was applied")
    request_id: RequestId


class TrailRecord(BaseModel):
    """A record of the audit trail, by which a copy of the trail can be checked."""

    model_config = _STRICT

    sequence: int = Field(ge=0)
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


class AuditAnswer(BaseModel):
    """Where the trail of the gateway that answers is; each gateway has its own."""

    model_config = _STRICT

    chain: str = Field(description="name of the trail: since when, and of which gateway")
    records: int = Field(ge=1, description="how many records it has")
    head: TrailRecord = Field(description="the last durable record")
    anchor: TrailRecord | None = Field(
        description="the last record that the operational log tells of, at most a minute old"
    )
    writable: bool = Field(description="whether the last record could be written")
    whole: bool = Field(description="whether the volume ends with the head")
    request_id: RequestId


class FoundSpan(BaseModel):
    """Characters start..end, end excluded, of the text as it was sent hold an identifier of this type."""

    model_config = _STRICT

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    type: EntityType


class DeidentifiedText(BaseModel):
    """A text with each identifier taken out as the policy says."""

    model_config = _STRICT

    text: str = Field(repr=False)
    spans: list[FoundSpan]


class DeidentifyAnswer(BaseModel):
    """Each text of the request, in its order."""

    model_config = _STRICT

    deidentified: list[DeidentifiedText]
    policy_version: str = Field(description="the de-identification policy that was applied")
    request_id: RequestId
