"""Training on several devices; on several machines, it is an example that trains."""

import subprocess
import sys
from pathlib import Path


def test_fit_on_two_devices(tmp_path: Path) -> None:
    program = Path(__file__).with_name("fit_on_two_devices.py")
    subprocess.run([sys.executable, program], check=True, cwd=tmp_path)
