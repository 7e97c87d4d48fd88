"""The engine's wire format for property values: protobuf structs in which maps with a signature mean more than maps."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from google.protobuf import struct_pb2

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature of the wire format
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
_RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN_SENTINEL: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """A value that only the update will know; there is one, `UNKNOWN`."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts in its state and never shows."""

    value: Any

    def __repr__(self) -> str:
        return "secret"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file or a text given by value (`kind` is "asset"), or an archive (`kind` is "archive")."""

    fields: Mapping[str, Any]
    kind: str = "asset"

    def read(self) -> bytes:
        """The content; raises ValueError for an asset that is neither a local file nor a text."""
        if "text" in self.fields:
            return str(self.fields["text"]).encode()
        if self.kind == "asset" and "path" in self.fields:
            return Path(self.fields["path"]).read_bytes()
        raise ValueError("only FileAsset and StringAsset can be uploaded by the emulator")


def decode(value: struct_pb2.Value) -> Any:
    """A property value as Python: numbers without a fraction are ints; signatures become the classes of this module."""
    match value.WhichOneof("kind"):
        case "struct_value":
            return _decode_map(value.struct_value)
        case "list_value":
            return [decode(item) for item in value.list_value.values]
        case "string_value":
            return UNKNOWN if value.string_value == _UNKNOWN_SENTINEL else value.string_value
        case "number_value":
            return int(value.number_value) if value.number_value.is_integer() else value.number_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _decode_map(struct: struct_pb2.Struct) -> Any:
    fields = {key: decode(item) for key, item in struct.fields.items()}
    match fields.pop(SIGNATURE, None):
        case str(signature) if signature == _SECRET:
            return Secret(fields["value"])
        case str(signature) if signature in (_ASSET, _ARCHIVE):
            return Asset(fields=fields, kind="asset" if signature == _ASSET else "archive")
        case str(signature) if signature == _OUTPUT:
            value = fields.get("value", UNKNOWN)
            return Secret(value) if fields.get("secret") else value
        case str(signature) if signature == _RESOURCE:
            return fields.get("id", UNKNOWN)
    return fields


def decode_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Named properties; absent ones (nulls) are left out."""
    return {key: decode(value) for key, value in struct.fields.items() if value.WhichOneof("kind") != "null_value"}


def encode(value: Any) -> Any:
    """The inverse of `decode`, as plain JSON-like Python that `Struct.update` takes."""
    match value:
        case Unknown():
            return _UNKNOWN_SENTINEL
        case Secret():
            return {SIGNATURE: _SECRET, "value": encode(value.value)}
        case Asset():
            return {SIGNATURE: _ASSET if value.kind == "asset" else _ARCHIVE, **encode(dict(value.fields))}
        case Mapping():
            return {str(key): encode(item) for key, item in value.items() if item is not None}
        case list() | tuple():
            return [encode(item) for item in value]
        case _:
            return value


def encode_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Named properties as the message that responses carry; properties that are None are left out."""
    struct = struct_pb2.Struct()
    struct.update(encode(properties))
    return struct


def plain(value: Any) -> Any:
    """The value without its secret marks, for use, never for an answer to the engine."""
    match value:
        case Secret():
            return plain(value.value)
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def holds(kind: type, value: Any) -> bool:
    """Whether `value` is, or has somewhere inside it, an instance of `kind` (Secret or Unknown)."""
    match value:
        case _ if isinstance(value, kind):
            return True
        case Secret():
            return holds(kind, value.value)
        case Mapping():
            return any(holds(kind, item) for item in value.values())
        case list():
            return any(holds(kind, item) for item in value)
        case _:
            return False


def keep_secrets(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs, with those secret that were given as secrets."""
    return {key: Secret(plain(value)) if holds(Secret, inputs.get(key)) else value for key, value in outputs.items()}
