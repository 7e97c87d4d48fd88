"""The state of a stack, as `pulumi stack export` and the backends in files write it, as rules see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.analyze.refusals import EXPORT, read_document
from policies.analyze.values import values_of
from policies.errors import PolicyError
from policies.record import Source
from policies.requests import Either
from policies.rules.reads import view
from policies.rules.resource import Properties, Resource, Stack
from policies.sources import source_of

VERSIONS = (3, 4)
"""Of the deployment's schema: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/deployments.json"""


@dataclass(frozen=True, kw_only=True)
class State:
    """A stack as it was when its state was written.

    `declared` has the inputs, which rules about one resource judge; `finished` has the outputs and, for what they lack,
    the inputs, which rules about relations judge. So does the engine. `sources` says which line made which URN.
    """

    stack: str
    declared: Stack
    finished: Stack
    sources: Mapping[str, Source]


def read_state(path: Path, *, stack: str | None = None, project: Path | None = None) -> State:
    """Read a file; `project` is the folder of Pulumi.yaml, if that is not this one.

    Raises PolicyError for what is no state of Pulumi, is encrypted as a whole, has no resources, or is of another stack.
    """
    return state_of(read_document(path), path.name, stack=stack, project=project)


def state_of(document: Mapping[str, Any], name: str, *, stack: str | None = None, project: Path | None = None) -> State:
    """The state in a document that was read from a file of this name."""
    try:
        entries = sorted(_entries(document, name), key=lambda entry: str(entry["urn"]))
        state = State(
            stack=entries[0]["urn"].split("::")[0].removeprefix("urn:pulumi:"),
            declared=Stack([_resource(entry, view(_inputs(entry))) for entry in entries]),
            finished=Stack([_resource(entry, view(Either(_outputs(entry), _inputs(entry)))) for entry in entries]),
            sources={
                entry["urn"]: found
                for entry in entries
                if (found := source_of(entry.get("sourcePosition") or "", project or Path.cwd()))
            },
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise PolicyError(f"{name} is no state of a Pulumi stack: {EXPORT}.") from error
    if stack is not None and stack != state.stack:
        raise PolicyError(f"{name} is of stack {state.stack}, not {stack}: name that stack instead.")
    return state


def _entries(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The resources that exist; those of them that are only waiting to be deleted do not count."""
    if document["version"] not in VERSIONS:
        raise PolicyError(
            f"{name} has version {document['version']} of the state's format: {EXPORT} of a newer Pulumi."
        )
    deployment = document["deployment"] if "deployment" in document else document["checkpoint"].get("latest")
    entries = [entry for entry in (deployment or {}).get("resources") or () if not entry.get("delete")]
    if not entries:
        raise PolicyError(f"{name} holds no resources, so there is nothing to judge: deploy the stack first.")
    return entries


def _resource(entry: Mapping[str, Any], props: Properties) -> Resource:
    name = entry["urn"].split("::", 3)[3]
    sources = {key: frozenset(urns) for key, urns in (entry.get("propertyDependencies") or {}).items() if urns}
    return Resource(type=entry["type"], name=name, urn=entry["urn"], props=props, references=sources)


def _inputs(entry: Mapping[str, Any]) -> Properties:
    return values_of(entry.get("inputs") or {}, _label(entry))


def _outputs(entry: Mapping[str, Any]) -> Properties:
    return values_of(entry.get("outputs") or {}, _label(entry))


def _label(entry: Mapping[str, Any]) -> str:
    return f"{entry['type']}::{entry['urn'].split('::', 3)[3]}"
