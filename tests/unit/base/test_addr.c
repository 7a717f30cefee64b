/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/addr.h"
#include "lib/base/macros.h"

/* "ip[:port][,tpgt]", "[v6][:port][,tpgt]", bare v6 without port, "hostname[:port]" */
static void portals_are_read_in_every_spelling(void **state _unused_)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
		int32_t tpgt;
	} rows[] = {
		{"192.0.2.1", "192.0.2.1", 3260, -1},
		{"192.0.2.1:3261", "192.0.2.1", 3261, -1},
		{"192.0.2.1:3260,1", "192.0.2.1", 3260, 1},
		{"192.0.2.1,1", "192.0.2.1", 3260, 1},
		{"192.0.2.1:65535,65535", "192.0.2.1", 65535, 65535},
		{"192.0.2.1:3260,0", "192.0.2.1", 3260, 0},
		{"192.0.2.1:3260,-1", "192.0.2.1", 3260, -1},
		{"[2001:db8::1]", "2001:db8::1", 3260, -1},
		{"[2001:db8::1]:3261", "2001:db8::1", 3261, -1},
		{"[2001:db8::1]:3261,2", "2001:db8::1", 3261, 2},
		{"[2001:db8::1],2", "2001:db8::1", 3260, 2},
		{"2001:db8::1", "2001:db8::1", 3260, -1},
		{"::1", "::1", 3260, -1},
		{"::1,3", "::1", 3260, 3},
		{"[::ffff:192.0.2.1]:3260", "::ffff:192.0.2.1", 3260, -1},
		{"fe80::1%eth0", "fe80::1%eth0", 3260, -1},
		{"[fe80::1%eth0]:3261", "fe80::1%eth0", 3261, -1},
		{"[fe80::1%eth0.100]:3261", "fe80::1%eth0.100", 3261, -1},
		{"san.example.com", "san.example.com", 3260, -1},
		{"san.example.com:3261", "san.example.com", 3261, -1},
		{"san:3261,4", "san", 3261, 4},
		{"SAN_1-a.example", "SAN_1-a.example", 3260, -1},
		/* what a target once sent in brackets for any address */
		{"[192.0.2.1]:3260", "192.0.2.1", 3260, -1},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct portal p;

		if (portal_parse(rows[i].text, strlen(rows[i].text), 3260, &p) != 0)
			fail_msg("%s", rows[i].text);
		assert_string_equal(p.host, rows[i].host);
		assert_int_equal(p.port, rows[i].port);
		assert_int_equal(p.tpgt, rows[i].tpgt);
	}
}

static void what_is_no_portal_is_refused(void **state _unused_)
{
	static const char *const texts[] = {
		"",
		":3260",
		",1",
		"[]:3260",
		"192.0.2.1:",
		"192.0.2.1:0",
		"192.0.2.1:65536",
		"192.0.2.1:-1",
		"192.0.2.1:x",
		"192.0.2.1:3260x",
		"192.0.2.1: 3260",
		"192.0.2.1:3260,",
		"192.0.2.1:3260,65536",
		"192.0.2.1:3260,-2",
		"192.0.2.1:3260,x",
		"192.0.2.1:3260,1,2",
		"192.0.2.1:3260:1",
		"[2001:db8::1",
		"2001:db8::1]",
		"[2001:db8::1]3260",
		"[2001:db8::1]x",
		"[2001:db8::1]:",
		"[2001:db8::g]:3260",
		"1:2:3:4:5:6:7:8:9",
		"[[::1]]:3260",
		"fe80::1%",
		"fe80::1%../x",
		"fe80::1%a/b",
		"fe80::1%eth0%eth1",
		"fe80::1%averyveryverylonginterface",
		"192.0.2.1%eth0",
		"../../x",
		"san/example",
		"san..example",
		".example",
		"-san",
		"san example",
		"san\nexample",
		" san",
		"s\xc3\xbcn",
		"a=b",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct portal p = {.port = 77};

		if (portal_parse(texts[i], strlen(texts[i]), 3260, &p) != -EINVAL)
			fail_msg("'%s' is %s", texts[i], p.host);
		assert_int_equal(p.port, 77);
	}
}

static void only_the_given_length_of_a_portal_counts(void **state _unused_)
{
	struct portal p;

	assert_int_equal(portal_parse("192.0.2.1:3260,1 junk", 16, 860, &p), 0);
	assert_int_equal(p.tpgt, 1);
	assert_int_equal(portal_parse("192.0.2.1:3260", 9, 860, &p), 0);
	assert_int_equal(p.port, 860);
	assert_int_equal(portal_parse("192.0.2.1\0:1", 12, 860, &p), -EINVAL);
	assert_int_equal(portal_parse("a\0b", 3, 860, &p), -EINVAL);
}

static void a_host_name_has_at_most_253_bytes(void **state _unused_)
{
	char name[300];

	memset(name, 'a', sizeof(name));
	name[253] = '\0';
	assert_true(host_valid(name));
	name[253] = 'a';
	name[254] = '\0';
	assert_false(host_valid(name));
	name[254] = 'a';
	name[299] = '\0';
	assert_false(host_valid(name));
}

/* The rule of every listing: brackets where the host has no dot. */
static void portals_are_written_as_listings_show_them(void **state _unused_)
{
	static const struct {
		struct portal p;
		const char *text;
	} rows[] = {
		{{"192.0.2.1", 3260, 1}, "192.0.2.1:3260,1"},
		{{"192.0.2.1", 3260, -1}, "192.0.2.1:3260,-1"},
		{{"2001:db8::1", 65535, 65535}, "[2001:db8::1]:65535,65535"},
		{{"san.example.com", 3260, 2}, "san.example.com:3260,2"},
	};
	char text[PORTAL_TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(portal_format(&rows[i].p, text), rows[i].text);
}

static void the_longest_portal_fits_its_text(void **state _unused_)
{
	struct portal p = {.port = 65535, .tpgt = INT32_MIN};
	char text[PORTAL_TEXT_SIZE];

	memset(p.host, 'a', sizeof(p.host) - 1);
	assert_int_equal(strlen(portal_format(&p, text)), 255 + 2 + 6 + 12);
}

static void hosts_are_equal_by_value(void **state _unused_)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{"192.0.2.1", "192.0.2.1", true},
		{"::1", "0:0:0:0:0:0:0:1", true},
		{"2001:DB8::1", "2001:db8:0::1", true},
		{"0000:0000:0000:0000:0000:0000:0000:0001", "::1", true},
		{"fe80::1%eth0", "fe80:0::1%eth0", true},
		{"san", "san", true},

		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", false},
		{"fe80::1%eth0", "fe80::1%eth1", false},
		{"fe80::1%eth0", "fe80::1", false},
		{"::1", "::2", false},
		{"san", "SAN.", false},
		{"127.0.0.1", "localhost", false},
		{"0.0.0.0", "::", false},
		{"", "::", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (host_equal(rows[i].a, rows[i].b) != rows[i].equal ||
		    host_equal(rows[i].b, rows[i].a) != rows[i].equal)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
}

static void a_literal_address_becomes_a_socket_address(void **state _unused_)
{
	struct sockaddr_storage ss;
	const struct sockaddr_in *in = (const struct sockaddr_in *)&ss;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&ss;
	struct in6_addr want;
	socklen_t len = 0;

	assert_int_equal(addr_from_literal("192.0.2.1", 3260, &ss, &len), 0);
	assert_int_equal(len, sizeof(*in));
	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(ntohs(in->sin_port), 3260);
	assert_int_equal(ntohl(in->sin_addr.s_addr), 0xc0000201);

	assert_int_equal(addr_from_literal("2001:db8::1", 3261, &ss, &len), 0);
	assert_int_equal(len, sizeof(*in6));
	assert_int_equal(in6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(in6->sin6_port), 3261);
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::1", &want), 1);
	assert_memory_equal(&in6->sin6_addr, &want, sizeof(want));
	assert_int_equal(in6->sin6_scope_id, 0);
}

static void a_zone_is_a_number_or_an_interface(void **state _unused_)
{
	struct sockaddr_storage ss;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&ss;
	socklen_t len = 99;

	assert_int_equal(addr_from_literal("fe80::1%7", 1, &ss, &len), 0);
	assert_int_equal(in6->sin6_scope_id, 7);
	assert_int_equal(addr_from_literal("fe80::1%lo", 1, &ss, &len), 0);
	assert_int_equal(in6->sin6_scope_id, if_nametoindex("lo"));
	len = 99;
	assert_int_equal(addr_from_literal("fe80::1%nosuchif", 1, &ss, &len), -ENODEV);
	assert_int_equal(len, 99);
}

static void a_name_is_no_literal_address(void **state _unused_)
{
	static const char *const hosts[] = {"localhost",   "",          "192.0.2",
	                                    "192.0.2.1.2", "256.0.0.1", "[::1]"};
	struct sockaddr_storage ss;
	socklen_t len;

	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		assert_int_equal(addr_from_literal(hosts[i], 1, &ss, &len), -EINVAL);
}

static void zones_of_others_are_not_taken(void **state)
{
	static const struct {
		const char *host, *zone;
		int result;
		const char *becomes;
	} cases[] = {
		/* heard through eth0, or routed */
		{"fe80::2", "eth0", 0, "fe80::2%eth0"},
		{"fe80::2", "", 0, "fe80::2"},
		{"febf::2", "eth0", 0, "febf::2%eth0"},
		{"fe80::2%eth0", "eth0", 0, "fe80::2%eth0"},
		/* fec0::/10 is no link-local address, nor are these */
		{"fec0::2", "eth0", 0, "fec0::2"},
		{"2001:db8::2", "eth0", 0, "2001:db8::2"},
		{"169.254.1.1", "eth0", 0, "169.254.1.1"},
		{"san.example.com", "eth0", 0, "san.example.com"},
		/* the teller's own devices */
		{"fe80::2%ens3", "eth0", -EINVAL, "fe80::2%ens3"},
		{"fe80::2%ens3", "", -EINVAL, "fe80::2%ens3"},
		{"2001:db8::2%ens3", "", -EINVAL, "2001:db8::2%ens3"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char host[PORTAL_HOST_SIZE];

		snprintf(host, sizeof(host), "%s", cases[i].host);
		assert_int_equal(host_adopt(host, cases[i].zone), cases[i].result);
		assert_string_equal(host, cases[i].becomes);
	}
}

static void bytes_become_an_address_of_their_family(void **state)
{
	static const struct {
		uint8_t bytes[16];
		const char *host; /* NULL: none */
	} cases[] = {
		{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}, "192.0.2.1"},
		{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1}, "192.0.2.1"},
		{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, "2001:db8::1"},
		{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, "fe80::2"},
		{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, "::1"},
		{{0}, NULL},
		{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char host[PORTAL_HOST_SIZE] = "untouched";
		int r = host_from_bytes(cases[i].bytes, host);

		assert_int_equal(r, cases[i].host ? 0 : -EINVAL);
		assert_string_equal(host, cases[i].host ? cases[i].host : "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_of_others_are_not_taken),
		cmocka_unit_test(bytes_become_an_address_of_their_family),
		cmocka_unit_test(portals_are_read_in_every_spelling),
		cmocka_unit_test(what_is_no_portal_is_refused),
		cmocka_unit_test(only_the_given_length_of_a_portal_counts),
		cmocka_unit_test(a_host_name_has_at_most_253_bytes),
		cmocka_unit_test(portals_are_written_as_listings_show_them),
		cmocka_unit_test(the_longest_portal_fits_its_text),
		cmocka_unit_test(hosts_are_equal_by_value),
		cmocka_unit_test(a_literal_address_becomes_a_socket_address),
		cmocka_unit_test(a_zone_is_a_number_or_an_interface),
		cmocka_unit_test(a_name_is_no_literal_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
