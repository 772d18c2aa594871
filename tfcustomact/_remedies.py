"""What to do where a part of the package is missing."""

_AGAIN = "in its source folder, pip install --force-reinstall --no-deps -e ."

NO_KERNELS = f"install tfcustomact again, with a C++17 compiler at hand and without TFCUSTOMACT_NATIVE=0: {_AGAIN}"
NO_TENSORFLOW_OPS = f"install tfcustomact again, without TFCUSTOMACT_TENSORFLOW=0: {_AGAIN}"
NO_TENSORFLOW = (
    "install tfcustomact again, without TFCUSTOMACT_TENSORFLOW=0: in its source folder, pip install -e . "
    "(tfcustomact.numpy, tfcustomact.cuda and tfcustomact.testing do without TensorFlow)"
)
NO_CUDA = f"install tfcustomact again, with CUDA's nvcc at hand and without TFCUSTOMACT_CUDA=0: {_AGAIN}"
KERAS_ON_TENSORFLOW = "set the environment variable KERAS_BACKEND=tensorflow before Keras is imported"
