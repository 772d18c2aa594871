"""Medians, percentiles and ratios."""

import numpy as np
import pytest

from tfcustomact._commands.statistics import is_median_sure, paired_ratio, spread


def test_spread_is_the_median_between_the_20th_and_80th_percentiles():
    found = spread([float(value) for value in range(11)])
    assert (found.p20, found.median, found.p80) == (2.0, 5.0, 8.0)


def test_one_slow_round_does_not_move_the_median():
    assert spread([1.0, 1.0, 1.0, 1.0, 50.0]).median == 1.0


def test_paired_ratios_see_through_a_machine_that_slows_down():
    ours, theirs = [1.0, 2.0, 4.0, 8.0], [2.0, 4.0, 8.0, 16.0]
    assert paired_ratio(ours, theirs).p20 == paired_ratio(ours, theirs).p80 == 0.5


def test_pairs_need_two_sides():
    with pytest.raises(ValueError, match="broadcast"):
        paired_ratio([1.0, 2.0, 3.0], [1.0, 2.0])


@pytest.mark.parametrize(("precision", "sure"), [(0.27, True), (0.26, False)])
def test_a_median_is_sure_when_the_ranks_around_it_are_close(precision, sure):
    # Of 101 numbers, the median lies between the 38th and the 65th, with 99 % confidence.
    samples = np.random.default_rng(0).permutation(np.arange(1.0, 102.0))
    assert is_median_sure(samples, precision) == sure


@pytest.mark.parametrize("count", range(6))
def test_few_samples_are_never_sure(count):
    assert not is_median_sure(np.ones(count), 0.01)
