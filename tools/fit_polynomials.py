"""Fits the polynomials of the number models in csrc/, and writes them to csrc/numbers/polynomials.h.

    python tools/fit_polynomials.py           fits them (some seconds) and writes the header
    python tools/fit_polynomials.py --check   says whether the header is what would be written; exits with 1 if not

A polynomial q gives a function by way of leading terms that are known: 2^r = 1 + r * q(r), exp(r) = 1 + r * q(r) or
1 + r + r^2 * q(r), log(1 + r) = r + r^2 * q(r). Its coefficients are numbers of the lanes' type, and of all such the
ones whose largest relative error is smallest: the error of the function, or of q where exp(r) - 1 is computed from it,
which cancels for small r.

Without the condition on their type, the coefficients come from the Remez exchange algorithm (E. Remez, "Sur le calcul
effectif des polynômes d'approximation de Tchebichef", 1934), on a fine grid. Then one after another is rounded, the
constant coefficient first, whose rounding matters most, and the others are fitted again to make up for the rounding.
The error of that fit is a lower bound for whatever the others are rounded to, and so a search that backtracks (branch
and bound) finds the best without trying all. On polynomials with such coefficients: N. Brisebarre, J.-M. Muller, A.
Tisserand, "Computing machine-efficient polynomial approximations", ACM Transactions on Mathematical Software 32, 2006.

All decisions are made in 128-bit arithmetic, which is the same on every machine, and so is the header.
"""

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import mpmath
import numpy as np
from mpmath import mpf

HEADER = Path(__file__).parents[1] / "csrc" / "numbers" / "polynomials.h"
PRECISION = 128

# The points of a fit, and of a measurement. The error is a smooth curve with up to 13 extremes: between the points of a
# fit it is larger by 0.5 % or less.
POINTS_OF_FIT, POINTS_OF_MEASUREMENT = 200, 1000

# A search leaves out coefficients that could make the error smaller by no more than this share.
NEGLIGIBLE = 0.002

# Range reduction leaves numbers up to half a step, and somewhat more because the number of steps is rounded from a
# product that has errors of its own: below 1e-5 steps with 24 bits and at most 151 steps (XLA's numbers, up to 104),
# below 5e-13 steps with 53 bits and at most 2,165 steps (double-double numbers, up to 1500).
HALF_FLOAT32 = (-0.50001, 0.50001)
HALF_FLOAT64 = (-0.5000000000005, 0.5000000000005)
HALF_LOG_2_FLOAT32 = (-0.346582, 0.346582)
HALF_LOG_2_FLOAT64 = (-0.3465735902804, 0.3465735902804)

BEGINNING = """\
// Coefficients of polynomials, and their largest relative errors. Written by tools/fit_polynomials.py: change that, and
// run it.
#pragma once

#include "csrc/numbers/function.h"
#include "csrc/numbers/horner.h"

namespace tfcustomact {

// Functions, because device code cannot refer to an array at namespace scope.

// One coefficient a line, however many there are.
// clang-format off
"""
END = """
// clang-format on

}  // namespace tfcustomact
"""


@dataclass(frozen=True)
class Function:
    """The function that a polynomial q approximates a part of."""

    name: str
    # What q is, in words.
    quotient: str
    # The terms before q, lowest power first.
    known: tuple[int, ...]
    at: Callable[[mpf], mpf]
    # What stands before the polynomial in the header besides.
    note: str = ""


# a is up to 15 in float32 and 40 in float64: beyond, the product with exp(-a^2 / 2) is zero.
MIDDLE_OF_RATIO = 4
UP_TO_15, UP_TO_40 = (-1.0, 0.5790), (-1.0, 0.8182)


def scaled_ratio(r: mpf) -> mpf:
    """See `RATIO`."""
    a = MIDDLE_OF_RATIO * (1 + r) / (1 - r)
    return (a + MIDDLE_OF_RATIO) * mpmath.erfc(a / mpmath.sqrt(2)) / 2 * mpmath.exp(a * a / 2)


POWER_OF_2 = Function("2^r", "(2^r - 1) / r", (1,), lambda r: mpf(2) ** r)
POWER_OF_E = Function("exp(r)", "(exp(r) - 1) / r", (1,), mpmath.exp)
POWER_OF_E_BY_TWO_TERMS = Function("exp(r)", "(exp(r) - 1 - r) / r^2", (1, 1), mpmath.exp)
LOGARITHM = Function("log(1+r)", "(log(1+r) - r) / r^2", (0, 1), mpmath.log1p)
RATIO = Function(
    "m(r)",
    "m(r)",
    (),
    scaled_ratio,
    "// m(r) = (a + 4) * (1 - Phi(a)) * exp(a^2 / 2) with r = (a - 4) / (a + 4), Phi the normal distribution.\n",
)


@dataclass(frozen=True)
class Table:
    """One polynomial of csrc/, by all that decides what its coefficients are."""

    name: str
    function: Function
    # How many coefficients q has, numbers of which type, and which of them are given, lowest power first.
    terms: int
    lanes: type[np.floating]
    given: tuple[float, ...]
    interval: tuple[float, float]
    # The function or q: the largest relative error of which is made small.
    objective: Literal["function", "quotient"] = "function"
    # None if the best coefficients are searched for. Else each is rounded to the nearest number: so many of them one
    # after another, the others fitted again after each, and the rest at once.
    rounded_alone: int | None = None


TABLES = (
    Table("PowerOf2Float32", POWER_OF_2, 6, np.float32, (), HALF_FLOAT32, "function"),
    Table("PowerOfEFloat32", POWER_OF_E, 6, np.float32, (1.0,), HALF_LOG_2_FLOAT32, "function"),
    # Exponentials that are rounded to 11 or 8 bits.
    Table("PowerOf2Float16", POWER_OF_2, 4, np.float32, (), HALF_FLOAT32, "function"),
    Table("PowerOfEFloat16", POWER_OF_E, 5, np.float32, (), HALF_LOG_2_FLOAT32, "quotient"),
    Table("PowerOfEBFloat16", POWER_OF_E, 4, np.float32, (), HALF_LOG_2_FLOAT32, "quotient"),
    # For exp(r) - 1 near 0, where the subtraction would cancel too many bits.
    Table("PowerOfENearZero", POWER_OF_E, 4, np.float32, (1.0,), (-0.0625, 0.0), "quotient"),
    Table("PowerOf2Float64", POWER_OF_2, 11, np.float64, (), HALF_FLOAT64, "function"),
    Table("PowerOfEFloat64", POWER_OF_E, 12, np.float64, (1.0, 0.5), HALF_LOG_2_FLOAT64, "quotient"),
    # A float64 exponential for a float32 result. log(2) is given, for 2^r - 1 near 0.
    Table("PowerOf2ViaDouble", POWER_OF_2, 7, np.float64, (math.log(2),), (-0.5, 0.5), "function"),
    # The part of a double-double exponential for which 53 bits are enough.
    Table("PowerOfEDoubleDouble", POWER_OF_E_BY_TWO_TERMS, 11, np.float64, (0.5,), HALF_LOG_2_FLOAT64, "function"),
    # In XLA, without fused multiply-add.
    Table("PowerOfEXla", POWER_OF_E, 5, np.float32, (1.0,), HALF_LOG_2_FLOAT32, "function"),
    Table("LogarithmFloat32", LOGARITHM, 10, np.float32, (), (0.0, 1.0), rounded_alone=3),
    Table("LogarithmFloat16", LOGARITHM, 7, np.float32, (), (0.0, 1.0), rounded_alone=3),
    Table("LogarithmFloat64", LOGARITHM, 22, np.float64, (), (0.0, 1.0), rounded_alone=3),
    Table("LogarithmViaDouble", LOGARITHM, 13, np.float64, (), (0.0, 1.0), rounded_alone=3),
    Table("NormalRatioFloat32", RATIO, 11, np.float32, (), UP_TO_15, rounded_alone=3),
    Table("NormalRatioFloat16", RATIO, 8, np.float32, (), UP_TO_15, rounded_alone=3),
    Table("NormalRatioFloat64", RATIO, 25, np.float64, (), UP_TO_40, rounded_alone=3),
    Table("NormalRatioViaDouble", RATIO, 13, np.float64, (), UP_TO_15, rounded_alone=3),
)


class Grid:
    """Points of a table's interval, what q should be there, and the weights of its errors."""

    def __init__(self, table: Table, points: int) -> None:
        known = table.function.known
        low, high = map(mpf, table.interval)
        middle, half = (low + high) / 2, (high - low) / 2
        # Dense towards the ends, as the extremes of the error are; without 0, where q is a limit.
        self.r = [r for i in range(points + 1) if (r := middle - half * mpmath.cospi(mpf(i) / points)) != 0]
        values = [table.function.at(r) for r in self.r]
        self.q = [(value - evaluate(known, r)) / r ** len(known) for value, r in zip(values, self.r, strict=True)]
        self.weights = {
            "quotient": [1 / abs(q) for q in self.q],
            "function": [abs(r) ** len(known) / value for value, r in zip(values, self.r, strict=True)],
        }


def evaluate(coefficients: Sequence[mpf | float | int], r: mpf) -> mpf:
    """The polynomial at r. The coefficients' lowest power comes first."""
    value = mpf(0)
    for coefficient in reversed(coefficients):
        value = value * r + coefficient
    return value


def largest_error(coefficients: Sequence[float], grid: Grid, objective: str) -> mpf:
    """The largest relative error of the function or of the quotient."""
    return max(
        abs(evaluate(coefficients, r) - q) * weight
        for r, q, weight in zip(grid.r, grid.q, grid.weights[objective], strict=True)
    )


def alternating(errors: Sequence[mpf], count: int) -> list[int]:
    """Where `count` local extremes of alternating sign are, the largest of all among them."""
    places: list[int] = []
    for i, error in enumerate(errors):
        if not places or (errors[places[-1]] > 0) != (error > 0):
            places.append(i)
        elif abs(error) > abs(errors[places[-1]]):
            places[-1] = i
    sizes = [abs(errors[i]) for i in places]
    while len(places) > count:
        smallest = sizes.index(min(sizes))
        if len(places) == count + 1 or smallest in (0, len(places) - 1):
            gone = slice(0, 1) if sizes[0] < sizes[-1] else slice(-1, None)
        else:
            # Signs still alternate without two neighbours.
            first = smallest if sizes[smallest + 1] < sizes[smallest - 1] else smallest - 1
            gone = slice(first, first + 2)
        del places[gone], sizes[gone]
    return places


def minimax(r: Sequence[mpf], f: Sequence[mpf], weights: Sequence[mpf], terms: int) -> tuple[list[mpf], mpf]:
    """The polynomial whose largest weighted error is smallest, and a lower bound of that error by de la Vallée Poussin.

    One step solves for the polynomial whose errors at terms + 1 points are equal and alternate in sign; the next takes
    the points where this one's errors are largest.
    """
    points = [round((len(r) - 1) * i / terms) for i in range(terms + 1)]
    while True:
        equations = [[r[i] ** k for k in range(terms)] + [(-1) ** n / weights[i]] for n, i in enumerate(points)]
        *coefficients, level = mpmath.lu_solve(mpmath.matrix(equations), mpmath.matrix([f[i] for i in points]))
        errors = [(evaluate(coefficients, x) - y) * weight for x, y, weight in zip(r, f, weights, strict=True)]
        if max(map(abs, errors)) <= abs(level) * (1 + NEGLIGIBLE / 10):
            return coefficients, abs(level)
        points = alternating(errors, terms + 1)


# Coefficients that are decided, what the remaining polynomial approximates, and the weights of its errors.
State = tuple[tuple[float, ...], list[mpf], list[mpf]]


def fit(table: Table) -> tuple[float, ...]:
    """The coefficients of q, lowest power first."""
    grid = Grid(table, POINTS_OF_FIT)
    best: tuple[float, ...] = ()
    error_of_best = mpmath.inf

    def extended(rounded: tuple[float, ...], f: list[mpf], weights: list[mpf], coefficient: float) -> State:
        """The state with one more coefficient: r times the remaining polynomial approximates what is missing."""
        f = [(value - coefficient) / r for value, r in zip(f, grid.r, strict=True)]
        weights = [weight * abs(r) for weight, r in zip(weights, grid.r, strict=True)]
        return (*rounded, coefficient), f, weights

    def search(rounded: tuple[float, ...], f: list[mpf], weights: list[mpf]) -> bool:
        """Tries the polynomials that begin like this. False if none of them can be noticeably better than the best."""
        nonlocal best, error_of_best
        if len(rounded) == table.terms:
            bound = max(abs(missing) * weight for missing, weight in zip(f, weights, strict=True))
        else:
            rest, bound = minimax(grid.r, f, weights, table.terms - len(rounded))
        if bound >= error_of_best * (1 - NEGLIGIBLE):
            return False
        if len(rounded) == table.terms:
            best, error_of_best = rounded, bound
            return True
        # The bound is a convex function of the next coefficient: it grows from a coefficient whose bound is too large.
        nearest = table.lanes(rest[0])
        for candidate, end in ((nearest, -np.inf), (np.nextafter(nearest, table.lanes(np.inf)), np.inf)):
            while search(*extended(rounded, f, weights, float(candidate))):
                candidate = np.nextafter(candidate, table.lanes(end))
        return True

    start: State = (), grid.q, grid.weights[table.objective]
    for coefficient in table.given:
        start = extended(*start, coefficient)
    if table.rounded_alone is not None:
        for alone in range(table.rounded_alone + 1):
            rest, _ = minimax(grid.r, *start[1:], table.terms - alone)
            start = extended(*start, float(table.lanes(rest[0])))
        return (*start[0], *(float(table.lanes(coefficient)) for coefficient in rest[1:]))
    search(*start)
    return best


def stated(error: mpf) -> str:
    """As a power of two, rounded up to a tenth of a bit."""
    return f"2^{math.ceil(mpmath.log(error, 2) * 10) / 10:.1f}"


def hexadecimal(number: float, lanes: type[np.floating]) -> str:
    """A C++ literal with all digits of the type."""
    digits, exponent = number.hex().split("p")
    return f"{digits[:-7] if lanes is np.float32 else digits}p{exponent}"


def definition(table: Table) -> str:
    """The function of the header that returns the coefficients, with its comment."""
    coefficients = fit(table)
    grid = Grid(table, POINTS_OF_MEASUREMENT)
    quotient, of_function = (stated(largest_error(coefficients, grid, which)) for which in ("quotient", "function"))
    low, high = table.interval
    interval = f"|r| <= {high}" if low == -high else f"{low} <= r <= {high}"
    terms = "".join(f"      {hexadecimal(number, table.lanes)},\n" for number in reversed(coefficients))
    return (
        f"\n{table.function.note}// {table.function.quotient} for {interval}, in {table.lanes.__name__}: "
        f"relative error {quotient}, of {table.function.name} {of_function}.\n"
        f"constexpr TFCUSTOMACT_FUNCTION PolynomialTerms<{table.terms}> {table.name}() {{\n"
        f"  return {{{{\n{terms}  }}}};\n}}\n"
    )


def main() -> int:
    """Writes or checks the header."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the header is another")
    arguments = parser.parse_args()
    with mpmath.workprec(PRECISION):
        text = BEGINNING + "".join(map(definition, TABLES)) + END
    if not arguments.check:
        HEADER.write_text(text)
    elif HEADER.read_text() != text:
        print(f"{HEADER} is not what this script writes: run it without --check")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
