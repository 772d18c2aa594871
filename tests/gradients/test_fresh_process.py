"""What depends on the process: TensorFlow's threads, what XLA has compiled, and what was differentiated before."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tfcustomact import testing
from tfcustomact.backends import BACKENDS, native

PROGRAM = Path(__file__).with_name("fresh_process.py")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What processes with one, two and five threads say."""
    processes = []
    for threads in (1, 2, 5):
        folder = str(tmp_path_factory.mktemp("xla"))
        flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_dump_to={folder} --xla_dump_hlo_as_text"
        command = [sys.executable, PROGRAM, str(threads), folder]
        processes.append(
            subprocess.Popen(command, env=os.environ | {"XLA_FLAGS": flags}, stdout=subprocess.PIPE, text=True)
        )
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return [json.loads(output) for output in outputs]


def test_what_was_differentiated_before_is_no_matter_to_forward_mode(printed: list[Any]) -> None:
    exact = float(testing.exact("swish", -1.2, derivative=2))
    for second_derivatives, _, _ in printed:
        assert second_derivatives.keys() == BACKENDS.keys()
        for values in second_derivatives.values():
            assert values == pytest.approx([exact] * 2, rel=1e-12)


def test_a_new_value_of_a_parameter_is_not_compiled_anew(printed: list[Any]) -> None:
    for _, (first, *others), _ in printed:
        assert first > 0
        assert others == [first] * len(others)


@pytest.mark.skipif(isinstance(native._LIBRARY, str), reason=str(native._LIBRARY))
def test_the_number_of_threads_changes_no_bit(printed: list[Any]) -> None:
    assert len({digest for _, _, digest in printed}) == 1
