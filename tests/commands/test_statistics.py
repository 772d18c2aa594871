"""Medians, percentiles and ratios."""

import pytest

from tfcustomact._commands.statistics import paired_ratio, spread


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
