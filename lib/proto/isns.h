/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iSNSP (RFC 4171) as far as an initiator speaks it: the numbers, what is written into a request,
 * and an answer taken apart.  Pure: bytes in, bytes out.
 */
#ifndef PROTO_ISNS_H
#define PROTO_ISNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cursor.h"

enum { ISNS_VERSION = 1, ISNS_HEADER_LEN = 12, ISNS_ADDRESS_LEN = 16 };

/* Section 5.1.2; a response has its request's number and ISNS_RESPONSE. */
enum isns_function {
	ISNS_DEV_ATTR_REG = 0x0001,
	ISNS_DEV_ATTR_QRY = 0x0002,
	ISNS_DEV_DEREG = 0x0004,
	ISNS_RESPONSE = 0x8000,
};

/* Section 5.1.4, whose bit 16 is the first of these. */
enum isns_flag {
	ISNS_FLAG_CLIENT = 0x8000,
	ISNS_FLAG_SERVER = 0x4000,
	ISNS_FLAG_AUTHENTICATED = 0x2000,
	ISNS_FLAG_REPLACE = 0x1000,
	ISNS_FLAG_LAST = 0x0800,
	ISNS_FLAG_FIRST = 0x0400,
};

/* Section 6.1. */
enum isns_tag {
	ISNS_TAG_DELIMITER = 0,
	ISNS_TAG_PORTAL_ADDRESS = 16,
	ISNS_TAG_PORTAL_PORT = 17,
	ISNS_TAG_NODE_NAME = 32,
	ISNS_TAG_NODE_TYPE = 33,
	/* a portal group: one target at one portal, with its tag */
	ISNS_TAG_GROUP_NAME = 48,
	ISNS_TAG_GROUP_ADDRESS = 49,
	ISNS_TAG_GROUP_PORT = 50,
	ISNS_TAG_GROUP_TAG = 51,
};

/* Section 6.4.2. */
enum isns_node_type { ISNS_NODE_TARGET = 1 << 0, ISNS_NODE_INITIATOR = 1 << 1 };

/* Section 6.3.2: set in the 32 bits of a port of UDP. */
enum { ISNS_PORT_UDP = 1 << 16 };

/* Section 5.4: X(number, name, text). */
#define ISNS_STATUSES(X)                                                                           \
	X(0, SUCCESS, "Success")                                                                   \
	X(1, UNKNOWN, "Unknown error")                                                             \
	X(2, FORMAT, "Message format error")                                                       \
	X(3, INVALID_REGISTRATION, "Invalid registration")                                         \
	X(5, INVALID_QUERY, "Invalid query")                                                       \
	X(6, SOURCE_UNKNOWN, "Source unknown")                                                     \
	X(7, SOURCE_ABSENT, "Source absent")                                                       \
	X(8, SOURCE_UNAUTHORIZED, "Source unauthorized")                                           \
	X(9, NO_SUCH_ENTRY, "No such entry")                                                       \
	X(10, VERSION, "Version not supported")                                                    \
	X(11, INTERNAL, "Internal error")                                                          \
	X(12, BUSY, "Busy")                                                                        \
	X(13, OPTION, "Option not understood")                                                     \
	X(14, INVALID_UPDATE, "Invalid update")                                                    \
	X(15, MESSAGE, "Message not supported")                                                    \
	X(16, SCN_EVENT, "SCN event rejected")                                                     \
	X(17, SCN_REGISTRATION, "SCN registration rejected")                                       \
	X(18, ATTRIBUTE, "Attribute not implemented")                                              \
	X(19, DOMAIN_NOT_AVAILABLE, "FC domain id not available")                                  \
	X(20, DOMAIN_NOT_ALLOCATED, "FC domain id not allocated")                                  \
	X(21, ESI, "ESI not available")                                                            \
	X(22, INVALID_DEREGISTRATION, "Invalid deregistration")                                    \
	X(23, REGISTRATION_FEATURE, "Registration feature not supported")

enum isns_status {
#define X(number, name, text) ISNS_STATUS_##name = (number),
	ISNS_STATUSES(X)
#undef X
};

/* Never NULL; "Unknown status" for a number that the RFC does not have. */
const char *isns_status_text(uint32_t status);

/* ---- requests ----------------------------------------------------------------------------- */

/*
 * A request of one PDU (section 5.1): the header and the source attribute, the name of the node
 * that asks.  Attributes follow; isns_request_end() fills in the length.  start: w->len before.
 */
void isns_request_begin(struct writer *w, uint16_t function, uint16_t transaction,
                        const char *source);
void isns_request_end(struct writer *w, size_t start);

/* One attribute: without a value (the delimiter; what is asked for), a number, a text. */
void isns_put_empty(struct writer *w, uint32_t tag);
void isns_put_u32(struct writer *w, uint32_t tag, uint32_t value);
void isns_put_text(struct writer *w, uint32_t tag, const char *text);

/* ---- answers ------------------------------------------------------------------------------ */

/* Bytes of one answer: half a million portals.  A server that goes on has no end. */
enum { ISNS_ANSWER_MAX = 64 << 20 };

/* Of a value so much is kept: an iSCSI name with its NUL (section 6.4.1), and a byte more, which
 * tells one that is longer. */
enum { ISNS_VALUE_KEPT = 228 };

enum { ISNS_FAULT_SIZE = 128 };

/*
 * An answer as it comes in: any number of PDUs (section 5.2), each attribute split at any byte.
 * Memory does not grow with its length.  All members are the codec's own, but for fault.
 */
struct isns_answer {
	uint16_t function; /* of the request */
	uint16_t transaction;
	/* the PDU */
	bool in_pdu, last;
	unsigned int sequence; /* of the next PDU */
	unsigned int empty;    /* PDUs in a row without a byte */
	size_t payload_left;
	size_t total;
	uint8_t header[ISNS_HEADER_LEN];
	size_t header_len;
	/* the part that is coming in, maybe over several PDUs: the status, the head of an attribute
	 * or its value */
	uint8_t part[ISNS_VALUE_KEPT];
	size_t part_len, part_kept;
	bool has_status, in_value;
	uint32_t status, tag, value_len;
	char fault[ISNS_FAULT_SIZE]; /* a sentence without full stop; "": nothing was wrong */
};

enum isns_item_kind {
	ISNS_ITEM_STATUS,    /* comes first; if it is no success, ISNS_ITEM_END is next */
	ISNS_ITEM_ATTRIBUTE, /* in their order, message key and delimiter too */
	ISNS_ITEM_END,       /* the answer is whole */
};

struct isns_item {
	enum isns_item_kind kind;
	uint32_t status;
	uint32_t tag;
	uint32_t len; /* as the server says: a multiple of 4 */
	/* borrowed until the next call: MIN(len, ISNS_VALUE_KEPT) bytes */
	const uint8_t *value;
};

/* The answer to a request of this function and transaction comes next. */
void isns_answer_expect(struct isns_answer *a, uint16_t function, uint16_t transaction);

/*
 * Consume bytes until the next item is whole: 1 with *ret filled, 0 when all bytes are consumed and
 * more are wanted, or -EBADMSG with a->fault filled: the server broke the RFC, the answer is lost.
 */
int isns_answer_next(struct isns_answer *a, struct cursor *in, struct isns_item *ret);

/* The value of a number (4 bytes) or an address (16).  0, or -EBADMSG: of another size. */
int isns_item_u32(const struct isns_item *item, uint32_t *ret);
int isns_item_address(const struct isns_item *item, uint8_t ret[static ISNS_ADDRESS_LEN]);

/* The bytes of a text up to its NUL; more than ISNS_VALUE_KEPT - 1: it was longer.  */
size_t isns_item_text(const struct isns_item *item, const char **ret);

#endif
