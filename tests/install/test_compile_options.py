"""What a user's compiler flags must not change: numbers, the process's floating-point state, TensorFlow's macros."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import tensorflow as tf

SOURCE = Path(__file__).parent / "compile_options"
FAST = "-Ofast -ffast-math -funsafe-math-optimizations -fassociative-math -fno-signed-zeros -fsingle-precision-constant"

PROGRAM = """
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
for name in ("Residue", "NotANumber", "Zero"):
    getattr(library, name).restype = ctypes.c_float
divisor = float(sys.argv[2])
x, infinity = ctypes.c_float(1e-3), ctypes.c_float(float("inf"))
print([
    library.CxxAbi(),
    library.Residue(x, ctypes.c_float(1e8)),
    str(library.NotANumber(infinity)),
    str(library.Zero(ctypes.c_float(-0.0))),
    2.0**-1022 / divisor * 2.0**1000 * 2.0**24,
])
"""


def test_a_users_flags_change_neither_numbers_nor_tensorflows_macros(tmp_path: Path) -> None:
    other_abi = f"-D_GLIBCXX_USE_CXX11_ABI={1 - tf.sysconfig.CXX11_ABI_FLAG}"
    environment = {**os.environ, "CXXFLAGS": f"{FAST} {other_abi}", "LDFLAGS": FAST}
    options = ["-DCMAKE_BUILD_TYPE=Release", f"-DPython_EXECUTABLE={sys.executable}"]
    for command in (["-G", "Ninja", "-S", SOURCE, "-B", tmp_path, *options], ["--build", tmp_path]):
        subprocess.run(["cmake", *command], env=environment, check=True)

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "liboptions.so", "4"], text=True, capture_output=True, check=True
    )
    assert ast.literal_eval(done.stdout) == [tf.sysconfig.CXX11_ABI_FLAG, 0.0, "nan", "0.0", 1.0]
