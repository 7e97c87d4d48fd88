"""AWS's conformance pack for HIPAA, rule by rule: which rules here decide it, or why none does."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

CONFORMANCE_PACK_FILE = Path(__file__).parent / "conformance_pack.yaml"


class Fate(StrEnum):
    """What becomes of a rule of AWS's: a program decides it, the account's state does, or its service is not run."""

    DECIDED = "decided"
    STATE = "state"
    UNUSED = "unused"


@dataclass(frozen=True, kw_only=True)
class ConfigRule:
    """One managed rule of AWS Config. `rules` decide it, or help where `fate` is STATE; `reason` says what differs or why."""

    name: str
    fate: Fate
    rules: tuple[str, ...]
    reason: str


def load_conformance_pack(path: Path = CONFORMANCE_PACK_FILE) -> tuple[ConfigRule, ...]:
    """Every rule of AWS's pack, in the order of the file."""
    return tuple(_rule(name, entry) for name, entry in yaml.safe_load(path.read_text()).items())


def _rule(name: str, entry: Mapping[str, Any]) -> ConfigRule:
    (fate,) = [each for each in Fate if each.value in entry]
    if fate is Fate.DECIDED:
        return ConfigRule(name=name, fate=fate, rules=tuple(entry["decided"]), reason=entry.get("differs", ""))
    return ConfigRule(name=name, fate=fate, rules=tuple(entry.get("helped_by", ())), reason=entry[fate.value])
