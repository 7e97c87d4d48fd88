"""Triton's options: those of `triton_options`, each a word of its own, so that what is read here is what Triton reads."""

from infra.workloads.admission import pods
from infra.workloads.admission.policy import Policy, Rule, quoted
from infra.workloads.admission.triton_options import (
    ALWAYS,
    GUARDED,
    NEVER,
    NOT_TRACED,
    ONLY,
    RESTRICTED,
    RESTRICTIONS,
    TRACE,
)

_WORDS = "(c.?command.orValue([]) + c.?args.orValue([]))"
_STARTS = "matches('(^|[/ ])tritonserver($| )')"
_ARGUMENTS = "s.?args.orValue([])"
_OPTION = "a.split('=')[0]"
_ALLOWED = {name: [f"{name}={value}" for value in values] for name, values in ONLY.items()}


def _any_word(wrong: str) -> str:
    """CEL: names of the containers, Triton's or not, with a word `w` in their command that is `wrong`; so in a shell's too."""
    return pods.containers(f"{_WORDS}.exists(w, {wrong})")


def _servers(wrong: str) -> str:
    """CEL: names of Triton's containers `s` for which `wrong` holds."""
    return f"variables.servers.filter(s, {wrong}).map(s, s.name)"


def _open(option: str) -> str:
    """CEL: whether `option` leaves a protocol without a key."""
    values = f"{_ARGUMENTS}.filter(a, a.matches('^{option}=[a-z,-]+:[^=]+=.+')).map(a, a.split('=')[1].split(':')[0].split(','))"
    return f"!{quoted(RESTRICTED)}.all(p, {values}.exists(protocols, p in protocols))"


def _elsewhere(option: str, value: str) -> str:
    """CEL: whether `option` is anything but `value`."""
    word = quoted(f"{option}={value}")
    return f"!({word} in {_ARGUMENTS}) || {_ARGUMENTS}.exists(a, a.startsWith('{option}=') && a != {word})"


POLICY = Policy(
    name="inference-triton",
    resources=pods.RESOURCES,
    conditions=pods.CONDITIONS,
    variables={
        **pods.VARIABLES,
        "servers": f"variables.containers.filter(c, {_WORDS}.exists(w, w.{_STARTS}) || "
        "(variables.app == 'triton' && c.name == 'triton'))",
        "allowed": quoted(_ALLOWED),
    },
    rules=(
        Rule(
            "administered",
            _any_word("variables.allowed.exists(name, w.contains(name) && !(w in variables.allowed[name]))"),
            "container {}: it would load other models, log texts or open a further way in; leave out "
            f"{', '.join(ONLY)}, or write {', '.join(values[0] for values in _ALLOWED.values())}.",
        ),
        Rule(
            "cached",
            _any_word(f"{quoted(NEVER)}.exists(name, w.contains(name))"),
            f"container {{}}: Triton would keep what it is asked in a cache; leave out {', '.join(NEVER)}.",
        ),
        Rule(
            "traced",
            _any_word(
                f"{quoted(TRACE)}.exists(name, w.contains(name)) && "
                f"(w.upperAscii().contains('{NOT_TRACED}') || w.contains('$('))"
            ),
            f"container {{}}: Triton would write what it is asked to a file; trace no {NOT_TRACED}, with values that stand "
            "in the arguments themselves.",
        ),
        Rule(
            "wrapped",
            _servers(
                "!(size(s.?command.orValue([])) == 1 && s.command[0].matches('(^|/)tritonserver$')) || "
                f"!{_ARGUMENTS}.all(a, a.startsWith('--') && !{_OPTION}.contains('$('))"
            ),
            "container {}: start Triton with command: [tritonserver] and each option as one argument, --name=value; "
            "what a shell or a variable adds is not seen here.",
        ),
        Rule(
            "abbreviated",
            _servers(
                f"{_ARGUMENTS}.exists(a, {quoted(GUARDED)}.exists(g, g.startsWith({_OPTION}) && !a.startsWith(g + '=')))"
            ),
            "container {}: Triton takes shortened names of options; write them in full, as --name=value.",
        ),
        Rule(
            "exposed",
            _servers(" || ".join(_elsewhere(option, value) for option, value in ALWAYS.items())),
            "container {}: callers would get past the sidecar that ends mutual TLS; set "
            f"{' '.join(f'{option}={value}' for option, value in ALWAYS.items())}.",
        ),
        Rule(
            "unrestricted",
            _servers(" || ".join(map(_open, RESTRICTIONS))),
            f"container {{}}: callers could administer Triton; restrict {', '.join(RESTRICTED)} with {' and '.join(RESTRICTIONS)}, "
            "as <protocols>:<header>=<key>.",
        ),
    ),
)
