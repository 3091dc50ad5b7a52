# find_package(weft) gives weft::weft. A program that uses weft/flat.hpp also needs find_package(FlatBuffers).
include(CMakeFindDependencyMacro)
find_dependency(tl-expected)
include(${CMAKE_CURRENT_LIST_DIR}/weft_targets.cmake)
