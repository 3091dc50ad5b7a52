# How our code is compiled: warnings as errors, sanitizers by option, ccache and mold when present.
option(WEFT_TESTS "Build the tests" ON)
option(WEFT_FUZZERS "Build the fuzz targets (clang only)" OFF)
option(WEFT_PLANTED_BUGS "Compile in the bugs that tests switch on and the marks that they count: never in what is shipped" OFF)
set(WEFT_SANITIZERS "" CACHE STRING "Value of -fsanitize=, for example address,undefined")

find_program(WEFT_CCACHE ccache)
if(WEFT_CCACHE)
  # Without these settings precompiled headers and absolute paths make most compilations uncacheable.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${WEFT_CCACHE})
endif()
find_program(WEFT_MOLD mold)
if(WEFT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Every target of ours links this one; third-party headers are SYSTEM and so exempt.
add_library(weft_warnings INTERFACE)
target_compile_options(weft_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(weft_warnings INTERFACE -Wno-error=restrict) # false positives of g++ 12 at -O2
  if(WEFT_SANITIZERS)
    # Instrumented code confuses the flow analysis behind these; the presets without sanitizers have them.
    target_compile_options(weft_warnings INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds)
  endif()
else()
  target_compile_options(weft_warnings INTERFACE -Wno-sign-conversion) # part of clang's -Wconversion, not of g++'s
endif()

if(WEFT_SANITIZERS)
  add_compile_options(-fsanitize=${WEFT_SANITIZERS} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WEFT_SANITIZERS})
endif()
if(WEFT_PLANTED_BUGS)
  add_compile_definitions(WEFT_PLANTED_BUGS)
endif()
