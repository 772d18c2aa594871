# The CUDA kernels, as tfcustomact_cuda: where TFCUSTOMACT_CUDA is off, a library without kernels that says so.
find_program(TFCUSTOMACT_NVCC nvcc HINTS ENV CUDACXX PATHS /usr/local/cuda/bin)
if(TFCUSTOMACT_NVCC)
  set(TFCUSTOMACT_NVCC_FOUND ON)
else()
  set(TFCUSTOMACT_NVCC_FOUND OFF)
endif()
option(TFCUSTOMACT_CUDA "Build the CUDA kernels" ${TFCUSTOMACT_NVCC_FOUND})

if(NOT TFCUSTOMACT_CUDA)
  add_library(tfcustomact_cuda STATIC csrc/cuda/not_built.cc)
  target_include_directories(tfcustomact_cuda PUBLIC "${PROJECT_SOURCE_DIR}")
  return()
endif()
if(NOT TFCUSTOMACT_NVCC_FOUND)
  message(FATAL_ERROR "TFCUSTOMACT_CUDA is on, and there is no nvcc: install the CUDA toolkit (12 or 13), or set the "
                      "environment variable CUDACXX to nvcc's path, or TFCUSTOMACT_CUDA=0 to build without CUDA kernels.")
endif()

# Machine code for these, and for what is newer the last one's PTX, which drivers compile.
set(TFCUSTOMACT_CUDA_ARCHITECTURES 75 80 86 89 90)
list(TRANSFORM TFCUSTOMACT_CUDA_ARCHITECTURES APPEND -real OUTPUT_VARIABLE CMAKE_CUDA_ARCHITECTURES)
list(GET TFCUSTOMACT_CUDA_ARCHITECTURES -1 newest)
list(APPEND CMAKE_CUDA_ARCHITECTURES ${newest}-virtual)
set(CMAKE_CUDA_COMPILER "${TFCUSTOMACT_NVCC}")
set(CMAKE_CUDA_STANDARD 17)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
set(CMAKE_CUDA_EXTENSIONS OFF)
set(CMAKE_CUDA_VISIBILITY_PRESET hidden)
set(CMAKE_CUDA_FLAGS_RELEASE "-O3 -DNDEBUG")
enable_language(CUDA)
find_package(CUDAToolkit REQUIRED)

add_library(tfcustomact_cuda STATIC csrc/cuda/loops.cu csrc/cuda/device.cc)
list(JOIN TFCUSTOMACT_CUDA_ARCHITECTURES ", " list)
target_compile_definitions(tfcustomact_cuda PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:TFCUSTOMACT_CUDA_ARCHITECTURES=${list}>")
# As for the host: the compiler must not decide where a multiplication and an addition are one.
target_compile_options(tfcustomact_cuda PRIVATE "$<$<COMPILE_LANGUAGE:CUDA>:-fmad=false;--threads=2>")
target_include_directories(tfcustomact_cuda PUBLIC "${PROJECT_SOURCE_DIR}")
# Nobody else in the process may be served by our copy of the CUDA runtime.
target_link_libraries(tfcustomact_cuda PUBLIC CUDA::cudart_static -Wl,--exclude-libs,ALL)
