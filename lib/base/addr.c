/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"

/* A literal address taken apart; the zone is not looked up, so that parsing needs no interface. */
struct literal {
	int family;
	char zone[IF_NAMESIZE];
	unsigned char bytes[sizeof(struct in6_addr)];
};

static bool host_name_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("-._", c));
}

/* The interface names that Linux allows and that are harmless in a path. */
static bool zone_valid(const char *zone)
{
	size_t len = strlen(zone);

	if (len == 0 || len >= IF_NAMESIZE || strcmp(zone, "..") == 0)
		return false;
	return strspn(zone,
	              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:@+") ==
	       len;
}

static bool literal_parse(const char *host, struct literal *ret)
{
	char text[INET6_ADDRSTRLEN + 1];
	const char *zone = strchr(host, '%');
	size_t len = zone ? (size_t)(zone - host) : strlen(host);
	struct literal lit = {.family = AF_INET6};

	if (len >= sizeof(text))
		return false;
	memcpy(text, host, len);
	text[len] = '\0';
	if (!zone && inet_pton(AF_INET, text, lit.bytes) == 1) {
		lit.family = AF_INET;
	} else {
		if (inet_pton(AF_INET6, text, lit.bytes) != 1)
			return false;
		if (zone && !zone_valid(zone + 1))
			return false;
		if (zone)
			strcpy(lit.zone, zone + 1);
	}
	*ret = lit;
	return true;
}

bool host_valid(const char *host)
{
	struct literal lit;
	size_t len = strlen(host);

	if (literal_parse(host, &lit))
		return true;
	if (len == 0 || len > 253 || host[0] == '.' || host[0] == '-' || strstr(host, ".."))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!host_name_char(host[i]))
			return false;
	return true;
}

bool host_equal(const char *a, const char *b)
{
	struct literal la, lb;

	if (strcmp(a, b) == 0)
		return true;
	return literal_parse(a, &la) && literal_parse(b, &lb) && la.family == lb.family &&
	       memcmp(la.bytes, lb.bytes, sizeof(la.bytes)) == 0 && strcmp(la.zone, lb.zone) == 0;
}

bool portal_equal(const struct portal *a, const struct portal *b)
{
	return a->port == b->port && host_equal(a->host, b->host);
}

bool host_link_local(const char *host)
{
	struct literal lit;

	return literal_parse(host, &lit) && lit.family == AF_INET6 && lit.bytes[0] == 0xfe &&
	       (lit.bytes[1] & 0xc0) == 0x80;
}

const char *host_zone(const char *host)
{
	const char *zone = strchr(host, '%');

	return zone ? zone + 1 : "";
}

int host_adopt(char host[static PORTAL_HOST_SIZE], const char *zone)
{
	const char *own = host_zone(host);
	size_t len = strlen(host);

	if (own[0])
		return strcmp(own, zone) == 0 ? 0 : -EINVAL;
	if (!zone[0] || !host_link_local(host))
		return 0;
	if (len + 1 + strlen(zone) >= PORTAL_HOST_SIZE)
		return -ENAMETOOLONG;
	snprintf(host + len, PORTAL_HOST_SIZE - len, "%%%s", zone);
	return 0;
}

int host_from_bytes(const uint8_t bytes[static 16], char ret[static PORTAL_HOST_SIZE])
{
	struct in6_addr address;
	struct in_addr v4;

	memcpy(&address, bytes, sizeof(address));
	memcpy(&v4, bytes + sizeof(address) - sizeof(v4), sizeof(v4));
	if (IN6_IS_ADDR_V4MAPPED(&address) || IN6_IS_ADDR_V4COMPAT(&address)) {
		if (v4.s_addr == INADDR_ANY)
			return -EINVAL;
		inet_ntop(AF_INET, &v4, ret, PORTAL_HOST_SIZE);
		return 0;
	}
	if (IN6_IS_ADDR_UNSPECIFIED(&address))
		return -EINVAL;
	inet_ntop(AF_INET6, &address, ret, PORTAL_HOST_SIZE);
	return 0;
}

/* Splits "host[:port]" where the host may be in brackets; *ret_port is empty when there is none. */
static int split_port(const char *text, size_t len, size_t *ret_host_at, size_t *ret_host_len,
                      const char **ret_port, size_t *ret_port_len)
{
	const char *colon, *end = text + len;
	size_t at = 0, host_len = len;

	*ret_port = end;
	*ret_port_len = 0;
	if (len > 0 && text[0] == '[') {
		const char *close = memchr(text, ']', len);

		if (!close)
			return -EINVAL;
		at = 1;
		host_len = (size_t)(close - text) - 1;
		colon = close + 1 < end ? close + 1 : NULL;
		if (colon && *colon != ':')
			return -EINVAL;
	} else {
		colon = memchr(text, ':', len);
		if (colon && memchr(colon + 1, ':', (size_t)(end - colon) - 1))
			colon = NULL; /* a bare IPv6 address */
		if (colon)
			host_len = (size_t)(colon - text);
	}
	if (colon) {
		*ret_port = colon + 1;
		*ret_port_len = (size_t)(end - colon) - 1;
		if (*ret_port_len == 0)
			return -EINVAL;
	}
	*ret_host_at = at;
	*ret_host_len = host_len;
	return 0;
}

int portal_parse(const char *text, size_t len, uint16_t default_port, struct portal *ret)
{
	struct portal p = {.port = default_port, .tpgt = PORTAL_TPGT_UNKNOWN};
	size_t host_at, host_len, port_len;
	const char *comma = memchr(text, ',', len), *port;
	int64_t v;

	if (comma) {
		if (num_parse(comma + 1, (size_t)(text + len - comma) - 1, -1, UINT16_MAX, &v) < 0)
			return -EINVAL;
		p.tpgt = (int32_t)v;
		len = (size_t)(comma - text);
	}
	if (split_port(text, len, &host_at, &host_len, &port, &port_len) < 0)
		return -EINVAL;
	if (port_len > 0) {
		if (num_parse(port, port_len, 1, UINT16_MAX, &v) < 0)
			return -EINVAL;
		p.port = (uint16_t)v;
	}
	if (host_len >= sizeof(p.host) || memchr(text + host_at, '\0', host_len))
		return -EINVAL;
	memcpy(p.host, text + host_at, host_len);
	if (!host_valid(p.host))
		return -EINVAL;
	*ret = p;
	return 0;
}

const char *portal_format(const struct portal *p, char dst[static PORTAL_TEXT_SIZE])
{
	bool dotted = strchr(p->host, '.');

	snprintf(dst, PORTAL_TEXT_SIZE, "%s%s%s:%u,%d", dotted ? "" : "[", p->host,
	         dotted ? "" : "]", p->port, p->tpgt);
	return dst;
}

int addr_from_literal(const char *host, uint16_t port, struct sockaddr_storage *ret,
                      socklen_t *ret_len)
{
	struct sockaddr_storage ss = {0};
	struct literal lit;

	if (!literal_parse(host, &lit))
		return -EINVAL;
	if (lit.family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)&ss;

		in->sin_family = AF_INET;
		in->sin_port = htobe16(port);
		memcpy(&in->sin_addr, lit.bytes, sizeof(in->sin_addr));
		*ret_len = sizeof(*in);
	} else {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ss;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htobe16(port);
		memcpy(&in6->sin6_addr, lit.bytes, sizeof(in6->sin6_addr));
		if (lit.zone[0] && num_u32(lit.zone, 1, UINT32_MAX, &in6->sin6_scope_id) < 0) {
			in6->sin6_scope_id = if_nametoindex(lit.zone);
			if (in6->sin6_scope_id == 0)
				return -ENODEV;
		}
		*ret_len = sizeof(*in6);
	}
	*ret = ss;
	return 0;
}
