// weft/api.hpp: marks what libweft.so shows; everything else in it is hidden.
#pragma once

#define WEFT_API __attribute__((visibility("default")))
