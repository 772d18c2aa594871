"""The activations: one file each, with all that Python knows of it, and one line here, in the order of all tables."""

# isort: skip_file

from tfcustomact.activations._activation import ACTIVATIONS as ACTIVATIONS
from tfcustomact.activations.swish import silu as silu, swish as swish
from tfcustomact.activations.elu import elu as elu
from tfcustomact.activations.mish import mish as mish
from tfcustomact.activations.softplus import softplus as softplus
from tfcustomact.activations.celu import celu as celu
from tfcustomact.activations.selu import selu as selu
from tfcustomact.activations.hard_silu import hard_silu as hard_silu, hard_swish as hard_swish
from tfcustomact.activations.gelu import gelu as gelu
from tfcustomact.activations.gelu_tanh import gelu_tanh as gelu_tanh
