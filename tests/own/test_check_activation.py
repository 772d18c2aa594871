"""What `testing.check_activation` says of activations with one fault each, and of right ones."""

import re

import faulty
import formulas
import pytest
from parameters import FEW

import tfcustomact as tca
from tfcustomact import testing

FAULTS = {
    "flushed_gradient": ("gradient", r"gradient at x = -1\d\.\d+: -?0, exact -[\d.e-]+"),
    "untaken_branch": ("gradient", r"gradient at x = 8[89]\.\d+: nan, exact 1\n"),
    "cancellation": ("value", r"value at x = -[\d.e-]+: "),
    "overflow": ("value", r"value at x = 8[89]\.\d+: inf, exact 8[89]"),
    "wrong_sign": ("gradient", r"gradient at x = [-\d.e+]+: "),
    "wrong_by_a": ("gradient by a", r"gradient by a at x = [-\d.e+]+: "),
    "wrong_second": ("second gradient", r"second gradient at x = [-\d.e+]+: "),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_its_place_named(name):
    result, words = FAULTS[name]
    report = testing.check_activation(getattr(faulty, name))
    assert not report.holds
    found = [str(fault) for fault in report.faults if (fault.result, fault.dtype) == (result, "float32")]
    assert any(re.search(words, each) for each in found), report


@pytest.mark.parametrize("definition", [None, faulty.elu], ids=["by the formula", "by its definition"])
def test_a_right_one_holds(definition):
    report = testing.check_activation(faulty.right, definition)
    assert report.holds, report
    tried = {(finding.result, finding.dtype) for finding in report.findings}
    assert ("gradient by a", "float32") in tried
    assert (("value", "float64") in tried) == (definition is not None)


def test_what_the_rounding_of_x_explains_is_no_fault():
    """Where x is large, the rounding of b x alone takes the formula anywhere between -a and a."""
    report = testing.check_activation(faulty.oscillating)
    assert report.holds, report


def test_infinities_nan_and_the_signs_of_zeros():
    for own, words in (
        (formulas.derived, "value at x = -inf: nan, exact -0"),
        (faulty.infinite_quotient, "value at x = inf: nan, exact 1"),
        (faulty.overflow, "gradient at x = inf: nan, exact 1"),
        (faulty.nan_lost, "value at x = nan: 0, exact nan"),
        (faulty.sign_of_zero_lost, "value at x = -0: 0, exact -0"),
    ):
        faults = testing.check_activation(own).faults
        assert any(words in str(fault) for fault in faults), faults


@pytest.mark.parametrize("op", FEW)
def test_ours_are_of_the_same_kind(op):
    report = testing.check_activation(getattr(tca, op))
    assert report.holds, report
    assert {("second gradient", "float32"), ("value", "float64")} <= {
        (each.result, each.dtype) for each in report.findings
    }


def test_what_is_not_accepted():
    with pytest.raises(TypeError, match="check_activation was given <function"):
        testing.check_activation(lambda x: x)
    with pytest.raises(TypeError, match=r"float32_alone does not compute in float64, .* constants may be written as"):
        testing.check_activation(faulty.float32_alone)
    with pytest.raises(TypeError, match="right was given beta: besides x it takes a"):
        testing.check_activation(faulty.right, beta=1.0)
