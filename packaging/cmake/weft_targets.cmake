# One call a target, so that every target is compiled the same way.
include(GoogleTest)

add_custom_target(demo)      # what `./run demo` needs
add_custom_target(bench)     # what `./run bench` runs
add_custom_target(fuzzers)   # what `./run long fuzz` runs

# weft_library(NAME SOURCES a.cpp ... [LINK public libraries] [PRIVATE libraries] [QT]): with QT, the headers of SOURCES go
# through moc, and Qt's own headers, which are slow to read, are compiled once for all sources of the target.
function(weft_library name)
  cmake_parse_arguments(ARG "QT" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  if(ARG_QT)
    weft_qt(${name})
  endif()
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>)
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE weft_warnings ${ARG_PRIVATE})
endfunction()

# Part of the others: what a target with Q_OBJECT in its headers needs.
function(weft_qt name)
  set_target_properties(${name} PROPERTIES AUTOMOC ON)
  target_compile_definitions(${name} PRIVATE QT_NO_CAST_TO_ASCII)
  target_precompile_headers(${name} PRIVATE <QtCore> <QtGui> <functional> <memory> <string> <vector>)
endfunction()

# weft_program(NAME SOURCES main.cpp ... [LINK libraries] [DEMO]): an executable in bin/; with DEMO, `./run demo` builds it.
function(weft_program name)
  cmake_parse_arguments(ARG "DEMO" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE weft_warnings ${ARG_LINK})
  if(ARG_DEMO)
    add_dependencies(demo ${name})
  endif()
endfunction()

# weft_test(NAME SOURCES a_test.cpp ... LINK libraries [LABELS labels] [TIMEOUT seconds of one test] [QT]): a GoogleTest program
# in bin/tests/, each test known to ctest. Labels: unit (no process, no network), actors (runs CAF), system (real processes),
# gui (draws without a display), project. With QT the sources have a main() of their own.
function(weft_test name)
  cmake_parse_arguments(ARG "QT" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/tests)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  if(ARG_QT)
    weft_qt(${name})
    target_link_libraries(${name} PRIVATE weft_warnings ${ARG_LINK} GTest::gmock)
  else()
    target_link_libraries(${name} PRIVATE weft_warnings ${ARG_LINK} GTest::gmock_main)
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  # PROPERTIES above can't carry a list; ctest reads this file after the one with the discovered tests.
  set(properties ${CMAKE_CURRENT_BINARY_DIR}/${name}_properties.cmake)
  file(CONFIGURE OUTPUT ${properties} @ONLY CONTENT [[
foreach(test IN LISTS @name@_TESTS)
  set_tests_properties("${test}" PROPERTIES LABELS "@ARG_LABELS@"
    ENVIRONMENT "WEFT_BINARY_DIR=@CMAKE_BINARY_DIR@;WEFT_SOURCE_DIR=@CMAKE_SOURCE_DIR@")
endforeach()
]])
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${properties})
endfunction()

# weft_benchmark(NAME SOURCES a.cpp ... LINK libraries): a program in bin/bench/. With --json it prints one document on stdout,
# {"figures":[{"name","value","unit","limit","ratio"}, ...]}, a table otherwise. limit and ratio are null where there is none.
function(weft_benchmark name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/bench)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE weft_warnings ${ARG_LINK})
  add_dependencies(bench ${name})
endfunction()

# weft_fuzzer(NAME SOURCES a_fuzz.cpp ... LINK libraries [PLANTED]): a libFuzzer program in bin/fuzz/, built in the fuzz preset
# only. First inputs of target NAME, if any, are files in tests/fuzz/corpus/NAME/. With PLANTED the same is built once more as
# bin/fuzz_planted/NAME with WEFT_PLANTED_BUG defined: its sources then have a bug that fuzzing must find within a minute.
function(weft_fuzzer name)
  cmake_parse_arguments(ARG "PLANTED" "" "SOURCES;LINK" ${ARGN})
  weft_fuzzer_program(${name} fuzz)
  if(ARG_PLANTED)
    weft_fuzzer_program(${name}_planted fuzz_planted)
    target_compile_definitions(${name}_planted PRIVATE WEFT_PLANTED_BUG)
  endif()
endfunction()

# Part of weft_fuzzer: one of its programs, from its `name` and arguments.
function(weft_fuzzer_program target folder)
  add_executable(${target} ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/${folder})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE weft_warnings ${ARG_LINK})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers ${target})
endfunction()

# weft_flatbuffers(TARGET schema.fbs ...): generates X_generated.h beside the build's copy of the folder and adds it to TARGET.
function(weft_flatbuffers target)
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(out ${CMAKE_BINARY_DIR}/generated/${folder})
  foreach(schema ${ARGN})
    get_filename_component(stem ${schema} NAME_WE)
    set(header ${out}/${stem}_generated.h)
    add_custom_command(OUTPUT ${header}
      COMMAND flatbuffers::flatc --cpp --cpp-std c++17 --scoped-enums --gen-object-api -o ${out} ${CMAKE_CURRENT_SOURCE_DIR}/${schema}
      DEPENDS ${schema} COMMENT "flatc ${schema}" VERBATIM)
    target_sources(${target} PRIVATE ${header})
  endforeach()
  target_include_directories(${target} SYSTEM PUBLIC $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/generated>)
  target_link_libraries(${target} PUBLIC flatbuffers::flatbuffers_shared) # the static one is not position-independent
endfunction()
