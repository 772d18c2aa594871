# Finds the headers of Highway, the SIMD library: TensorFlow ships them. Sets HIGHWAY_INCLUDE.
set(TFCUSTOMACT_HIGHWAY "$ENV{TFCUSTOMACT_HIGHWAY}"
    CACHE PATH "The folder that holds Highway's headers (hwy/highway.h), to look nowhere else")
# What the kernels were tested with; build_backend/tfcustomact_build.py asks for the same.
set(min_highway 1.3)

if(TFCUSTOMACT_HIGHWAY)
  find_path(HIGHWAY_INCLUDE hwy/highway.h PATHS "${TFCUSTOMACT_HIGHWAY}" NO_DEFAULT_PATH NO_CACHE)
  set(searched "in TFCUSTOMACT_HIGHWAY=${TFCUSTOMACT_HIGHWAY}")
else()
  find_path(HIGHWAY_INCLUDE hwy/highway.h HINTS "${TENSORFLOW_INCLUDE}/external/com_google_highway" NO_CACHE)
  set(searched "in an installed TensorFlow, nor in the system")
endif()
set(highway_remedy "Install TensorFlow 2.21, which has them, or set the environment variable TFCUSTOMACT_HIGHWAY to a "
                   "folder that holds those of Highway ${min_highway} or newer.")
list(JOIN highway_remedy "" highway_remedy)
if(NOT HIGHWAY_INCLUDE)
  message(FATAL_ERROR "Highway's headers (hwy/highway.h) are not ${searched}. ${highway_remedy}")
endif()

set(highway_version)
foreach(part MAJOR MINOR)
  file(STRINGS "${HIGHWAY_INCLUDE}/hwy/base.h" line REGEX "define HWY_${part} ")
  string(REGEX MATCH "[0-9]+" number "${line}")
  list(APPEND highway_version "${number}")
endforeach()
list(JOIN highway_version "." highway_version)
if(highway_version VERSION_LESS min_highway)
  message(FATAL_ERROR "Highway's headers in ${HIGHWAY_INCLUDE} are older than ${min_highway}. ${highway_remedy}")
endif()
