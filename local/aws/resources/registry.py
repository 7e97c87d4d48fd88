"""Container image repositories (ECR)."""

from local.aws.api import Api
from local.aws.resource import Call, Resource, Scope, Tagging

_REPOSITORY = {"repositoryName": "{repository}"}

_SCANNING = Call(operation="put_registry_scanning_configuration", inputs=("scanType", "rules"))


def _force(scope: Scope) -> bool:
    return bool(scope.get("forceDelete"))


def _url(_api: Api, scope: Scope) -> str:
    return str(scope["repositoryUri"])


RESOURCES = (
    Resource(
        kind="aws:ecr/repository:Repository",
        service="ecr",
        id="{name}",
        autoname="name",
        name_pattern=str.lower,
        create=Call(operation="create_repository", inputs=None, result="repository"),
        read=(Call(operation="describe_repositories", params={"repositoryNames": ["{id}"]}, result="repositories[0]"),),
        update=(
            Call(
                operation="put_image_tag_mutability",
                params={"repositoryName": "{id}"},
                inputs=("imageTagMutability", "imageTagMutabilityExclusionFilters"),
            ),
            Call(
                operation="put_image_scanning_configuration",
                params={"repositoryName": "{id}"},
                inputs=("imageScanningConfiguration",),
            ),
        ),
        delete=Call(operation="delete_repository", params={"repositoryName": "{id}", "force": _force}),
        rename={"name": "repositoryName", "encryptionConfigurations": "encryptionConfiguration"},
        behaviour=("forceDelete",),
        defaults={"imageTagMutability": "MUTABLE"},
        tagging=Tagging(
            add=Call(operation="tag_resource", params={"resourceArn": "{arn}"}),
            remove=Call(operation="untag_resource", params={"resourceArn": "{arn}", "tagKeys": "{tagKeys}"}),
            read=Call(operation="list_tags_for_resource", params={"resourceArn": "{repositoryArn}"}, result="tags"),
        ),
        outputs={"arn": "{repositoryArn}", "repositoryUrl": _url},
    ),
    Resource(
        kind="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        service="ecr",
        id="{repository}",
        create=Call(operation="put_lifecycle_policy", inputs=("repository", "policy")),
        read=(Call(operation="get_lifecycle_policy", params=_REPOSITORY),),
        delete=Call(operation="delete_lifecycle_policy", params=_REPOSITORY),
        rename={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
    ),
    Resource(
        kind="aws:ecr/repositoryPolicy:RepositoryPolicy",
        service="ecr",
        id="{repository}",
        create=Call(operation="set_repository_policy", inputs=("repository", "policy")),
        read=(Call(operation="get_repository_policy", params=_REPOSITORY),),
        update=(Call(operation="set_repository_policy", params=_REPOSITORY, inputs=("policy",)),),
        delete=Call(operation="delete_repository_policy", params=_REPOSITORY),
        rename={"repository": "repositoryName", "policy": "policyText"},
    ),
    Resource(
        kind="aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
        service="ecr",
        id="{ecrRepositoryPrefix}",
        remembered=True,
        create=Call(operation="create_pull_through_cache_rule", inputs=None),
        read=(Call(operation="describe_pull_through_cache_rules", params={"ecrRepositoryPrefix": "{id}"}),),
        update=(
            Call(
                operation="update_pull_through_cache_rule",
                params={"ecrRepositoryPrefix": "{id}"},
                inputs=("credentialArn", "customRoleArn"),
            ),
        ),
        delete=Call(operation="delete_pull_through_cache_rule", params={"ecrRepositoryPrefix": "{id}"}),
        defaults={"upstreamRepositoryPrefix": "ROOT"},
        outputs={"registryId": "{account}"},
    ),
    Resource(
        kind="aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
        service="ecr",
        id="{prefix}",
        remembered=True,
        create=Call(operation="create_repository_creation_template", inputs=None),
        read=(
            Call(
                operation="describe_repository_creation_templates",
                params={"prefixes": ["{id}"]},
                result="repositoryCreationTemplates[0]",
            ),
        ),
        update=(
            Call(
                operation="update_repository_creation_template",
                params={"prefix": "{id}"},
                inputs=(
                    "appliedFors",
                    "customRoleArn",
                    "description",
                    "encryptionConfigurations",
                    "imageTagMutability",
                    "lifecyclePolicy",
                    "repositoryPolicy",
                    "resourceTags",
                ),
            ),
        ),
        delete=Call(operation="delete_repository_creation_template", params={"prefix": "{id}"}),
        rename={"encryptionConfigurations": "encryptionConfiguration"},
        defaults={"imageTagMutability": "MUTABLE"},
        outputs={"registryId": "{account}"},
    ),
    Resource(
        kind="aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        service="ecr",
        id="{account}",
        create=_SCANNING,
        read=(
            Call(operation="get_registry_scanning_configuration", result="scanningConfiguration"),
            Call(operation="get_registry_scanning_configuration", result="{registryId: registryId}"),
        ),
        update=(_SCANNING,),
        # There is always one; without the program's, it is the one that a new account has.
        delete=Call(operation="put_registry_scanning_configuration", params={"scanType": "BASIC", "rules": []}),
    ),
)
