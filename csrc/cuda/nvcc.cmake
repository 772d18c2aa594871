# Decides whether the CUDA kernels are built. Sets TFCUSTOMACT_CUDA_BUILT; if on, TFCUSTOMACT_NVCC and the
# TFCUSTOMACT_CUDA_ARCHITECTURES to build for; if off, TFCUSTOMACT_CUDA_REASON.
set(TFCUSTOMACT_CUDA AUTO CACHE STRING "Build the CUDA kernels: ON, OFF, or AUTO for wherever nvcc can compile them")
set(TFCUSTOMACT_CUDA_BUILT OFF)
# 8.6's machine code serves 8.9: what nvcc 13.0 makes for 8.9 is the same, word for word.
set(TFCUSTOMACT_CUDA_ARCHITECTURES 75 80 86 90)

if(NOT TFCUSTOMACT_CUDA)
  set(TFCUSTOMACT_CUDA_REASON "TFCUSTOMACT_CUDA=0")
  return()
endif()

set(or_without "or set the environment variable TFCUSTOMACT_CUDA=0 to build without CUDA kernels.")
find_program(TFCUSTOMACT_NVCC NAMES "$ENV{CUDACXX}" nvcc PATHS /usr/local/cuda/bin)
if(NOT TFCUSTOMACT_NVCC)
  set(TFCUSTOMACT_CUDA_REASON "there was no nvcc")
  if(NOT TFCUSTOMACT_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "TFCUSTOMACT_CUDA is on, and there is no nvcc: install the CUDA toolkit (12 or 13), or set the "
                        "environment variable CUDACXX to nvcc's path, ${or_without}")
  endif()
  return()
endif()

# Compiles a program with the flags and the host compiler that CMake would take. enable_language() would not do: it
# cannot be undone, and tries no architectures.
set(flags "$ENV{CUDAFLAGS}")
if(DEFINED CMAKE_CUDA_FLAGS)
  set(flags "${CMAKE_CUDA_FLAGS}")
endif()
separate_arguments(options NATIVE_COMMAND "${flags}")
foreach(host_compiler "${CMAKE_CUDA_HOST_COMPILER}" "$ENV{CUDAHOSTCXX}")
  if(host_compiler)
    list(APPEND options "-ccbin=${host_compiler}")
    break()
  endif()
endforeach()
list(TRANSFORM TFCUSTOMACT_CUDA_ARCHITECTURES REPLACE "(.+)" "-gencode=arch=compute_\\1,code=sm_\\1" OUTPUT_VARIABLE code)
set(program "${CMAKE_CURRENT_BINARY_DIR}/try_nvcc")
file(WRITE "${program}.cu" "__global__ void Kernel() {}\nint main() { Kernel<<<1, 1>>>(); }\n")
execute_process(COMMAND "${TFCUSTOMACT_NVCC}" -std=c++17 ${options} ${code} -o "${program}" "${program}.cu"
                RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(status EQUAL 0)
  set(TFCUSTOMACT_CUDA_BUILT ON)
  return()
endif()
string(CONCAT problem "${TFCUSTOMACT_NVCC} cannot compile a CUDA program. Take another nvcc, of CUDA 12 or 13 (the "
       "environment variable CUDACXX), or another C++ compiler for it (CUDAHOSTCXX), ${or_without}\n"
       "${said}\nExit status: ${status}")
set(TFCUSTOMACT_CUDA_REASON "nvcc could not compile; TFCUSTOMACT_CUDA=1 makes the installation say why")
if(NOT TFCUSTOMACT_CUDA STREQUAL "AUTO")
  message(FATAL_ERROR "TFCUSTOMACT_CUDA is on, and ${problem}")
endif()
message(WARNING "The CUDA kernels are left out: ${problem}")
