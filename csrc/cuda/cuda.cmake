# The CUDA kernels, as the objects tfcustomact_cuda: without them, one that says so.
include(csrc/cuda/nvcc.cmake)
if(NOT TFCUSTOMACT_CUDA_BUILT)
  add_library(tfcustomact_cuda OBJECT EXCLUDE_FROM_ALL csrc/cuda/not_built.cc)
  target_include_directories(tfcustomact_cuda PUBLIC ${TFCUSTOMACT_INCLUDE})
  return()
endif()

# Machine code for these, and for what is newer the last one's PTX, which drivers compile.
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

add_library(tfcustomact_cuda OBJECT EXCLUDE_FROM_ALL csrc/cuda/channels.cu csrc/cuda/device.cc csrc/cuda/loops.cu)
list(JOIN TFCUSTOMACT_CUDA_ARCHITECTURES ", " list)
target_compile_definitions(tfcustomact_cuda PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:TFCUSTOMACT_CUDA_ARCHITECTURES=${list}>")
# As for the host, whatever CUDAFLAGS ask for: see csrc/compile_options.cmake. Where a template could serve the host
# too, nvcc only warns of a call of a host function from device code: here that is an error.
set(exact_numbers -fmad=false -ftz=false -prec-div=true)
# The driver unpacks the machine code when it loads the library. Before CUDA 13, there are drivers that cannot unpack
# what is compressed most.
set(small -Xfatbin=-compress-all)
if(CMAKE_CUDA_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
  list(APPEND small --compress-mode=size)
endif()
target_compile_options(tfcustomact_cuda PRIVATE "$<$<COMPILE_LANGUAGE:CUDA>:${exact_numbers};${small};--threads=2;-Werror=cross-execution-space-call>")
target_include_directories(tfcustomact_cuda PUBLIC ${TFCUSTOMACT_INCLUDE})
# No other library in the process may be linked to our copy of the CUDA runtime, nor ours to TensorFlow's.
target_link_libraries(tfcustomact_cuda PUBLIC CUDA::cudart_static -Wl,--exclude-libs,ALL)
