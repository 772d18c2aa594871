# The list of activations: every header in csrc/activations. NAME.h has the class Name of the activation called `name`
# (hard_silu.h has HardSilu).
file(GLOB TFCUSTOMACT_ACTIVATION_HEADERS CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/csrc/activations/*.h")
set(includes)
set(list)
foreach(header IN LISTS TFCUSTOMACT_ACTIVATION_HEADERS)
  get_filename_component(name "${header}" NAME_WE)
  set(class)
  string(REPLACE "_" ";" words "${name}")
  foreach(word IN LISTS words)
    string(SUBSTRING "${word}" 0 1 first)
    string(SUBSTRING "${word}" 1 -1 others)
    string(TOUPPER "${first}" first)
    string(APPEND class "${first}${others}")
  endforeach()
  string(APPEND includes "#include \"csrc/activations/${name}.h\"\n")
  string(APPEND list " X(${class}, ${name})")
endforeach()
file(CONFIGURE OUTPUT generated/activation_list.h
     CONTENT "#pragma once\n// X(class, name)\n#define TFCUSTOMACT_ACTIVATIONS(X)@list@\n" @ONLY)
file(CONFIGURE OUTPUT generated/activations.h
     CONTENT "#pragma once\n#include \"activation_list.h\"\n@includes@" @ONLY)
set(TFCUSTOMACT_INCLUDE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")
