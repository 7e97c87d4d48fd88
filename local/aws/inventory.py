"""What exists in the emulated account, told by AWS's own list operations and not by any state of the engine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jmespath  # type: ignore[import-untyped]

from local.aws import remembered
from local.aws.api import Api, GoneError
from local.aws.lifecycle import Lifecycle
from local.aws.listings import LISTINGS, SETTINGS, STEPS, Listing, Setting
from local.aws.mapper import Rename, member_for
from local.aws.resource import Resource, Template
from local.aws.resources import RESOURCES
from local.aws.templates import fill, fill_map, parse


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing in the account."""

    kind: str
    """The engine's token of its type, or `service/type` for what AWS makes and removes along with another thing."""
    id: str
    """As the engine has it."""
    scheduled: bool = False
    """Whether AWS will delete it at a set time, as it does with keys."""
    told: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """Inputs that finding it takes besides its id, where the id alone does not find it."""


def inventory(api: Api) -> list[Item]:
    """Everything in the account of a type of the table, or that AWS made for such a thing; raises ApiError.

    What every new account has is left out. AWS cannot tell who made a thing: also listed are the rules that were given
    inside a security group, the default security group of a VPC, and the objects that services wrote into a bucket.
    """
    found = _Found(api)
    listed = [item for kind in LISTINGS for item in found.things(kind)]
    settings = [item for kind, setting in SETTINGS.items() for item in found.settings(kind, setting)]
    return [*listed, *settings, *_remembered(api)]


class _Found:
    """What has been listed so far, for the types that are listed by others."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._things: dict[str, list[Item]] = {}

    def things(self, kind: str) -> list[Item]:
        """The things of a type; each once, though AWS may name it in several answers."""
        if kind not in self._things:
            listing = {**LISTINGS, **STEPS}[kind]
            owners = [owner.id for owner in self.things(listing.of)] if listing.of else [""]
            self._things[kind] = list(dict.fromkeys(item for of in owners for item in self._listed(kind, listing, of)))
        return self._things[kind]

    def settings(self, kind: str, setting: Setting) -> Iterator[Item]:
        """The settings of a type that were made by a program."""
        lifecycle = Lifecycle(resource=RESOURCES[kind], api=self._api, default_tags={})
        for identity in [owner.id for owner in self.things(setting.of)] if setting.of else [self._of_account(kind)]:
            outputs = lifecycle.read(identity, {})
            if outputs is not None and jmespath.search(setting.made, outputs):
                yield Item(kind=kind, id=identity)

    def _of_account(self, kind: str) -> str:
        return str(fill(RESOURCES[kind].id, {"account": self._api.account, "region": self._api.region}))

    def _listed(self, kind: str, listing: Listing, of: str) -> Iterator[Item]:
        resource = RESOURCES.get(kind)
        template, rename = (resource.id, resource.rename) if resource else (listing.id, {})
        for response in _responses(self._api, resource.service if resource else listing.service, listing, of):
            for thing in jmespath.search(listing.things, response) or []:
                scheduled = bool(listing.scheduled and jmespath.search(listing.scheduled, thing))
                told = _told(resource, {**_lower(fill_map(listing.params, {"of": of})), **thing}, of=of)
                yield Item(kind=kind, id=_identity(template, thing, rename, of=of), scheduled=scheduled, told=told)


def _responses(api: Api, service: str, listing: Listing, of: str) -> Iterator[Any]:
    params = fill_map(listing.params, {"of": of})
    try:
        if api.client(service).can_paginate(listing.operation):
            yield from api.pages(service, listing.operation, params)
        else:
            yield api.call(service, listing.operation, params)
    except GoneError:  # what it belongs to went meanwhile
        return


def _identity(template: str, thing: Mapping[str, Any], rename: Rename, *, of: str) -> str:
    """The id; a name of its template that the thing itself does not have is that of what it belongs to."""
    members = {name: member_for(name, thing, rename) for name in parse(template, template)}
    return str(fill(template, {name: thing[member] if member else of for name, member in members.items()}))


def _told(resource: Resource | None, thing: Mapping[str, Any], *, of: str) -> dict[str, Any]:
    if resource is None or not resource.import_id:
        return {}
    members = {name: member_for(name, thing, resource.rename) for name in parse(resource.import_id, resource.import_id)}
    return {name: thing[member] if member else of for name, member in members.items()}


def _lower(params: Mapping[str, Template]) -> dict[str, Any]:
    return {name[0].lower() + name[1:]: value for name, value in params.items()}


def _remembered(api: Api) -> Iterator[Item]:
    tokens = {(r.service, r.create.operation): r for r in RESOURCES.values() if r.remembered}
    for kind, item in remembered.things(api):
        for operation in kind.operations:
            if resource := tokens.get((kind.service, operation)):
                place = {"region": api.region, "account": api.account}
                found = {**place, **item}
                identity = _identity(resource.id, found, resource.rename, of="")
                yield Item(kind=resource.kind, id=identity, told=_told(resource, found, of=""))
