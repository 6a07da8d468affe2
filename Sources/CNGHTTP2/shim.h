#ifndef MORPHLING_CNGHTTP2_SHIM_H
#define MORPHLING_CNGHTTP2_SHIM_H

#include <nghttp2/nghttp2.h>

#endif
