"""What a component waits for, its parts wait for.

Pulumi takes `depends_on` of a component for the component alone: its parts would be made, and deleted, at any time.
"""

import pulumi


def parts_wait_with_their_component() -> None:
    """Hand `depends_on` down from every component of the running program: call it before the first resource."""
    waits: dict[pulumi.Resource, list[pulumi.Resource]] = {}

    def hand_down(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        inherited = waits.get(args.opts.parent, []) if args.opts.parent else []
        own = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(depends_on=list(inherited)))
        waits[args.resource] = [*inherited, *_listed(args.opts.depends_on)]
        return pulumi.ResourceTransformationResult(props=args.props, opts=own)

    pulumi.runtime.register_stack_transformation(hand_down)


def _listed(depends_on: object) -> list[pulumi.Resource]:
    if isinstance(depends_on, pulumi.Resource):
        return [depends_on]
    return [each for each in depends_on if isinstance(each, pulumi.Resource)] if isinstance(depends_on, list) else []
