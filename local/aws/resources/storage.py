"""S3 buckets, what is configured on them, and their objects."""

import base64
from typing import Any

from local.aws.api import Api, ApiError
from local.aws.codec import Asset
from local.aws.resource import Call, Resource, Scope, Step, Tagging

_ENCRYPTION = ("serverSideEncryption", "kmsKeyId", "bucketKeyEnabled")
_CONTENT = ("source", "content", "contentBase64", "sourceHash")
_HEADERS = (
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "metadata",
    "storageClass",
    "websiteRedirect",
    *_ENCRYPTION,
)


def _empty(api: Api, scope: Scope) -> None:
    """Remove every object and version, where the program allows it with `forceDestroy`, in spite of GOVERNANCE locks."""
    if scope.get("forceDestroy"):
        for page in api.pages("s3", "list_object_versions", {"Bucket": scope["id"]}):
            _delete_versions(api, scope["id"], [*page.get("Versions", []), *page.get("DeleteMarkers", [])], force=True)


def _delete_versions(api: Api, bucket: str, found: list[dict[str, Any]], *, force: bool) -> None:
    """Raises ApiError for one that S3 keeps: locked in COMPLIANCE mode, on legal hold."""
    if not found:
        return
    keys = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
    bypass = {"BypassGovernanceRetention": True} if force else {}
    objects = {"Bucket": bucket, "Delete": {"Objects": keys, "Quiet": True}}
    for error in api.call("s3", "delete_objects", {**objects, **bypass}).get("Errors", []):
        raise ApiError(f"delete_objects was refused: {error['Code']}: {error['Message'].rstrip('.')}: {error['Key']}.")


def _delete_older(api: Api, scope: Scope) -> dict[str, str]:
    """All versions of an object go with it; one is left to the delete call, S3's name for none where there is none."""
    wanted = {"Bucket": scope["bucket"], "Prefix": scope["key"]}
    listed = [
        item
        for page in api.pages("s3", "list_object_versions", wanted)
        for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if item["Key"] == scope["key"]
    ]
    _delete_versions(api, scope["bucket"], listed[1:], force=bool(scope.get("forceDestroy")))
    return {"version": listed[0]["VersionId"] if listed else "null"}


def _forced(scope: Scope) -> bool | None:
    return True if scope.get("forceDestroy") else None


def _place(scope: Scope) -> dict[str, str] | None:
    return None if scope["region"] == "us-east-1" else {"LocationConstraint": scope["region"]}


def _configuration(
    name: str,
    noun: str,
    *,
    member: str = "",
    into: str = "",
    delete: Call | None = None,
    inputs: tuple[str, ...],
    **more: Any,
) -> Resource:
    """A type that is one setting of a bucket: `put_<noun>`, `get_<noun>`, `delete_<noun>`."""
    put = Call(operation=f"put_{noun}", params={"Bucket": "{bucket}"}, inputs=inputs, into=into)
    return Resource(
        kind=f"aws:s3/{name[0].lower()}{name[1:]}:{name}",
        service="s3",
        id="{bucket}",
        create=put,
        update=(put,),
        read=(Call(operation=f"get_{noun}", params={"Bucket": "{bucket}"}, result=member or "@"),),
        delete=delete or Call(operation=f"delete_{noun}", params={"Bucket": "{bucket}"}),
        fixed=("bucket",),
        outputs={"bucket": "{bucket}", **more.pop("outputs", {})},
        **more,
    )


def _upload(api: Api, scope: Scope, _old: Scope) -> None:
    kinds = {
        "serverSideEncryption": "ServerSideEncryption",
        "kmsKeyId": "SSEKMSKeyId",
        "websiteRedirect": "WebsiteRedirectLocation",
        "bucketKeyEnabled": "BucketKeyEnabled",
    }
    headers = {
        kinds.get(name, name[0].upper() + name[1:]): scope[name] for name in _HEADERS if scope.get(name) is not None
    }
    if "SSEKMSKeyId" in headers:
        headers.setdefault("ServerSideEncryption", "aws:kms")
    target = {"Bucket": scope["bucket"], "Key": scope["key"]}
    source = scope.get("source")
    if isinstance(source, Asset) and "path" in source.fields and source.kind == "asset":
        api.upload(source.fields["path"], **target, headers=headers)
    else:
        api.call("s3", "put_object", {**target, **headers, "Body": _body(scope)})


def _body(scope: Scope) -> bytes:
    if scope.get("contentBase64"):
        return base64.b64decode(scope["contentBase64"])
    return (
        scope["source"].read() if isinstance(scope.get("source"), Asset) else str(scope.get("content") or "").encode()
    )


def _filtered(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A rule without a filter is for every object; the API wants that said."""
    return [
        rule if rule.get("filter") or rule.get("prefix") is not None else {**rule, "filter": {"prefix": ""}}
        for rule in rules
    ]


_OBJECT_TAGS = Tagging(
    put=Call(
        operation="put_object_tagging", params={"Bucket": "{bucket}", "Key": "{key}", "Tagging": {"TagSet": "{tagSet}"}}
    ),
    read=Call(operation="get_object_tagging", params={"Bucket": "{bucket}", "Key": "{key}"}, result="TagSet"),
    on_create=False,
)

RESOURCES = (
    Resource(
        kind="aws:s3/bucket:Bucket",
        service="s3",
        id="{bucket}",
        autoname="bucket",
        name_pattern=str.lower,
        create=Call(
            operation="create_bucket",
            params={"Bucket": "{bucket}", "CreateBucketConfiguration": _place},
            inputs=("objectLockEnabled",),
        ),
        read=(
            Call(operation="head_bucket", params={"Bucket": "{id}"}),
            Call(
                operation="get_object_lock_configuration",
                params={"Bucket": "{id}"},
                result="ObjectLockConfiguration",
                optional=True,
            ),
        ),
        prepare=_empty,
        refilled="BucketNotEmpty",
        delete=Call(operation="delete_bucket", params={"Bucket": "{id}"}),
        rename={"objectLockEnabled": "ObjectLockEnabledForBucket"},
        behaviour=("forceDestroy",),
        fixed=("bucket",),
        tagging=Tagging(
            put=Call(operation="put_bucket_tagging", params={"Bucket": "{id}", "Tagging": {"TagSet": "{tagSet}"}}),
            read=Call(operation="get_bucket_tagging", params={"Bucket": "{id}"}, result="TagSet"),
            on_create=False,
        ),
        outputs={
            "arn": "arn:{partition}:s3:::{id}",
            "bucket": "{id}",
            "bucketDomainName": "{id}.s3.amazonaws.com",
            "bucketRegionalDomainName": "{id}.s3.{region}.amazonaws.com",
            "bucketRegion": "{region}",
            "hostedZoneId": "Z3AQBSTGFYJSTF",
        },
    ),
    _configuration(
        "BucketVersioning",
        "bucket_versioning",
        inputs=("versioningConfiguration",),
        delete=Call(
            operation="put_bucket_versioning",
            params={"Bucket": "{bucket}", "VersioningConfiguration": {"Status": "Suspended"}},
        ),
        member="Status && {VersioningConfiguration: @}",
    ),
    _configuration(
        "BucketServerSideEncryptionConfiguration",
        "bucket_encryption",
        inputs=("rules",),
        into="ServerSideEncryptionConfiguration",
        member="ServerSideEncryptionConfiguration",
    ),
    _configuration(
        "BucketPublicAccessBlock",
        "public_access_block",
        inputs=("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"),
        into="PublicAccessBlockConfiguration",
        member="PublicAccessBlockConfiguration",
        behaviour=("skipDestroy",),
    ),
    _configuration("BucketPolicy", "bucket_policy", inputs=("policy",)),
    _configuration(
        "BucketOwnershipControls",
        "bucket_ownership_controls",
        inputs=("rule",),
        into="OwnershipControls",
        member="OwnershipControls",
    ),
    _configuration(
        "BucketLifecycleConfiguration",
        "bucket_lifecycle_configuration",
        inputs=("rules",),
        into="LifecycleConfiguration",
        adjust={"rules": _filtered},
        delete=Call(operation="delete_bucket_lifecycle", params={"Bucket": "{bucket}"}),
    ),
    _configuration(
        "BucketLogging",
        "bucket_logging",
        inputs=("targetBucket", "targetPrefix", "targetGrants", "targetObjectKeyFormat"),
        into="BucketLoggingStatus.LoggingEnabled",
        member="LoggingEnabled",
        delete=Call(operation="put_bucket_logging", params={"Bucket": "{bucket}", "BucketLoggingStatus": {}}),
    ),
    _configuration(
        "BucketObjectLockConfiguration",
        "object_lock_configuration",
        inputs=("objectLockEnabled", "rule"),
        into="ObjectLockConfiguration",
        member="ObjectLockConfiguration",
        defaults={"objectLockEnabled": "Enabled"},
        delete=Call(
            operation="put_object_lock_configuration",
            params={"Bucket": "{bucket}", "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
        ),
    ),
    Resource(
        kind="aws:s3/bucketObjectv2:BucketObjectv2",
        service="s3",
        id="{bucket}/{key}",
        # The bytes go up in the step, which takes large files in parts; this only finds out that the bucket is there.
        create=Call(operation="head_bucket", params={"Bucket": "{bucket}"}),
        read=(Call(operation="head_object", params={"Bucket": "{bucket}", "Key": "{key}"}),),
        update=(Step(inputs=(*_CONTENT, *_HEADERS), apply=_upload),),
        prepare=_delete_older,
        delete=Call(
            operation="delete_object",
            params={
                "Bucket": "{bucket}",
                "Key": "{key}",
                "VersionId": "{version}",
                "BypassGovernanceRetention": _forced,
            },
        ),
        fixed=("bucket", "key"),
        behaviour=("forceDestroy",),
        tagging=_OBJECT_TAGS,
        unread=("source", "content", "contentBase64", "sourceHash", "metadata"),
        rename={"kmsKeyId": "SSEKMSKeyId"},
        outputs={
            "arn": "arn:{partition}:s3:::{bucket}/{key}",
            "bucket": "{bucket}",
            "key": "{key}",
            "etag": lambda _api, scope: scope["ETag"].strip('"'),
        },
    ),
)
