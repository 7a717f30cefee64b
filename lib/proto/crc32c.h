/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRC32C, the digest of RFC 7143 section 13.1 (polynomial 0x1edc6f41, reflected).
 */
#ifndef PROTO_CRC32C_H
#define PROTO_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a digest on the wire. */
enum { CRC32C_LEN = 4 };

/* The CRC of len more bytes behind those that gave crc; 0 to begin with. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

/* The digest as it is sent: 32 bytes of zeros give aa 36 91 8a (RFC 7143 appendix A.4). */
void crc32c_put(uint32_t crc, uint8_t ret[static CRC32C_LEN]);

#endif
