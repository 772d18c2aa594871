"""What `testing.check_activation` says of activations with one fault each, and of right ones."""

import re

import faulty
import formulas
import pytest

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


def test_the_value_at_minus_infinity():
    fault, *_ = testing.check_activation(formulas.derived, a=1.5).faults
    assert "value at x = -inf: nan, exact -0" in str(fault)


def test_what_is_not_accepted():
    with pytest.raises(TypeError, match="check_activation was given <function"):
        testing.check_activation(lambda x: x)
    with pytest.raises(TypeError, match="right has no argument beta: it has a"):
        testing.check_activation(faulty.right, beta=1.0)
