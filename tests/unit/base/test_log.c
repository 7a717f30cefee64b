/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/log.h"

static char last_text[2048];
static int last_level, count;

static void sink(enum log_level level, const char *text)
{
	last_level = level;
	snprintf(last_text, sizeof(last_text), "%s", text);
	count++;
	errno = EIO;
}

static int setup(void **state _unused_)
{
	count = 0;
	log_set_sink(sink);
	log_set_level(LOG_LEVEL_INFO);
	return 0;
}

static int teardown(void **state _unused_)
{
	log_set_sink(NULL);
	log_set_level(LOG_LEVEL_INFO);
	return 0;
}

static void without_a_sink_nothing_happens(void **state _unused_)
{
	log_set_sink(NULL);
	assert_false(log_enabled(LOG_LEVEL_ERROR));
	log_error("lost");
	assert_int_equal(count, 0);
}

static void a_message_arrives_formatted_with_its_level(void **state _unused_)
{
	log_error("session %d: %s", 3, "gone");
	assert_string_equal(last_text, "session 3: gone");
	assert_int_equal(last_level, 3); /* LOG_ERR of syslog(3) */
	log_warning("w");
	assert_int_equal(last_level, 4);
	log_notice("n");
	assert_int_equal(last_level, 5);
	log_info("i");
	assert_int_equal(last_level, 6);
}

static void what_is_less_urgent_is_dropped(void **state _unused_)
{
	assert_false(log_enabled(LOG_LEVEL_DEBUG));
	log_debug("quiet");
	assert_int_equal(count, 0);
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("loud");
	assert_int_equal(count, 1);
	assert_int_equal(last_level, 7);
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("quiet");
	assert_int_equal(count, 1);
}

static void a_long_message_is_cut(void **state _unused_)
{
	char text[3000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_error("%s", text);
	assert_int_equal(strlen(last_text), 1023);
}

static void errno_survives(void **state _unused_)
{
	errno = ENOENT;
	log_error("x");
	assert_int_equal(errno, ENOENT);
	log_debug("x");
	assert_int_equal(errno, ENOENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_sink_nothing_happens),
		TEST(a_message_arrives_formatted_with_its_level),
		TEST(what_is_less_urgent_is_dropped),
		TEST(a_long_message_is_cut),
		TEST(errno_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
