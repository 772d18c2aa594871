"""What got slower since a recorded run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tfcustomact._commands.contestants import REFERENCES

# Less than this is not worth a word, however certain.
_TOLERATED = 1.1

_CASE = ("device", "op", "mode", "direction", "dtype", "size")


@dataclass(frozen=True)
class Change:
    """One contestant of ours, then and now: ratios over ``reference``, or seconds where ``reference`` is None."""

    case: dict[str, Any]
    contestant: str
    reference: str | None
    old: dict[str, float]
    new: dict[str, float]

    @property
    def factor(self) -> float:
        return self.new["median"] / self.old["median"]

    @property
    def slower(self) -> bool:
        """Slower by more than is tolerated, and beyond the noise of both runs."""
        return self.factor > _TOLERATED and self.new["p20"] > self.old["p80"]


def changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    """Every result of ours that both records have. Ratios are compared where both runs timed a common reference:
    they do not change with the machine's mood, as seconds do."""
    before = {_key(result): result for result in old["results"]}
    for result in new["results"]:
        earlier = before.get(_key(result))
        if earlier is None or not result["ours"]:
            continue
        reference = next((name for name in REFERENCES if name in result["ratios"] and name in earlier["ratios"]), None)
        then, now = ((r["seconds"] if reference is None else r["ratios"][reference]) for r in (earlier, result))
        yield Change({field: result[field] for field in _CASE}, result["contestant"], reference, then, now)


def differences_of_machine(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What makes a comparison of the two doubtful."""
    facts = [(name, old["machine"].get(name), new["machine"].get(name)) for name in ("cpu", "cores", "threads")]
    facts += [(name, old["versions"].get(name), new["versions"].get(name)) for name in ("tensorflow", "torch", "jax")]
    return [f"{name}: {then} then, {now} now" for name, then, now in facts if then != now]


def _key(result: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(result[field] for field in (*_CASE, "contestant"))
