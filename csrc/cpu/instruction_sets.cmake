# The instruction sets of this processor family, best first: for each, csrc/cpu/loops.cc is compiled once with its own
# flags. Sets TFCUSTOMACT_SET_OBJECTS, which are compiled where a target has them, and TFCUSTOMACT_SET_LIST (the list that
# csrc/cpu/dispatch.cc reads).
set(TFCUSTOMACT_SET_OBJECTS)
set(TFCUSTOMACT_SET_LIST)

function(tfcustomact_instruction_set name condition)
  set(table "Table_${name}")
  add_library(tfcustomact_${name} OBJECT EXCLUDE_FROM_ALL csrc/cpu/loops.cc)
  target_compile_options(tfcustomact_${name} PRIVATE ${ARGN})
  target_compile_definitions(tfcustomact_${name} PRIVATE TFCUSTOMACT_TABLE=${table})
  target_include_directories(tfcustomact_${name} PRIVATE ${TFCUSTOMACT_INCLUDE})
  target_include_directories(tfcustomact_${name} SYSTEM PRIVATE "${HIGHWAY_INCLUDE}")
  set(TFCUSTOMACT_SET_OBJECTS ${TFCUSTOMACT_SET_OBJECTS} $<TARGET_OBJECTS:tfcustomact_${name}> PARENT_SCOPE)
  set(TFCUSTOMACT_SET_LIST "${TFCUSTOMACT_SET_LIST} X(\"${name}\", ${table}, ${condition})" PARENT_SCOPE)
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(avx2 "__builtin_cpu_supports(\"avx2\") && __builtin_cpu_supports(\"fma\") && __builtin_cpu_supports(\"bmi2\")")
  set(avx512 "__builtin_cpu_supports(\"avx512f\") && __builtin_cpu_supports(\"avx512bw\")")
  string(APPEND avx512 " && __builtin_cpu_supports(\"avx512cd\") && __builtin_cpu_supports(\"avx512dq\")")
  string(APPEND avx512 " && __builtin_cpu_supports(\"avx512vl\")")
  tfcustomact_instruction_set(avx512 "${avx2} && ${avx512}" -march=skylake-avx512 -mtune=generic)
  tfcustomact_instruction_set(avx2 "${avx2}" -march=haswell -mtune=generic -maes)
  tfcustomact_instruction_set(sse2 "true" -march=x86-64)
else()
  tfcustomact_instruction_set(baseline "true")
endif()
