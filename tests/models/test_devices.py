"""Training on several devices; on several machines, it is an example that trains."""

import os
from pathlib import Path

from forks import Forks


def test_fit_on_two_devices(forks: Forks, tmp_path: Path) -> None:
    program = Path(__file__).with_name("fit_on_two_devices.py").read_text(encoding="utf-8")
    done = forks.run(program, tmp_path, os.environ)
    assert done.returncode == 0, done.stderr
