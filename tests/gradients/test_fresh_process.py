"""What depends on the process: TensorFlow's threads, what XLA has compiled, and what was differentiated before."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from forks import Forks

from tfcustomact import testing
from tfcustomact.backends import BACKENDS, native

Run = Callable[..., Any]


@pytest.fixture
def run(forks: Forks, tmp_path: Path) -> Run:
    """Returns what a function of fresh_process.py returns in a process of its own."""

    def run(function: str, *arguments: int) -> Any:
        flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_dump_to={tmp_path} --xla_dump_hlo_as_text"
        program = f"import json, fresh_process\nprint(json.dumps(fresh_process.{function}(*{arguments})))"
        done = forks.run(program, tmp_path, os.environ | {"XLA_FLAGS": flags, "PYTHONPATH": str(Path(__file__).parent)})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_what_was_differentiated_before_is_no_matter_to_forward_mode(run: Run) -> None:
    exact = float(testing.exact("swish", -1.2, derivative=2))
    second_derivatives = run("second_derivatives")
    assert second_derivatives.keys() == BACKENDS.keys()
    for values in second_derivatives.values():
        assert values == pytest.approx([exact] * 2, rel=1e-12)


def test_a_new_value_of_a_parameter_is_not_compiled_anew(run: Run) -> None:
    first, *others = run("compilations")
    assert first > 0
    assert others == [first] * len(others)


@pytest.mark.skipif(isinstance(native._LIBRARY, str), reason=str(native._LIBRARY))
def test_the_number_of_threads_changes_no_bit(run: Run) -> None:
    assert len({run("digest", threads) for threads in (1, 2, 5)}) == 1
