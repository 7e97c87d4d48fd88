"""The plugin's side of the engine's ResourceProvider protocol: translation only, the work is in `lifecycle`."""

import json
import os
import traceback
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc as rpc

from local.aws import EMULATOR_NOTICE, PROVIDER_VERSION, observation
from local.aws.api import Api, ApiError
from local.aws.check import check_inputs
from local.aws.codec import decode_struct, encode_struct, keep_secrets, plain
from local.aws.diff import diff
from local.aws.endpoint import preview_only
from local.aws.engine import Engine
from local.aws.invokes import InvokeError, invoke
from local.aws.lifecycle import Lifecycle
from local.aws.resources import RESOURCES
from local.aws.templates import parse

Method = Callable[..., Any]


def _names_resource(method: Method) -> Method:
    """AWS's refusals reach the user with the type and name of the resource."""

    @wraps(method)
    def answer(self: "Provider", request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except ApiError as error:
            reason = str(error)
        except Exception as error:  # the engine would show "Exception calling application", and not for what
            traceback.print_exc()
            reason = f"the AWS emulator failed ({type(error).__name__}: {error})."
        return context.abort(grpc.StatusCode.UNKNOWN, f"{_token(request.urn)} '{_name(request.urn)}': {reason}")

    return answer


class Provider(rpc.ResourceProviderServicer):
    """One plugin process: one engine, one configured provider. `endpoint` gives the emulator's URL when needed."""

    def __init__(self, engine: Engine, *, endpoint: Callable[[], str]) -> None:
        self._engine = engine
        self._endpoint = endpoint
        self._apis: dict[str, Api] = {}
        self._region = "us-east-1"
        self._default_tags: dict[str, str] = {}
        self._preview_only = preview_only()

    def Handshake(self, request: Any, context: Any) -> Any:
        self._engine.attach(request.engine_address)
        return pb.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    def Attach(self, request: Any, context: Any) -> Any:
        self._engine.attach(request.address)
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=PROVIDER_VERSION)

    def GetSchema(self, request: Any, context: Any) -> Any:
        about = {
            "name": "aws",
            "version": PROVIDER_VERSION,
            "displayName": "AWS (emulated)",
            "description": EMULATOR_NOTICE,
        }
        return pb.GetSchemaResponse(schema=json.dumps(about))

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return pb.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        same = decode_struct(request.olds).get("region") == decode_struct(request.news).get("region")
        return pb.DiffResponse(
            changes=pb.DiffResponse.DIFF_NONE if same else pb.DiffResponse.DIFF_SOME,
            replaces=[] if same else ["region"],
        )

    def Configure(self, request: Any, context: Any) -> Any:
        config = {name: _loads(value) for name, value in plain(decode_struct(request.args)).items()}
        self._region = config.get("region") or os.environ.get("AWS_REGION") or "us-east-1"
        self._default_tags = (config.get("defaultTags") or {}).get("tags") or {}
        self._engine.info(EMULATOR_NOTICE)
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True)

    @_names_resource
    def Check(self, request: Any, context: Any) -> Any:
        token, name = _token(request.urn), _name(request.urn)
        news = decode_struct(request.news)
        inputs, failures = check_inputs(
            self._lifecycle(token, news) if token in RESOURCES else None,
            token,
            news,
            decode_struct(request.olds),
            name=name,
            seed=request.randomSeed,
            autonaming=request.autonaming if request.HasField("autonaming") else None,
        )
        return pb.CheckResponse(
            inputs=encode_struct(inputs),
            failures=[
                pb.CheckFailure(property=failure.path, reason=f"{token} '{name}': {failure.reason}")
                for failure in failures
            ],
        )

    @_names_resource
    def Diff(self, request: Any, context: Any) -> Any:
        lifecycle = self._lifecycle(_token(request.urn), {})
        found = diff(
            lifecycle, decode_struct(request.old_inputs), decode_struct(request.news), ignore=set(request.ignoreChanges)
        )
        return pb.DiffResponse(
            changes=pb.DiffResponse.DIFF_SOME if found.kinds else pb.DiffResponse.DIFF_NONE,
            diffs=sorted(found.kinds),
            replaces=sorted(found.replaces),
            hasDetailedDiff=True,
            deleteBeforeReplace=found.delete_first,
            detailedDiff={
                name: pb.PropertyDiff(kind=pb.PropertyDiff.Kind.Value(kind), inputDiff=True)
                for name, kind in found.kinds.items()
            },
        )

    @_names_resource
    def Create(self, request: Any, context: Any) -> Any:
        inputs = decode_struct(request.properties)
        lifecycle = self._lifecycle(_token(request.urn), inputs)
        for name in lifecycle.recorded_only(plain(inputs)):
            self._engine.warn(
                f"input '{name}' is recorded, not applied: the emulator has no such setting.", request.urn
            )
        if request.preview:
            return pb.CreateResponse(properties=encode_struct(self._planned(lifecycle, inputs, {})))
        self._refuse_in_preview()
        identity, outputs = lifecycle.create(plain(inputs))
        return pb.CreateResponse(id=identity, properties=encode_struct(keep_secrets(outputs, inputs)))

    @_names_resource
    def Update(self, request: Any, context: Any) -> Any:
        news, olds = decode_struct(request.news), decode_struct(request.olds)
        lifecycle = self._lifecycle(_token(request.urn), news)
        if request.preview:
            return pb.UpdateResponse(properties=encode_struct(self._planned(lifecycle, news, olds)))
        self._refuse_in_preview()
        for name in request.ignoreChanges:
            news[name] = decode_struct(request.old_inputs).get(name)
        outputs = lifecycle.update(request.id, plain(olds), plain(decode_struct(request.old_inputs)), plain(news))
        return pb.UpdateResponse(properties=encode_struct(keep_secrets(outputs, news)))

    @_names_resource
    def Read(self, request: Any, context: Any) -> Any:
        state, inputs = decode_struct(request.properties), decode_struct(request.inputs)
        lifecycle = self._lifecycle(_token(request.urn), state)
        identity, known = lifecycle.imported_identity(request.id) if not state else (request.id, plain(state))
        observed = lifecycle.read(identity, known)
        if observed is None:
            return pb.ReadResponse()
        if not state:
            found = {**parse(lifecycle.resource.id, identity), **known, **observed}
            taken = observation.imported(lifecycle.resource, found)
        else:
            taken = observation.drifted(lifecycle.resource, observed, plain(inputs))
        outputs = {**plain(state), **observation.recorded(lifecycle.resource, observed, taken)}
        return pb.ReadResponse(
            id=identity,
            properties=encode_struct(keep_secrets(outputs, inputs)),
            inputs=encode_struct(keep_secrets(taken, inputs)),
        )

    @_names_resource
    def Delete(self, request: Any, context: Any) -> Any:
        self._refuse_in_preview()
        state = plain({**decode_struct(request.old_inputs), **decode_struct(request.properties)})
        self._lifecycle(_token(request.urn), state).delete(request.id, state)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        try:
            answer = invoke(self._api({}), request.tok, plain(decode_struct(request.args)))
        except (InvokeError, ApiError) as error:
            context.abort(grpc.StatusCode.UNKNOWN, f"{request.tok}: {error}")
        return pb.InvokeResponse(**{"return": encode_struct(answer)})

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def _planned(self, lifecycle: Lifecycle, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        planned = observation.planned(lifecycle.resource, inputs, olds)
        if "tagsAll" in planned:
            planned["tagsAll"] = {**self._default_tags, **(inputs.get("tags") or {})}
        return planned

    def _lifecycle(self, token: str, properties: Mapping[str, Any]) -> Lifecycle:
        if token not in RESOURCES:
            raise ApiError(
                "the emulator does not have this resource type; `python -m local.aws.types` lists those it has."
            )
        return Lifecycle(resource=RESOURCES[token], api=self._api(properties), default_tags=self._default_tags)

    def _api(self, properties: Mapping[str, Any]) -> Api:
        region = properties.get("region")
        region = region if isinstance(region, str) else self._region
        if region not in self._apis:
            self._apis[region] = Api(region=region, endpoint=self._endpoint())
        return self._apis[region]

    def _refuse_in_preview(self) -> None:
        if self._preview_only:
            raise ApiError(
                "this plugin only previews: without an AWS account nothing can be created, changed or deleted."
            )


def _token(urn: str) -> str:
    """`urn:pulumi:stack::project::parent$aws:s3/bucket:Bucket::name` -> `aws:s3/bucket:Bucket`."""
    return urn.split("::")[2].rpartition("$")[2]


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _loads(value: Any) -> Any:
    """Provider configuration comes as text: JSON for everything but strings."""
    try:
        return json.loads(value) if isinstance(value, str) and value[:1] in "{[" else value
    except ValueError:
        return value
