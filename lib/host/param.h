/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A parameter of an adapter: the key that people write, the kernel's number for it, which values it
 * takes and how the kernel wants them as bytes.  The tables are flashnode.c's and netparam.c's.
 *
 * The kernel hands a value to the driver without a check.  qla4xxx reads 16 bytes of any address
 * and texts up to a NUL, whatever their length says: zeros follow both.
 */
#ifndef HOST_PARAM_H
#define HOST_PARAM_H

#include <stddef.h>
#include <stdint.h>

enum host_param_type {
	HOST_PARAM_NUMBER,  /* decimal, min to max, in width bytes of this machine's order */
	HOST_PARAM_WORD,    /* one of words: its number in a byte */
	HOST_PARAM_TEXT,    /* at most max bytes; one of words, where there are some */
	HOST_PARAM_SECRET,  /* the same, not to be shown */
	HOST_PARAM_IPV4,    /* 4 bytes */
	HOST_PARAM_IPV6,    /* 16 bytes */
	HOST_PARAM_ADDRESS, /* either of them */
	HOST_PARAM_ISID,    /* 12 hexadecimal digits: 6 bytes */
};

struct host_param_word {
	const char *text; /* NULL: the end of a list */
	uint8_t number;
};

struct host_param {
	const char *key;
	uint16_t number; /* of the kernel */
	enum host_param_type type;
	uint8_t width;
	uint32_t min, max;
	const struct host_param_word *words;
};

enum { HOST_PARAM_TEXT_MAX = 255, HOST_PARAM_ALLOWED_SIZE = 64 };

/* The end of a row of a table, behind key and number. */
#define PARAM_RANGE(width, min, max) HOST_PARAM_NUMBER, (width), (min), (max), NULL
#define PARAM_SWITCH                 PARAM_RANGE(1, 0, 1)
#define PARAM_U8                     PARAM_RANGE(1, 0, UINT8_MAX)
#define PARAM_U16                    PARAM_RANGE(2, 0, UINT16_MAX)
#define PARAM_U32                    PARAM_RANGE(4, 0, UINT32_MAX)
#define PARAM_PORT                   PARAM_RANGE(2, 1, UINT16_MAX)
#define PARAM_WORD(words)            HOST_PARAM_WORD, 1, 0, 0, (words)
#define PARAM_TEXT(max)              HOST_PARAM_TEXT, 0, 0, (max), NULL
#define PARAM_TEXT_OF(words)         HOST_PARAM_TEXT, 0, 0, HOST_PARAM_TEXT_MAX, (words)
#define PARAM_SECRET                 HOST_PARAM_SECRET, 0, 0, HOST_PARAM_TEXT_MAX, NULL
#define PARAM_BYTES(type)            HOST_PARAM_##type, 0, 0, 0, NULL

struct host_param_value {
	size_t len;                             /* of the value itself */
	size_t room;                            /* with the zeros that have to follow it */
	uint8_t bytes[HOST_PARAM_TEXT_MAX + 1]; /* zero behind len */
};

/* A text as the kernel takes it.  0; -ERANGE: a number outside its bounds; -EINVAL: no such value.
 */
int host_param_encode(const struct host_param *p, const char *text, struct host_param_value *ret);

/* The values that a parameter takes, for people: "0 to 65535", "disable or enable". */
const char *host_param_allowed(const struct host_param *p,
                               char dst[static HOST_PARAM_ALLOWED_SIZE]);

#endif
