"""What an entry of the table of resource types says: the API calls, and how names map where they are not the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.aws.api import Api
from local.aws.mapper import Rename

Scope = Mapping[str, Any]
"""What templates see: inputs and outputs by engine name, `id`, `account`, `region`, `partition`, the API's answer."""

Template = str | int | bool | list[Any] | Mapping[str, Any] | Callable[[Scope], Any]
"""A parameter. In strings, `{name}` stands for a value of the scope; a string that is only `{name}` keeps the type of
the value. A function computes the value. A parameter whose name has no value, or whose function lacks one or gives
None, is left out."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One API operation: its boto3 method, fixed parameters, and which inputs it takes besides, by botocore's shape."""

    operation: str
    params: Mapping[str, Template] = field(default_factory=dict)
    inputs: tuple[str, ...] | None = ()
    """The inputs that it applies; None means every input that is a member of its shape."""
    into: str = ""
    """The member (dotted) under which the inputs go, where it is not the top."""
    result: str = "@"
    """JMESPath to what matters in the response; may hold `{name}`."""
    optional: bool = False
    """For reads: an absent answer is no sign that the resource is gone."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Inputs that take more than one call to apply, after creation and when one of them changes."""

    inputs: tuple[str, ...]
    apply: Callable[[Api, Scope, Scope], None]
    """(api, scope with the new inputs, the old inputs: empty after creation)"""


@dataclass(frozen=True, kw_only=True)
class Tagging:
    """How the tags of a living resource are changed and, where its description does not have them right, read."""

    add: Call | None = None
    remove: Call | None = None
    put: Call | None = None
    """One call that replaces all tags, instead of `add` and `remove`."""
    read: Call | None = None
    on_create: bool = True
    """Whether the create call takes tags; if not, they are added after it."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource type of the table."""

    kind: str
    """The engine's token of the type: `aws:s3/bucket:Bucket`."""
    service: str
    create: Call
    id: str
    """Template of the id, over the inputs and the create call's answer."""
    read: tuple[Call, ...]
    delete: Call | None
    update: tuple[Call | Step, ...] = ()
    """What applies inputs that the create call does not take, and what changes them later; inputs in none of these
    calls force a replacement."""
    rename: Rename = field(default_factory=dict)
    outputs: Mapping[str, str | list[Any] | Callable[[Api, Scope], Any]] = field(default_factory=dict)
    """Outputs that the description does not have under their name: a template, or a function of it."""
    replace_paths: tuple[str, ...] = ()
    """Nested inputs (`launchTemplate.id`) whose change replaces, inside an input that can be changed in place."""
    computed: tuple[str, ...] = ()
    """Nested outputs inside an input object that are unknown until creation (`vpcConfig.vpcId`)."""
    tagging: Tagging | None = None
    import_id: str = ""
    """Template of what is given to import one, where its id alone does not find it."""
    autoname: str | None = None
    name_pattern: Callable[[str], str] = str
    """Makes an automatic name fit the service's rules."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Values that the real provider sends when an input is absent."""
    behaviour: tuple[str, ...] = ()
    """Inputs that steer this provider and that no call takes (`forceDestroy`)."""
    adjust: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """Changes to an input before it is sent, where the real provider makes them too."""
    fixed: tuple[str, ...] = ()
    """Inputs that the parameters of the create call are computed from; a change replaces."""
    unread: tuple[str, ...] = ()
    """Inputs that the API does not give back as they were sent, so that a refresh cannot judge them."""
    prepare: Callable[[Api, Scope], Scope | None] | None = None
    """Done before deletion (empty a bucket, …); what it gives back is added to the scope of the delete call."""
    refilled: str = ""
    """Refusal of the delete call that says that somebody undid `prepare` meanwhile (`BucketNotEmpty`), which is done again then."""
    created: Callable[[Api, Scope], None] | None = None
    """Done right after creation, before `update` (remove a default rule, …)."""
    remembered: bool = False
    """Whether moto lacks the type, so that it is validated against botocore's model and remembered."""
