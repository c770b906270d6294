// zlib for Swift: its header, and what it has only as macros.
#pragma once

#include <zlib.h>

/// Begins to inflate gzip data (RFC 1952); Z_OK or an error of zlib.
static inline int czlib_begin_gunzip(z_stream *stream) { return inflateInit2(stream, 15 + 16); }

/// Begins to deflate into gzip data; Z_OK or an error of zlib.
static inline int czlib_begin_gzip(z_stream *stream) {
    return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
