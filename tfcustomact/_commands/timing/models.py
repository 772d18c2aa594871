"""Whole Keras models, timed before and after `tca.accelerate`: training steps and predictions."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tfcustomact._commands.console import Job
from tfcustomact._commands.timing.measurement import Budget, Runner, Spread, measure
from tfcustomact._commands.timing.promises import holds

if TYPE_CHECKING:
    import keras

_CLASSES = 10

_STEPS = ("training step", "prediction")


class _Model(NamedTuple):
    name: str
    build: Callable[[], "keras.Model"]
    pixels: int
    batch: int
    budget: Budget


@dataclass(frozen=True)
class Timed:
    """A step of a model, in seconds, before and after; ``ratio`` is the median of those of after over before."""

    model: str
    mode: str
    step: str
    before: float
    after: float
    ratio: float

    @property
    def limit(self) -> float | None:
        """The largest ratio that is promised."""
        return _LIMITS.get((self.model, self.mode, self.step))

    @property
    def holds(self) -> bool:
        """Whether the promise holds, if there is one."""
        return self.limit is None or holds(self.ratio, self.limit)

    def as_json(self) -> dict[str, Any]:
        """Returns a dictionary that ``Timed(**...)`` reads again."""
        return asdict(self)


def _small() -> "keras.Model":
    from keras import Input, Sequential, layers

    convolution = partial(layers.Conv2D, kernel_size=3, padding="same", activation="silu")
    return Sequential(
        [
            Input([48, 48, 3]),
            convolution(32),
            convolution(32, strides=2),
            convolution(64, strides=2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(128, activation="silu"),
            layers.Dense(_CLASSES, activation="softmax"),
        ]
    )


def _efficient_net() -> "keras.Model":
    import keras

    return keras.applications.EfficientNetB0(weights=None, input_shape=(96, 96, 3), classes=_CLASSES)


SMALL = _Model("three convolutions with silu", _small, 48, 32, Budget(2.0, 5, 100))
EFFICIENT_NET = _Model("EfficientNetB0, 96 px", _efficient_net, 96, 32, Budget(20.0, 7, 100))

_LIMITS = {
    (EFFICIENT_NET.name, "graph", "training step"): 0.9,
    (EFFICIENT_NET.name, "graph", "prediction"): 0.93,
}


def timed(job: Job, part: str, model: _Model, modes: Sequence[str] = ("graph", "jit")) -> list[Timed]:
    """Times both steps in these modes; those before and after take turns."""
    images = np.random.default_rng(0).standard_normal((model.batch, model.pixels, model.pixels, 3), np.float32)
    labels = np.arange(model.batch) % _CLASSES
    built = {mode: _before_and_after(model, mode) for mode in modes}
    found = []
    for mode, step in job.steps(part, list(product(modes, _STEPS)), name=" ".join):
        operands = (images, labels) if step == "training step" else (images,)
        runners = {side: Runner(partial(_method(each, step), *operands)) for side, each in built[mode].items()}
        measured = measure(runners, model.budget)
        before, after = measured["before"], measured["after"]
        then, now = (Spread.of(each.seconds).median for each in (before, after))
        found.append(Timed(model.name, mode, step, then, now, after.over(before).median))
    return found


def _before_and_after(model: _Model, mode: str) -> "dict[str, keras.Model]":
    import keras

    import tfcustomact as tca

    before = model.build()
    optimizer = keras.optimizers.SGD(1e-3)
    before.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=mode == "jit")
    return {"before": before, "after": tca.accelerate(before, report=None)}


def _method(model: "keras.Model", step: str) -> Callable[..., Any]:
    method: Callable[..., Any] = model.train_on_batch if step == "training step" else model.predict_on_batch
    return method
