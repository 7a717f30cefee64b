/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages are put together member by member from the kernel's layout (struct iscsi_stats of
 * scsi/iscsi_if.h): 16 bytes of netlink's header, 56 of the event, then the counters.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "iscsid/nl_message.h"
#include "iscsid/nl_stats.h"
#include "lib/base/macros.h"

enum { HEAD = 72, FIXED = 96, CUSTOM = 72, SID = 7 };

struct message {
	uint8_t bytes[HEAD + FIXED + 33 * CUSTOM];
	size_t len;
};

static void put(struct message *m, size_t at, size_t width, uint64_t value)
{
	uint32_t v32 = (uint32_t)value;

	memcpy(m->bytes + at, width == 8 ? (const void *)&value : (const void *)&v32, width);
}

/* The answer about connection 0 of session 7 with counters of the driver's own: "c0", "c1", ... */
static struct message answer(uint32_t customs)
{
	struct message m = {.len = HEAD + FIXED + customs * (size_t)CUSTOM};

	put(&m, 0, 4, m.len);
	put(&m, 16, 4, 20); /* GET_STATS */
	put(&m, 16 + 16, 4, SID);
	put(&m, HEAD, 8, 0x100000000);     /* txdata_octets */
	put(&m, HEAD + 20, 4, 64);         /* scsicmd_pdus */
	put(&m, HEAD + 88, 4, 0xffffffff); /* timeout_err: the last */
	put(&m, HEAD + 92, 4, customs);
	for (uint32_t i = 0; i < customs; i++) {
		size_t at = HEAD + FIXED + i * (size_t)CUSTOM;

		snprintf((char *)m.bytes + at, 64, "c%u", i);
		put(&m, at + 64, 8, i);
	}
	return m;
}

static void note(void *data, bool custom, const char *name, uint64_t value)
{
	char *text = data;
	size_t len = strlen(text);

	if (value > 0)
		snprintf(text + len, 256 - len, "%s%s=%llu ", custom ? "+" : "", name,
		         (unsigned long long)value);
}

static int read_answer(const struct message *m, char text[static 256])
{
	const uint8_t *payload;
	size_t len;

	text[0] = '\0';
	if (!nl_message_stats(m->bytes, m->len, SID, 0, &payload, &len))
		return -ENOENT;
	return nl_stats_read(payload, len, note, text);
}

static void counters_are_told_in_order(void **state _unused_)
{
	struct message m = answer(3);
	char text[256];

	assert_int_equal(read_answer(&m, text), 0);
	assert_string_equal(text, "txdata_octets=4294967296 scsicmd_pdus=64 "
	                          "timeout_err=4294967295 +c1=1 +c2=2 ");
}

static void a_driver_may_have_no_counters_of_its_own(void **state _unused_)
{
	struct message m = answer(0);
	char text[256];

	assert_int_equal(read_answer(&m, text), 0);
}

static void more_counters_than_there_are_bytes_tell_nothing(void **state _unused_)
{
	struct message m = answer(2);
	char text[256];

	put(&m, HEAD + 92, 4, 3);
	assert_int_equal(read_answer(&m, text), -EPROTO);
	assert_string_equal(text, "");
	m = answer(33);
	assert_int_equal(read_answer(&m, text), -EPROTO);
	m = answer(0);
	put(&m, 0, 4, m.len - 1);
	assert_int_equal(read_answer(&m, text), -EPROTO);
}

static void a_name_without_an_end_is_cut(void **state _unused_)
{
	struct message m = answer(1);
	char text[256];

	memset(m.bytes + HEAD + FIXED, 'x', 64);
	put(&m, HEAD + FIXED + 64, 8, 5);
	assert_int_equal(read_answer(&m, text), 0);
	assert_int_equal(strlen(strchr(text, '+')), strlen("+=5 ") + 63);
}

static void the_answer_about_another_connection_is_not_taken(void **state _unused_)
{
	struct message m = answer(0);
	char text[256];

	put(&m, 16 + 16, 4, SID + 1);
	assert_int_equal(read_answer(&m, text), -ENOENT);
	m = answer(0);
	put(&m, 16 + 20, 4, 1);
	assert_int_equal(read_answer(&m, text), -ENOENT);
	/* a reply has its number in the header as well: it is an error */
	m = answer(0);
	put(&m, 4, 4, 20);
	assert_int_equal(read_answer(&m, text), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_are_told_in_order),
		cmocka_unit_test(a_driver_may_have_no_counters_of_its_own),
		cmocka_unit_test(more_counters_than_there_are_bytes_tell_nothing),
		cmocka_unit_test(a_name_without_an_end_is_cut),
		cmocka_unit_test(the_answer_about_another_connection_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
