/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libiscsi-db/filter.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/addr.h"
#include "lib/base/num.h"
#include "libiscsi-db/iscsi-db.h"

/* An address as the bits that networks are made of. */
struct bits {
	sa_family_t family;
	size_t count;
	uint8_t bytes[16];
};

static bool bits_of(const char *host, struct bits *ret)
{
	struct sockaddr_storage ss;
	char plain[PORTAL_HOST_SIZE];
	socklen_t len;

	/* a zone says which link an address is on, not which network */
	snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(host, "%"), host);
	if (addr_from_literal(plain, 0, &ss, &len) < 0)
		return false;
	*ret = (struct bits){.family = ss.ss_family};
	if (ss.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&ss;

		ret->count = 32;
		memcpy(ret->bytes, &in->sin_addr, sizeof(in->sin_addr));
	} else {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&ss;

		ret->count = 128;
		memcpy(ret->bytes, &in6->sin6_addr, sizeof(in6->sin6_addr));
	}
	return true;
}

/* The network's address, with its length in place of the address's. */
static bool network_parse(const char *text, size_t len, struct bits *ret)
{
	const char *slash = memchr(text, '/', len);
	char host[PORTAL_HOST_SIZE];
	struct bits bits;
	int64_t count;

	if (!slash || (size_t)(slash - text) >= sizeof(host) || memchr(text, '%', len))
		return false;
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	if (!bits_of(host, &bits) || num_parse(slash + 1, len - (size_t)(slash + 1 - text), 0,
	                                       (int64_t)bits.count, &count) < 0)
		return false;
	bits.count = (size_t)count;
	*ret = bits;
	return true;
}

bool network_valid(const char *text, size_t len)
{
	struct bits network;

	return network_parse(text, len, &network);
}

static bool network_has(const struct bits *network, const struct bits *address)
{
	size_t whole = network->count / 8, rest = network->count % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (network->family != address->family ||
	    memcmp(network->bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 || ((network->bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

static bool networks_have(const char *list, const struct bits *address)
{
	for (;;) {
		size_t n = strcspn(list, ",");
		struct bits network;

		if (network_parse(list, n, &network) && network_has(&network, address))
			return true;
		if (!list[n])
			return false;
		list += n + 1;
	}
}

static bool numbers_have(const char *list, int32_t number)
{
	for (;;) {
		size_t n = strcspn(list, ",");
		int64_t one;

		if (num_parse(list, n, 0, UINT16_MAX, &one) == 0 && one == number)
			return true;
		if (!list[n])
			return false;
		list += n + 1;
	}
}

bool iscsi_db_discovery_takes(const struct iscsi_db_record *source, const char *address,
                              int32_t tpgt)
{
	const char *networks = iscsi_db_record_get(source, "discovery.sendtargets.filter.networks");
	const char *tpgts = iscsi_db_record_get(source, "discovery.sendtargets.filter.tpgts");
	const char *family = iscsi_db_record_get(source, "discovery.sendtargets.filter.family");
	struct bits bits = {.family = AF_UNSPEC};

	if (tpgts && tpgts[0] && !numbers_have(tpgts, tpgt))
		return false;
	bits_of(address, &bits);
	if (family && strcmp(family, "ipv4") == 0 && bits.family != AF_INET)
		return false;
	if (family && strcmp(family, "ipv6") == 0 && bits.family != AF_INET6)
		return false;
	return !networks || !networks[0] || networks_have(networks, &bits);
}
