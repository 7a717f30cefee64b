/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of unknown origin made fit for a message: printable ASCII, bounded.
 */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

#include <stddef.h>

/* Room that shows any iSCSI name without cutting it, and cuts what is much longer. */
enum { QUOTE_SIZE = 256 };

/*
 * Write len bytes at data to dst (size bytes, at least 8) as printable ASCII: a backslash doubled,
 * everything else that is not printable ASCII as \xHH; text that does not fit is cut at a whole
 * escape and ends in "...".  Always NUL-terminated.  Returns dst.
 */
const char *quote_bytes(char *dst, size_t size, const void *data, size_t len);

#endif
