"""The examples run, as they are."""

import runpy
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(path), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    for line in lines:
        if line.startswith("loss"):
            before, after = map(float, line.removeprefix("loss ").split(" -> "))
            assert after < before
    assert "False" not in "".join(lines)
    assert lines
