"""Rules by which a registry fetches what it does not have, and templates of the repositories that it makes for that."""

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
    Kind(
        service="ecr",
        name="repository creation template",
        operations=verbs("repository_creation_template", read="describe_repository_creation_templates"),
        key=("prefix",),
        member="repositoryCreationTemplates[]",
        batch=("prefixes",),
        conflict="TemplateAlreadyExistsException",
        absent="TemplateNotFoundException",
    ),
)
