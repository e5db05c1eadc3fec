# `ninja -C build/release package` makes a Debian package of what install() puts in place.
include(GNUInstallDirs)

if(CAIRN_UI)
  install(FILES resources/io.github.cairn.Cairn.desktop
    DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
  install(FILES resources/io.github.cairn.Cairn.metainfo.xml
    DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
  install(FILES resources/icons/cairn.svg RENAME io.github.cairn.Cairn.svg
    DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
  # The desktop offers to make the demonstration array: found beside the program's folder.
  install(PROGRAMS resources/demo/make_array.sh DESTINATION ${CMAKE_INSTALL_DATADIR}/cairn/demo)
  install(FILES resources/demo/echoed.sh DESTINATION ${CMAKE_INSTALL_DATADIR}/cairn/demo)
  # Help → Manual; its pages name one another by these paths.
  install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md"
    PATTERN man EXCLUDE PATTERN screenshots EXCLUDE)
endif()
install(FILES packaging/cairnctl.bash RENAME cairnctl
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES packaging/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Debian wants manual pages and the changelog compressed, always to the same bytes.
function(cairn_install_compressed file destination name)
  set(compressed ${CMAKE_CURRENT_BINARY_DIR}/packaging/${name}.gz)
  add_custom_command(OUTPUT ${compressed}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/packaging
    COMMAND gzip -9nc ${CMAKE_SOURCE_DIR}/${file} > ${compressed}
    DEPENDS ${CMAKE_SOURCE_DIR}/${file} VERBATIM)
  set_property(GLOBAL APPEND PROPERTY CAIRN_COMPRESSED ${compressed})
  install(FILES ${compressed} DESTINATION ${destination})
endfunction()
cairn_install_compressed(docs/man/cairnctl.1 ${CMAKE_INSTALL_MANDIR}/man1 cairnctl.1)
if(CAIRN_UI)
  cairn_install_compressed(docs/man/cairn.1 ${CMAKE_INSTALL_MANDIR}/man1 cairn.1)
endif()
cairn_install_compressed(packaging/changelog ${CMAKE_INSTALL_DOCDIR} changelog)
get_property(compressed GLOBAL PROPERTY CAIRN_COMPRESSED)
add_custom_target(cairn_compressed ALL DEPENDS ${compressed})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "The Cairn project <cairn@cairn.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "backs up disk arrays, with the catalog on the array itself")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Cairn copies one region of a disk array into another, proves the copy by
reading it back, and keeps the whole history in a management region of the
same array. Attach the disks to any computer, and the history is there: list,
verify, restore, undo the restore, export.

This package contains the desktop program cairn and the command line cairnctl.")
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Icons are drawn by a plugin, which no linker knows of.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libqt6svg6")
# By which an ordinary user's desktop opens disks; the command and image files need neither.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "udisks2, polkitd")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "e2fsprogs, xfsprogs, qemu-utils, bash-completion")
include(CPack)
