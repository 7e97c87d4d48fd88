"""Create, read, update and delete of any resource type of the table."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import jmespath  # type: ignore[import-untyped]

from local.aws import observation, tags
from local.aws.api import Api, ApiError, GoneError
from local.aws.mapper import dropped, member_for, to_api
from local.aws.resource import Call, Resource, Step
from local.aws.templates import MissingError, fill, fill_map, parse

_DELETIONS = 5
"""How often a thing is emptied and deleted that somebody goes on filling."""


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """One resource type against one region of the emulated account; inputs and outputs are plain, by engine name."""

    resource: Resource
    api: Api
    default_tags: Mapping[str, str]

    def create(self, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The id and the outputs. Where a later call fails, what was created is removed again; raises ApiError."""
        resource = self.resource
        values = {**resource.defaults, **inputs}
        answer = self._call(resource.create, self._scope(values, ""), values, tags=self._create_tags(values))
        identity = self._identity({**self._scope(values, ""), **_mapping(answer)})
        scope = {**_mapping(answer), **self._scope(values, identity)}
        try:
            if resource.created:
                resource.created(self.api, scope)
            self._apply(scope, values, {}, creating=True)
            observed = self._observe(identity, values)
            if observed is None:
                raise ApiError("what was created cannot be read back.")
        except ApiError as error:
            self._undo(identity, values, error)
            raise
        return identity, observation.recorded(resource, observed, inputs)

    def _undo(self, identity: str, values: Mapping[str, Any], reason: ApiError) -> None:
        try:
            self.delete(identity, values)
        except ApiError as error:
            raise ApiError(f"{reason} What was created ({identity}) could not be removed: {error}") from None

    def _identity(self, scope: Mapping[str, Any]) -> str:
        try:
            return str(fill(self.resource.id, scope))
        except MissingError:
            raise ApiError(f"{self.resource.create.operation} answered without an id.") from None

    def imported_identity(self, given: str) -> tuple[str, dict[str, Any]]:
        """The id, and the inputs that can be told, of what a program imports under `given`."""
        known: dict[str, Any] = dict(parse(self.resource.import_id, given)) if self.resource.import_id else {}
        return (self._identity(known) if known else given), known

    def read(self, identity: str, state: Mapping[str, Any]) -> dict[str, Any] | None:
        """The outputs as the API has them now, or None where the resource is gone."""
        return self._observe(identity, {**parse(self.resource.id, identity), **state})

    def update(
        self, identity: str, state: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The outputs after the inputs that differ have been applied; raises ApiError."""
        values = {**self.resource.defaults, **new}
        # Of the state only what AWS computed: an input that the program no longer gives must not come back from there.
        computed = {name: value for name, value in state.items() if name not in observation.input_names(self.resource)}
        scope = {**computed, **self._scope(values, identity)}
        self._apply(scope, values, {**self.resource.defaults, **old}, creating=False)
        observed = self._observe(identity, {**state, **values})
        if observed is None:
            raise GoneError("it is gone; run `pulumi up --refresh` to create it again.")
        return observation.recorded(self.resource, observed, new)

    def delete(self, identity: str, state: Mapping[str, Any]) -> None:
        """Remove the resource; one that is gone already is no error."""
        scope = {**state, **self._scope(state, identity)}
        for left in reversed(range(_DELETIONS)):
            if self.resource.prepare:
                with suppress(GoneError):
                    scope |= self.resource.prepare(self.api, scope) or {}
            try:
                if self.resource.delete:
                    self._call(self.resource.delete, scope, state)
            except GoneError:
                return
            except ApiError as error:
                if not (left and self.resource.refilled and self.resource.refilled in str(error)):
                    raise
            else:
                return

    def replaces(self, name: str) -> bool:
        """Whether a change of this input takes a new resource: no call that changes a living one has it."""
        resource = self.resource
        if name == resource.autoname or name in parse(resource.id, resource.id):
            return True  # the update calls of some types take the name too, to say what is changed
        if name in resource.behaviour or name.startswith("__") or (name == "tags" and resource.tagging):
            return False
        return not any(name in self._taken(step) for step in resource.update)

    def recorded_only(self, inputs: Mapping[str, Any]) -> list[str]:
        """Inputs that nothing applies: they are kept in the state and have no effect in the emulator."""
        known = {
            "region",
            "tags",
            "__defaults",
            *self.resource.behaviour,
            *self.resource.fixed,
            *self._taken(self.resource.create),
        }
        known |= {name for step in self.resource.update for name in self._taken(step)}
        fixed = str(self.resource.create.params)
        return [*(name for name in inputs if name not in known and f"{{{name}}}" not in fixed), *self._dropped(inputs)]

    def _dropped(self, inputs: Mapping[str, Any]) -> Iterator[str]:
        shape, rename = self._shape(self.resource.create), self.resource.rename
        for name in self._taken(self.resource.create):
            member = member_for(name, shape.members, rename)
            if member and inputs.get(name) is not None:
                yield from dropped(inputs[name], shape.members[member], rename, name)

    def arguments(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of the create call, for validation before anything is created; raises EnumError."""
        values = {**self.resource.defaults, **inputs}
        own = {"id": "", "region": self.api.region, "partition": self.api.partition, "account": self.api.account}
        return self._parameters(self.resource.create, {**values, **own}, values)

    def _taken(self, call: Call | Step) -> tuple[str, ...]:
        if isinstance(call, Step) or call.inputs is not None:
            return call.inputs or ()
        shape, rename = self._shape(call), self.resource.rename
        return tuple(name for name in observation.input_names(self.resource) if member_for(name, shape.members, rename))

    def _shape(self, call: Call) -> Any:
        shape = self.api.shape(self.resource.service, call.operation)
        for member in filter(None, call.into.split(".")):
            shape = shape.members[member]
        return shape

    def _parameters(self, call: Call, scope: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        taken = self._taken(call)
        adjust = self.resource.adjust
        chosen = {
            name: adjust[name](value) if name in adjust else value
            for name, value in values.items()
            if name in taken and name != "tags"
        }
        mapped = to_api(chosen, self._shape(call), self.resource.rename)
        for member in reversed(list(filter(None, call.into.split(".")))):
            mapped = {member: mapped}
        return {**mapped, **fill_map(call.params, scope)}

    def _call(self, call: Call, scope: Mapping[str, Any], values: Mapping[str, Any], **extra: Any) -> Any:
        params = {**self._parameters(call, scope, values), **extra.get("tags", {})}
        response = self.api.call(self.resource.service, call.operation, params)
        return jmespath.search(fill(call.result, scope), response)

    def _scope(self, values: Mapping[str, Any], identity: str) -> dict[str, Any]:
        given = {name: value for name, value in values.items() if value is not None}
        own = {"id": identity, "region": self.api.region, "partition": self.api.partition, "account": self.api.account}
        return {**parse(self.resource.id, identity), **given, **{k: v for k, v in own.items() if v}}

    def _create_tags(self, values: Mapping[str, Any]) -> dict[str, Any]:
        tagging = self.resource.tagging
        wanted = tags.merged(self.default_tags, values)
        if tagging is None or not tagging.on_create or not wanted:
            return {}
        return tags.parameter(self._shape_of_create(), wanted, self.resource.kind)

    def _shape_of_create(self) -> Any:
        return self.api.shape(self.resource.service, self.resource.create.operation)

    def _apply(
        self, scope: Mapping[str, Any], new: Mapping[str, Any], old: Mapping[str, Any], *, creating: bool
    ) -> None:
        made = self._taken(self.resource.create) if creating else ()
        for step in self.resource.update:
            names = [name for name in self._taken(step) if name not in made and new.get(name) != old.get(name)]
            if not names:
                continue
            if isinstance(step, Step):
                step.apply(self.api, scope, old)
            else:
                self._call(step, scope, new)
        if not creating or (self.resource.tagging and not self.resource.tagging.on_create):
            tags.change(
                self.api,
                self.resource,
                scope,
                tags.merged(self.default_tags, old if not creating else {}),
                tags.merged(self.default_tags, new),
                creating=creating,
            )

    def _observe(self, identity: str, state: Mapping[str, Any]) -> dict[str, Any] | None:
        scope = {**state, **self._scope(state, identity)}
        seen: dict[str, Any] = {}
        for call in self.resource.read:
            try:
                part = self._call(call, {**seen, **scope}, state)
            except GoneError:
                part = None
            if not part and not call.optional and part is not False:
                return None
            seen |= _mapping(part)
        living = tags.read(self.api, self.resource, {**seen, **scope}, seen)
        return observation.outputs(self.resource, self.api, {**seen, **scope}, seen, living, self.default_tags)


def _mapping(answer: Any) -> dict[str, Any]:
    return dict(answer) if isinstance(answer, Mapping) else {"answer": answer}
