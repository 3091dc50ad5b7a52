// mesh/security/instant.hpp: the moment that checks of certificates and tokens are told.
#pragma once
#include "mesh/base/instant.hpp"

namespace weft::security {

using weft::instant;

} // namespace weft::security
