"""Profiles: versions of the Security Rule that a report can be held against, each a file in `profiles/`."""

from dataclasses import dataclass

from policies.controls import IN_FORCE, Control, load_controls, read_profile


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One version of the rule. `status` says whether it is law, and of a proposal when that was last checked."""

    name: str
    title: str
    status: str
    source: str
    controls: tuple[Control, ...]

    @property
    def in_force(self) -> bool:
        """Whether it is the law; a report on any other profile has to say that it is not."""
        return self.name == IN_FORCE


def load_profile(name: str = IN_FORCE) -> Profile:
    """The profile with its controls; raises PolicyError where there is none of this name."""
    head = read_profile(name)
    return Profile(
        name=name, title=head["title"], status=head["status"], source=head["source"], controls=load_controls(name)
    )
