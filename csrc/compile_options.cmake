# What every file is compiled and linked with. CMake puts options after CXXFLAGS, CMAKE_CXX_FLAGS and LDFLAGS, so that
# these win over whatever a user's environment asks for.

# Numbers are promised to the last bit. Each part of -ffast-math is taken back by its own name: GCC keeps what was asked
# for by a name of its own. The formulas say where a multiplication and an addition are fused.
set(exact_numbers
    -fno-fast-math
    -fno-unsafe-math-optimizations
    -fno-associative-math
    -fno-reciprocal-math
    -fno-finite-math-only
    -fsigned-zeros
    -fno-single-precision-constant
    -ffp-contract=off)
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wno-psabi;${exact_numbers}>")
# A library linked with -ffast-math or -Ofast has the whole process flush subnormal numbers to zero once it is loaded.
add_link_options("$<$<LINK_LANGUAGE:CXX>:-O3;${exact_numbers}>")

# The macros that TensorFlow was compiled with, which decide how its classes lie in memory and what its functions are
# called. As options, since CMake puts definitions before CXXFLAGS.
if(TFCUSTOMACT_MODULES AND TFCUSTOMACT_TENSORFLOW)
  execute_process(
    COMMAND "${Python_EXECUTABLE}" -c
            "import tensorflow as tf; print(*(f for f in tf.sysconfig.get_compile_flags() if f.startswith('-D')), sep=';', end='')"
    OUTPUT_VARIABLE tensorflow_macros COMMAND_ERROR_IS_FATAL ANY)
  foreach(macro IN LISTS tensorflow_macros)
    string(REGEX REPLACE "^-D([^=]+).*" "-U\\1" undefined "${macro}")
    add_compile_options("${undefined}" "${macro}")
  endforeach()
endif()
