"""The CUDA runtime is inside the libraries: they load without a driver, and no other library uses it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import tfcustomact

LIBRARIES = sorted(Path(tfcustomact.__file__).parent.glob("*.so"))


@pytest.mark.skipif(shutil.which("nm") is None, reason="there is no nm")
@pytest.mark.skipif(not LIBRARIES, reason="installed without the native backend")
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_the_cuda_runtime_is_neither_asked_for_nor_offered(library: Path) -> None:
    # TensorFlow exports functions of the same names, for another version of the runtime.
    said = subprocess.run(["nm", "--dynamic", library], capture_output=True, text=True, check=True).stdout
    names = [line.split()[-1] for line in said.splitlines()]
    assert any(name.startswith(("PyInit", "_ZN10tensorflow", "_ZN11tfcustomact")) for name in names)
    assert [name for name in names if re.match(r"_*cuda[A-Z]", name)] == []
    needed = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout
    assert "libcudart" not in needed
    assert "libcuda." not in needed
