/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many system calls a session costs: the difference between many sessions and few. */
#include "lib/host/session.h"
#include "tests/unit/host/fake_sysfs.h"
#include "tests/unit/calls.h"

enum { FEW = 4, MANY = 68 };

/* Names of folders, and descriptors that are closed in bulk. */
enum { SLACK = 16 };

/* What is read: true, if it is all that was to be there. */
struct reading {
	bool (*read)(const struct reading *r, size_t expected);
	enum host_detail detail;
};

static bool read_sessions(const struct reading *r, size_t expected)
{
	struct host_session *sessions;
	size_t count;

	return host_sessions(root, r->detail, &sessions, &count) == 0 && count == expected;
}

static bool read_luns(const struct reading *r _unused_, size_t expected)
{
	const struct host_session session = {.sid = 1, .host_no = 1};
	struct host_lun *luns;
	size_t count;

	return host_session_luns(root, &session, &luns, &count) == 0 && count == expected;
}

/* A reading, and how many there are to be. */
struct expected {
	const struct reading *reading;
	size_t count;
};

static bool read_all(const void *arg)
{
	const struct expected *e = arg;

	return e->reading->read(e->reading, e->count);
}

/* The system calls of a process that reads that many. */
static unsigned int calls_for(const struct reading *r, size_t count)
{
	const struct expected e = {r, count};

	return calls_of(read_all, &e);
}

static void make_sessions(int from, int to)
{
	for (int i = from; i <= to; i++) {
		put_host(i, "iscsi_tcp\n");
		put_session(i, i);
	}
}

/* What each one costs. */
static void costs(enum host_detail detail, unsigned int expected)
{
	const struct reading reading = {read_sessions, detail};
	unsigned int few, many;

	put_transport("tcp");
	make_sessions(1, FEW);
	few = calls_for(&reading, FEW);
	make_sessions(FEW + 1, MANY);
	many = calls_for(&reading, MANY);
	assert_in_range(many - few, 1, (MANY - FEW) * expected + SLACK);
}

static void a_line_of_the_list_costs_eight(void **state _unused_)
{
	costs(HOST_DETAIL_LIST, 8);
}

/* An attribute is opened and read, and the host stands in a link. */
static void an_attribute_costs_two(void **state _unused_)
{
	costs(HOST_DETAIL_IDENTITY, 2 * 5 + 1);
}

static void make_luns(int from, int to)
{
	char address[32], disk[16];

	for (int i = from; i <= to; i++) {
		snprintf(address, sizeof(address), "1:0:0:%d", i);
		snprintf(disk, sizeof(disk), "sd%d", i);
		put_lun(1, 1, address, "running\n", disk);
	}
}

/* Its state is opened and read; the folder of its disk opened, read to its end and closed. */
static void a_lun_costs_six(void **state _unused_)
{
	static const struct reading reading = {.read = read_luns};
	unsigned int few, many;

	make_sessions(1, 1);
	make_luns(1, FEW);
	few = calls_for(&reading, FEW);
	make_luns(FEW + 1, MANY);
	many = calls_for(&reading, MANY);
	assert_in_range(many - few, 1, (MANY - FEW) * 6 + SLACK);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_of_the_list_costs_eight),
		TEST(an_attribute_costs_two),
		TEST(a_lun_costs_six),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
