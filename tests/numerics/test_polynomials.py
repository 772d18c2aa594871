"""The coefficients of csrc/numbers/polynomials.h, and the errors stated there."""

import functools
import re
import subprocess
import sys
from pathlib import Path

import mpmath
import numpy as np
import pytest

SOURCE = Path(__file__).parents[2]
HEADER = (SOURCE / "csrc" / "numbers" / "polynomials.h").read_text()
FUNCTION = re.compile(
    r"// (?P<q>.+) for (?P<interval>.+), in (?P<lanes>\w+): "
    r"relative error 2\^(?P<of_quotient>[-.\d]+), of \S+ 2\^(?P<of_value>[-.\d]+)\.\n"
    r"constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<(?P<count>\d+)> (?P<name>\w+)\(\) {\n"
    r"  return {{(?P<terms>[^}]+),\n  }};\n}\n"
)


def scaled_ratio(r: mpmath.mpf) -> mpmath.mpf:
    a = 4 * (1 + r) / (1 - r)
    return (a + 4) * mpmath.ncdf(-a) * mpmath.exp(a**2 / 2)


def polynomial(terms: list[float], r: mpmath.mpf) -> mpmath.mpf:
    """Takes the term of the highest power first, of which order `mpmath.polyval` warns each time."""
    return functools.reduce(lambda value, term: value * r + term, terms, mpmath.mpf(0))


# The functions, and the coefficients before q, lowest power first.
OF_Q = {
    "(2^r - 1) / r": (lambda r: 2**r, [1]),
    "(exp(r) - 1) / r": (mpmath.exp, [1]),
    "(exp(r) - 1 - r) / r^2": (mpmath.exp, [1, 1]),
    "(log(1+r) - r) / r^2": (lambda r: mpmath.log(1 + r), [0, 1]),
    "m(r)": (scaled_ratio, []),
}
FUNCTIONS = {match["name"]: match for match in FUNCTION.finditer(HEADER)}


def test_header_is_what_the_script_writes() -> None:
    command = [sys.executable, SOURCE / "tools" / "fit_polynomials.py", "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_polynomial_is_read_here() -> None:
    assert len(FUNCTIONS) == HEADER.count("constexpr") > 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_stated_errors(name: str) -> None:
    function = FUNCTIONS[name]
    terms = [float.fromhex(term) for term in function["terms"].split(",")]
    assert len(terms) == int(function["count"])
    assert [float(np.dtype(function["lanes"]).type(term)) for term in terms] == terms

    ends = [float(end) for end in re.findall(r"[-.\d]+", function["interval"])]
    low, high = (-ends[0], *ends)[-2:]
    points = [*np.linspace(low, high, 1000), *np.random.default_rng(0).uniform(low, high, 1000), low * 1e-9]
    at, known = OF_Q[function["q"]]
    largest_of_quotient = largest_of_value = 0
    with mpmath.workdps(60):
        for r in filter(None, map(mpmath.mpf, points)):
            value, leading, q = at(r), polynomial(known[::-1], r), polynomial(terms, r)
            rest = q * r ** len(known)
            largest_of_quotient = max(largest_of_quotient, abs(rest / (value - leading) - 1))
            largest_of_value = max(largest_of_value, abs((leading + rest) / value - 1))
        for largest, stated in ((largest_of_quotient, "of_quotient"), (largest_of_value, "of_value")):
            bits = -float(function[stated])
            # Rounded to a tenth, and between the points it may be a little larger.
            assert bits <= -mpmath.log(largest, 2) < bits + 0.11
