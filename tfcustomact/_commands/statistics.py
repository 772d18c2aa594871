"""What is said of repeated measurements: medians, with the 20th and 80th percentiles beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spread:
    p20: float
    median: float
    p80: float


def spread(samples: Sequence[float]) -> Spread:
    return Spread(*(float(value) for value in np.percentile(np.asarray(samples, np.float64), (20, 50, 80))))


def paired_ratio(samples: Sequence[float], reference: Sequence[float]) -> Spread:
    """Spread of the ratios round by round: both sides of one ratio saw the same moment of the machine."""
    return spread(np.asarray(samples, np.float64) / np.asarray(reference, np.float64))
