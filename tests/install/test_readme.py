"""The README's Python is run as it stands there."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.mark.usefixtures("native")
def test_the_code_in_the_readme_runs(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    assert "swish of float32 on CPU: native" in run("\n".join(blocks)).stdout
