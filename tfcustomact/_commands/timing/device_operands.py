"""Contestants on a CUDA device's arrays with another one beside x, which are timed for what is promised of them, and in
no table. They write to arrays that are made before."""

from typing import TYPE_CHECKING, Any

import tfcustomact as tca
from tfcustomact._commands.arrays import device_tensors, runner
from tfcustomact._commands.cases import Case
from tfcustomact._commands.timing.measurement import Runner
from tfcustomact.activations import ACTIVATIONS

if TYPE_CHECKING:
    import torch

_CHANNELS = 256


def gated(case: Case) -> Runner:
    """Times the gated unit of the case's activation, of ``case.size`` elements each."""
    import torch

    gate, dy = _in_rows(case)
    up = gate.flip(0)
    if case.direction == "forward":
        out = torch.empty_like(gate)
        return runner(case, lambda: tca.cuda.gated(gate, up, case.op, out=out))
    both = torch.empty_like(gate), torch.empty_like(up)
    return runner(case, lambda: tca.cuda.gated_grad(dy, gate, up, case.op, out=both))


def with_bias(case: Case) -> Runner:
    """Times the case's activation of ``x`` and a bias."""
    return _with_row(case, "bias")


def per_channel(case: Case) -> Runner:
    """Times the case's activation, whose argument is a number per channel."""
    (name,) = ACTIVATIONS[case.op].argument_names
    return _with_row(case, name)


def _with_row(case: Case, name: str) -> Runner:
    import torch

    x, dy = _in_rows(case)
    keywords: dict[str, Any] = {name: 0.5 + torch.rand(_CHANNELS, device=x.device).to(x.dtype)}
    out = torch.empty_like(x)
    if case.direction == "forward":
        value = getattr(tca.cuda, case.op)
        return runner(case, lambda: value(x, **keywords, out=out))
    gradient, both = getattr(tca.cuda, f"{case.op}_grad"), (out, torch.empty_like(keywords[name]))
    return runner(case, lambda: gradient(dy, x, **keywords, out=both))


def _in_rows(case: Case) -> "list[torch.Tensor]":
    return [each.view(-1, _CHANNELS) for each in device_tensors(case.dtype, case.size)]
