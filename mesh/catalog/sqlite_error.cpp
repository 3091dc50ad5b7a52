#include "mesh/catalog/sqlite_error.hpp"

#include <cerrno>
#include <sqlite3.h>

namespace weft::catalog {
namespace {

errc code_of_system(int os_error) noexcept {
  switch (os_error) {
  case ENOSPC:
  case EDQUOT: return errc::disk_full;
  case EMFILE:
  case ENFILE: return errc::descriptors_out;
  default: return errc::io_error;
  }
}

} // namespace

errc code_of(int sqlite_code, int os_error) noexcept {
  switch (sqlite_code & 0xff) {
  case SQLITE_FULL: return errc::disk_full;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
  case SQLITE_FORMAT: return errc::corrupt;
  case SQLITE_BUSY:
  case SQLITE_LOCKED: return errc::locked;
  case SQLITE_CONSTRAINT:
    return sqlite_code == SQLITE_CONSTRAINT_UNIQUE || sqlite_code == SQLITE_CONSTRAINT_PRIMARYKEY ? errc::already_exists
                                                                                                  : errc::internal;
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN: return code_of_system(os_error);
  case SQLITE_NOMEM:
  case SQLITE_PERM:
  case SQLITE_READONLY: return errc::io_error;
  case SQLITE_TOOBIG: return errc::too_large;
  default: return errc::internal;
  }
}

std::string_view remedy_for(errc code) noexcept {
  switch (code) {
  case errc::disk_full: return "; free some space, reading goes on";
  case errc::descriptors_out: return "; raise the limit of open files";
  case errc::locked: return "; another program has it open, close that one first";
  case errc::corrupt: return "; restart the node, it sets the file aside and rebuilds what the log also holds";
  default: return {};
  }
}

} // namespace weft::catalog
