"""Comparisons of ours, what TensorFlow offers and ``tf.nn.relu``: what tables, verdicts and plots are made from."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from tfcustomact._commands import machine
from tfcustomact._commands.cases import Case
from tfcustomact._commands.timing.contestants import CONTESTANTS, Entry
from tfcustomact._commands.timing.measurement import Measurement, Spread, rounded
from tfcustomact.activations import ACTIVATIONS

RELU = "tf.nn.relu"

# Who is compared with on arrays: the first of these that can run.
_ON_ARRAYS = ("PyTorch out=", "PyTorch", "JAX", "torch.compile", "PyTorch on CUDA", "JAX on CUDA")


class Ratios(NamedTuple):
    """Medians of the ratios of two times; of ReLU where it took part."""

    faster: float
    """Theirs over ours: how many times as fast ours is."""
    of_relu: float | None
    """Ours over ReLU's."""
    theirs_of_relu: float | None
    relu_seconds: float | None


@dataclass(frozen=True)
class Comparison:
    """Ours and theirs in one kind of case, by the binary logarithm of the size."""

    device: str
    op: str
    mode: str
    direction: str
    dtype: str
    theirs: str
    ratios: dict[int, Ratios]

    def as_json(self) -> dict[str, Any]:
        """Returns a dictionary that `from_json` reads again."""
        return asdict(self) | {"ratios": {str(power): list(ratios) for power, ratios in self.ratios.items()}}


def from_json(content: Mapping[str, Any]) -> Comparison:
    ratios = {int(power): Ratios(*numbers) for power, numbers in content["ratios"].items()}
    return Comparison(**{**content, "ratios": ratios})


def sides(case: Case) -> list[Entry]:
    """Ours, as it is chosen by default, what there is elsewhere, and ReLU: those that can run in a case."""
    if case.mode == "array":
        theirs = [name for name in _ON_ARRAYS if CONTESTANTS[name].enters(case)]
        names = ["tca.numpy out=" if case.kind == "CPU" else "tca.cuda out=", *theirs[:1]]
    elif machine.has_tensorflow():
        names = [_ours(case), str(ACTIVATIONS[case.op].theirs), RELU]
    else:
        names = []
    return [(name, case) for name in names if CONTESTANTS[name].enters(case)]


def comparisons(groups: Iterable[Mapping[Entry, Measurement]]) -> list[Comparison]:
    """Returns those of the cases in which both sides were measured together."""
    found: dict[tuple[str, ...], Comparison] = {}
    for group in groups:
        for case in dict.fromkeys(case for _, case in group):
            measured = [group[entry] for entry in sides(case) if entry in group]
            if len(measured) == len(sides(case)) > 1:
                key = (case.device, case.op, case.mode, case.direction, case.dtype)
                comparison = found.setdefault(key, Comparison(*key, sides(case)[1][0], {}))
                comparison.ratios[case.power] = _ratios(*measured)
    return list(found.values())


def _ratios(ours: Measurement, theirs: Measurement, relu: Measurement | None = None) -> Ratios:
    if relu is None:
        return Ratios(rounded(theirs.over(ours).median), None, None, None)
    seconds = Spread.of(relu.seconds).median
    medians = (theirs.over(ours).median, ours.over(relu).median, theirs.over(relu).median, seconds)
    return Ratios(*map(rounded, medians))


def _ours(case: Case) -> str:
    import tensorflow as tf

    from tfcustomact._dispatch import explanation

    if ACTIVATIONS[case.op].chooses_by_size:
        return ACTIVATIONS[case.op].name
    return explanation(case.op, case.kind, tf.as_dtype(case.dtype)).backend
