"""What a route is added to."""

from dataclasses import dataclass
from typing import Any, cast

from fastapi import FastAPI
from starlette.requests import Request

from services.gateway.pipeline import Pipeline
from services.gateway.problems import UNKNOWN_MODEL
from services.http.problems import ProblemError


@dataclass(frozen=True)
class Api:
    """The application, and the pipeline that it has while it runs. The only model is `model_name`."""

    app: FastAPI
    model_name: str

    @property
    def pipeline(self) -> Pipeline:
        """How requests are handled."""
        return cast(Pipeline, self.app.state.pipeline)

    @property
    def model_parameter(self) -> dict[str, Any]:
        """For the OpenAPI document, of routes with {model} in their path."""
        return {
            "name": "model",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "enum": [self.model_name]},
        }

    def check_model(self, request: Request) -> None:
        """The 404 problem unless the path names the model."""
        if request.path_params["model"] != self.model_name:
            raise ProblemError(UNKNOWN_MODEL)
