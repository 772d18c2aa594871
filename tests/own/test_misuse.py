"""What is said of a formula that is none of an activation, and of bad arguments."""

import formulas
import numpy as np
import pytest
import tensorflow as tf

import tfcustomact as tca


def two_tensors(x, y):
    return x + y


def no_tensor():
    return 1


def keywords(x, **options):
    return x


def backend(x, backend=1.0):
    return x


def words(x, a="one"):
    return x


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        (two_tensors, r"two_tensors\(x, y\) is no function of one tensor: .* and y has none"),
        (no_tensor, r"no_tensor\(\) is no function of one tensor"),
        (keywords, r"has the argument \*\*options: ordinary arguments"),
        (backend, "none is called backend"),
        (words, "has a = 'one': a finite real number"),
        (3, "tca.activation was given 3: a function of a tensor, with a name, is accepted"),
        (lambda x: x, "tca.activation was given <function <lambda>"),
    ],
)
def test_what_is_no_function_of_a_tensor_and_numbers(formula, says):
    with pytest.raises(TypeError, match=says):
        tca.activation(formula)


@tca.activation
def shape(x):
    return tf.reduce_sum(x, keepdims=True)


@tca.activation
def narrow(x):
    return tf.cast(x, tf.float16)


@tca.activation
def number(x):
    return 1.0


@tca.activation
def condition(x):
    return x if x > 0 else tf.math.expm1(x)


@tca.activation
def order(x):
    return tf.cumsum(x, axis=-1)


@tca.activation
def all_others(x):
    return tf.nn.softmax(x)


@tca.activation
def reversed_order(x):
    return tf.reverse(x, [-1])


@tca.activation
def by_the_largest(x):
    return x / tf.reduce_max(tf.abs(x))


@tca.activation
def by_their_number(x):
    return x / tf.cast(tf.size(x), x.dtype)


_slope = tf.Variable(2.0, name="slope")


@tca.activation
def variable(x):
    return _slope * x


@tca.activation
def variable_with_a_gradient(x):
    return _slope * x


@variable_with_a_gradient.gradient
def _(x):
    return _slope * tf.ones_like(x)


@pytest.mark.parametrize(
    ("own", "error", "says"),
    [
        (shape, ValueError, r"shape changes the shape: of x of shape \(23,\) it makes \(1,\)"),
        (narrow, TypeError, "narrow changes the dtype: of x of dtype float32 it makes float16"),
        (number, TypeError, "number returns no tensor, but an object of type float"),
        (condition, TypeError, "condition asks in Python whether x fulfils a condition, .*: tf.where chooses"),
        (order, ValueError, "order is not element-wise: of the same numbers in another order"),
        (all_others, ValueError, "all_others is not element-wise: where x stays as it is, the result changes"),
        (reversed_order, ValueError, "reversed_order is not element-wise"),
        (by_the_largest, ValueError, "by_the_largest is not element-wise: where x stays as it is"),
        (by_their_number, ValueError, "by_their_number is not element-wise: where x stays as it is"),
        (variable, TypeError, r"variable uses the variable slope:0 of shape \(\), and only x and the arguments have"),
        (variable_with_a_gradient, TypeError, "variable_with_a_gradient uses the variable slope:0"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_formula_of_no_activation(own, error, says, mode):
    with pytest.raises(error, match=says):
        mode(own)(tf.ones([3, 4]))


def test_a_gradient_of_another_shape_or_number():
    def gradient(x, a):
        return tf.reduce_sum(x)

    def several(x, a):
        return x, x, x

    def without_a(x):
        return x

    def fresh(x, a=1.0):
        return a * x

    own = tca.activation(fresh)
    own.gradient(gradient)
    with pytest.raises(ValueError, match=r"fresh.gradient changes the shape: of x of shape \(23,\) it makes \(\)"):
        own(1.0)
    own.gradient(several)
    with pytest.raises(ValueError, match=r"fresh\.gradient returns 3 derivatives: .* or 2, by x, a"):
        own(1.0)
    with pytest.raises(TypeError, match=r"fresh.gradient was given a function of \(x\): one of \(x, a\) is accepted"):
        own.gradient(without_a)
    with pytest.raises(TypeError, match="derived has no hand-written gradient"):
        formulas.derived.second_gradient(gradient)


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"a": True}, TypeError, "derived's a is True, of type bool"),
        ({"a": float("inf")}, ValueError, "derived's a is inf"),
        ({"a": 1e39}, ValueError, "which is infinite in float32"),
        ({"a": tf.constant([1, 2])}, TypeError, "derived's a has dtype int32"),
        ({"a": np.ones(4)}, ValueError, r"derived's a has shape \(4,\), which does not broadcast to x's, \(2, 3\)"),
        ({"a": np.ones([5, 2, 3])}, ValueError, r"derived's a has shape \(5, 2, 3\)"),
        ({"beta": 1.0}, TypeError, "beta"),
        ({"backend": "native"}, ValueError, "backend 'native' cannot run derived: there are no compiled kernels"),
        ({"backend": "cuda"}, ValueError, "backend is 'cuda'"),
    ],
)
def test_bad_arguments(given, error, says):
    x = tf.ones([2, 3])
    formulas.derived(x)
    with pytest.raises(error, match=says):
        formulas.derived(x, **given)


def test_names_of_the_formula():
    def named(inputs, x=1.0):
        return x * inputs

    own = tca.activation(named)
    for y in (own(inputs=[3.0], x=2.0), own([3.0], x=2.0), own([3.0], 2.0), own.layer(x=2.0)(tf.constant([3.0]))):
        assert y.numpy() == [6.0]
    with pytest.raises(TypeError, match="missing a required argument: 'inputs'"):
        own(x=2.0)


def test_bad_x():
    with pytest.raises(TypeError, match="derived's x has dtype int32"):
        formulas.derived(tf.constant([1]))
    with pytest.raises(TypeError, match="too many positional arguments"):
        formulas.derived(tf.ones(1), 1.0, 2.0)
