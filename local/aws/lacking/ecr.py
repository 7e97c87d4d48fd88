"""Rules by which a registry fetches what it does not have."""

from local.aws.lacking.kind import Kind, verbs

KINDS = (
    Kind(
        service="ecr",
        name="pull through cache rule",
        operations=verbs("pull_through_cache_rule", read="describe_pull_through_cache_rules"),
        key=("ecrRepositoryPrefix",),
        conflict="PullThroughCacheRuleAlreadyExistsException",
        absent="PullThroughCacheRuleNotFoundException",
    ),
)
