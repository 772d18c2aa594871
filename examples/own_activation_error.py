"""What the errors of any activation are, in units in the last place (ULP) of its dtype."""

import numpy as np
import tensorflow as tf

import tfcustomact as tca
from tfcustomact import testing

contestants = {
    "tca.swish": tca.swish,
    "tf.nn.silu": tf.nn.silu,
    "x * tf.sigmoid(x)": lambda x: x * tf.sigmoid(x),
}

x = np.linspace(-80, 80, 1_000_001, dtype=np.float32)
exact = testing.exact("swish", x)
for name, function in contestants.items():
    errors = testing.ulp_error(function(tf.constant(x)).numpy(), exact)
    print(f"{name:<18} off by at most {errors.max():8.3g} ULP, at x = {x[errors.argmax()]:g}")

testing.assert_max_ulp(tca.swish(tf.constant(x)).numpy(), exact, limit=8)
