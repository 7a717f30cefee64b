/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Portal addresses as people, targets and records write them.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* RFC 7143 section 4.2.5, RFC 4171 section 2.8: the well-known ports. */
enum { ISCSI_PORT = 3260, ISNS_PORT = 3205 };

/* No portal group tag known (a record without one). */
enum { PORTAL_TPGT_UNKNOWN = -1 };

/* A host: a literal address without brackets, or a name of at most 253 bytes. */
enum { PORTAL_HOST_SIZE = 256 };

struct portal {
	char host[PORTAL_HOST_SIZE]; /* "192.0.2.1", "fe80::1%eth0", "san.example.com" */
	uint16_t port;
	int32_t tpgt; /* 0..65535 or PORTAL_TPGT_UNKNOWN */
};

/* Room for "[" host "]:" port "," tpgt and a NUL. */
enum { PORTAL_TEXT_SIZE = PORTAL_HOST_SIZE + 2 + 7 + 12 };

/*
 * Parse "host[:port][,tpgt]", "[v6][:port][,tpgt]" or a bare v6 address (which takes no port),
 * len bytes at text.  A missing port becomes default_port, a missing tag PORTAL_TPGT_UNKNOWN.
 * The host must be a literal address or made of letters, digits, "-._" (and "%zone" for v6), so
 * that it can be part of a path.  Returns 0 or -EINVAL.
 */
int portal_parse(const char *text, size_t len, uint16_t default_port, struct portal *ret);

/*
 * "host:port,tpgt" into dst, the host in brackets when it has no '.' (the rule of every
 * listing).  Without a known tag it ends in ",-1".  Returns dst.
 */
const char *portal_format(const struct portal *p, char dst[static PORTAL_TEXT_SIZE]);

/* Whether host may stand in a record or a path: a literal address or a well-formed host name. */
bool host_valid(const char *host);

/*
 * Whether two hosts are the same text, or literal addresses of equal value (::1 and 0:0::1).
 * Names are never resolved here.
 */
bool host_equal(const char *a, const char *b);

/* Whether two portals have equal hosts and the same port, of whatever group. */
bool portal_equal(const struct portal *a, const struct portal *b);

/* Whether host is a literal IPv6 address that means something on one link only (RFC 4291 2.5.6). */
bool host_link_local(const char *host);

/* The zone of a literal IPv6 address, borrowed from host; "" when it has none. */
const char *host_zone(const char *host);

/*
 * Make an address that another host told one of ours.  Zones are names of one host alone (RFC 4007
 * section 6): a link-local address without one gets zone, through which it was heard ("": it stays
 * as it is), and one with another zone than that is refused.  0, -EINVAL, or -ENAMETOOLONG.
 */
int host_adopt(char host[static PORTAL_HOST_SIZE], const char *zone);

/*
 * The literal address of 16 bytes, an IPv6 address; one of IPv4 may be mapped or compatible (RFC
 * 4291 section 2.5.5).  0; -EINVAL: the unspecified address, which leads nowhere.
 */
int host_from_bytes(const uint8_t bytes[static 16], char ret[static PORTAL_HOST_SIZE]);

/*
 * A literal v4 or v6 address (with an optional "%zone", an interface name or number) and a port as
 * a socket address.  Returns 0; -EINVAL when host is not a literal address; -ENODEV for an unknown
 * zone.
 */
int addr_from_literal(const char *host, uint16_t port, struct sockaddr_storage *ret,
                      socklen_t *ret_len);

#endif
