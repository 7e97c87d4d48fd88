"""Operations that moto lacks: checked against botocore's model, and what they say remembered.

What is remembered lives in moto too (as parameters of its parameter store), so that it is lost and found with the rest.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator

from local.aws.lacking import ELSEWHERE, KINDS, TAGGED
from local.aws.lacking.kind import Kind

if TYPE_CHECKING:
    from local.aws.api import Api

_KINDS = {(kind.service, operation): (kind, verb) for kind in KINDS for operation, verb in kind.operations.items()}
_TAG_OPERATIONS = ("tag_resource", "untag_resource", "list_tags_for_resource")
_PREFIX = "/emulated/remembered"


def lacks(service: str, operation: str, params: Mapping[str, Any]) -> bool:
    """Whether an operation is answered here rather than by moto."""
    if operation in _TAG_OPERATIONS and service in TAGGED:
        return _resource(params).startswith(TAGGED[service])
    return (service, operation) in _KINDS


def answer(api: "Api", service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """The response of the operation; raises what boto3 would (ParamValidationError, ClientError)."""
    if operation in _TAG_OPERATIONS:
        return _tag(api, service, operation, params)
    kind, verb = _KINDS[service, operation]
    if verb != "read":  # what is read is asked for by the table of resource types, never by a program
        _validate(api, service, operation, params)
    beneath = getattr(api.client(service), operation)(**params) if kind.over and verb != "update" else {}
    found = _done(_Memory(api=api, kind=kind, operation=operation), verb, _single(kind, params))
    member = kind.member.removesuffix("[]")
    return {member: [found] if member != kind.member else found} if member else {**beneath, **found}


def _validate(api: "Api", service: str, operation: str, params: Mapping[str, Any]) -> None:
    report = ParamValidator().validate(params, api.shape(service, operation))
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())


def _single(kind: Kind, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a batch as those of its only member."""
    found: dict[str, Any] = {}
    for name, value in params.items():
        if name not in kind.batch:
            found[name] = value
        elif isinstance(value[0], Mapping):
            found |= value[0]
        else:
            found[next((key for key in kind.key if name.startswith(key)), name.removesuffix("s"))] = value[0]
    return found


def _done(memory: "_Memory", verb: str, params: dict[str, Any]) -> dict[str, Any]:
    kind, api = memory.kind, memory.api
    if kind.belongs:
        operation, names = kind.belongs
        _ask(api, kind.service, operation, {name: params[ours] for name, ours in names.items()})
    namespace = api.client(kind.service).meta.service_model.signing_name
    arn = f"arn:{api.partition}:{namespace}:{api.region}:{api.account}:"
    if verb in ("create", "put"):
        item = {**params, **kind.added(params, arn)}
        memory.write(item, new=verb == "create")
        return item
    item = memory.read(params)
    if verb == "update":
        item |= params
        computed = kind.added(item, arn) if kind.renewed else {}
        item |= {name: computed[name] for name in kind.renewed}
        memory.write(item, new=False)
    elif verb == "delete":
        memory.remove(item)
    return item


def _ask(api: "Api", service: str, operation: str, params: dict[str, Any]) -> None:
    """Find what something belongs to; refused where that is not there."""
    if lacks(service, operation, params):
        answer(api, service, operation, params)
    else:
        getattr(api.client(service), operation)(**params)


@dataclass(frozen=True, kw_only=True)
class _Memory:
    """The things of one kind, for one operation on them."""

    api: "Api"
    kind: Kind
    operation: str

    def read(self, params: Mapping[str, Any]) -> dict[str, Any]:
        ssm = self.api.client("ssm")
        try:
            item: dict[str, Any] = json.loads(ssm.get_parameter(Name=self._name(params))["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            if self.kind.initial is not None:
                return dict(self.kind.initial)
            raise _error(self.kind.absent, f"no such {self.kind.name}", self.operation) from None
        return item

    def write(self, item: Mapping[str, Any], *, new: bool) -> None:
        ssm = self.api.client("ssm")
        try:
            _keep(self.api, self._name(item), item, new=new)
        except ssm.exceptions.ParameterAlreadyExists:
            raise _error(self.kind.conflict, f"{self.kind.name} already exists", self.operation) from None

    def remove(self, item: Mapping[str, Any]) -> None:
        self.api.client("ssm").delete_parameters(Names=[self._name(item)])

    def _name(self, params: Mapping[str, Any]) -> str:
        identity = "/".join([self.kind.name, *(str(params[name]) for name in self.kind.key)])
        return _parameter(self.kind.service, identity)


def _parameter(service: str, identity: str) -> str:
    return f"{_PREFIX}/{service}/{hashlib.sha256(identity.encode()).hexdigest()[:32]}"


def _keep(api: "Api", name: str, item: Mapping[str, Any], *, new: bool) -> None:
    text = json.dumps(item)
    api.client("ssm").put_parameter(Name=name, Value=text, Type="String", Tier="Advanced", Overwrite=not new)


def _tag(api: "Api", service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Tags are kept in the thing that has the ARN; those of a thing that moto has itself, under the ARN alone."""
    _validate(api, service, operation, params)
    given = {name.lower(): value for name, value in params.items()}
    name, item = _tagged(api, service, given["resourcearn"])
    if not item and not _resource(params).startswith(ELSEWHERE):
        raise _error("ResourceNotFoundException", f"no such resource: {given['resourcearn']}", operation)
    item = item or {"arn": given["resourcearn"]}
    if operation != "list_tags_for_resource":
        kept = {key: value for key, value in item.get("tags", {}).items() if key not in given.get("tagkeys", [])}
        item["tags"] = {**kept, **given.get("tags", {})}
        _keep(api, name, item, new=False)
    return {"tags": item.get("tags", {})}


def _tagged(api: "Api", service: str, arn: str) -> tuple[str, dict[str, Any]]:
    pages = api.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=f"{_PREFIX}/{service}")
    for parameter in (parameter for page in pages for parameter in page["Parameters"]):
        item = json.loads(parameter["Value"])
        if arn in item.values():
            return parameter["Name"], item
    return _parameter(service, f"tags {arn}"), {}


def _resource(params: Mapping[str, Any]) -> str:
    """The part of a tagged thing's ARN that names it: `detector/<id>`."""
    return str(params.get("resourceArn") or params.get("ResourceArn")).split(":", 5)[-1]


def things(api: "Api") -> Iterator[tuple[Kind, dict[str, Any]]]:
    """Everything that is remembered and is a thing of its own, with its kind."""
    pages = api.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=_PREFIX, Recursive=True)
    for parameter in (parameter for page in pages for parameter in page["Parameters"]):
        item = json.loads(parameter["Value"])
        for kind in KINDS:
            memory = _Memory(api=api, kind=kind, operation="list")
            if not kind.over and item.keys() >= set(kind.key) and memory._name(item) == parameter["Name"]:
                yield kind, item


def _error(code: str, message: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)
