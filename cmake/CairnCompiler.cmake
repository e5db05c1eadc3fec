# The INTERFACE target that everything links: language standard, warnings and hardening.
add_library(cairn_compiler INTERFACE)
target_compile_features(cairn_compiler INTERFACE cxx_std_23)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

find_program(CAIRN_CCACHE ccache)
if(CAIRN_CCACHE)
  # ccache's manual asks for both where headers are precompiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CAIRN_CCACHE})
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
endif()

target_compile_options(cairn_compiler INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wcast-align
  -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough
  -Wformat=2 -Wundef -Wunused
  -fstack-protector-strong -fstack-clash-protection -fcf-protection
  -D_GLIBCXX_ASSERTIONS -D_FILE_OFFSET_BITS=64)
# _FORTIFY_SOURCE needs an optimising build, and sanitizers replace the functions that it wraps.
if(CAIRN_SANITIZE STREQUAL "")
  target_compile_options(cairn_compiler INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
    $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
else()
  target_compile_options(cairn_compiler INTERFACE
    -fsanitize=${CAIRN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(cairn_compiler INTERFACE -fsanitize=${CAIRN_SANITIZE})
endif()
# g++ 12 reports these falsely inside libstdc++ (std::variant, std::optional) at -O2 and
# with sanitizers: GCC bugs 105329 and 105562. At -O1, as in the dev preset, they stay on.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CAIRN_FALSE_WARNINGS
    -Wno-maybe-uninitialized -Wno-null-dereference -Wno-stringop-overflow)
  target_compile_options(cairn_compiler INTERFACE -Wno-restrict)
  if(CAIRN_SANITIZE STREQUAL "")
    target_compile_options(cairn_compiler INTERFACE
      "$<$<CONFIG:Release>:${CAIRN_FALSE_WARNINGS}>")
  else()
    target_compile_options(cairn_compiler INTERFACE ${CAIRN_FALSE_WARNINGS})
  endif()
endif()
target_link_options(cairn_compiler INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
include(CheckPIESupported)
check_pie_supported()

# moc 6.4 cannot parse libstdc++'s <concepts> where that is the first header it meets, and needs
# nothing of it.
set(CMAKE_AUTOMOC_MOC_OPTIONS -D_GLIBCXX_CONCEPTS=1)
