"""What is said of repeated measurements: medians, with the 20th and 80th percentiles beside them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Spread:
    p20: float
    median: float
    p80: float


def spread(samples: npt.ArrayLike) -> Spread:
    return Spread(*(float(value) for value in np.percentile(np.asarray(samples, np.float64), (20, 50, 80))))


def paired_ratio(samples: Sequence[float], reference: Sequence[float]) -> Spread:
    """Spread of the ratios round by round: both sides of one ratio saw the same moment of the machine."""
    return spread(np.asarray(samples, np.float64) / np.asarray(reference, np.float64))


def is_median_sure(samples: np.ndarray, precision: float) -> bool:
    """Whether the median of what the samples are drawn from is known, within this share of it, with 99 % confidence.

    The two samples between which it lies are found by their ranks alone: nothing is assumed of the distribution.
    """
    count = len(samples)
    # The number of samples below the median has a binomial distribution, of standard deviation sqrt(count) / 2.
    margin = 2.58 * math.sqrt(count) / 2
    low, high = math.floor(count / 2 - margin), math.ceil(count / 2 + margin)
    if low < 0 or high >= count:
        return False
    ordered = np.sort(samples)
    return ordered[high] - ordered[low] <= 2 * precision * np.median(ordered)
