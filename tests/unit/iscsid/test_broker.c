/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that reads what targets send may hang, by a fault that a target has found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/iscsid/house.h"

/* The timers of the manager run so much faster, but for those that a test holds. */
enum { SPEED = 200 };

void __real_loop_timer_set(struct loop_source *source, uint64_t usec);
void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec);

void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec)
{
	__real_loop_timer_set(source, usec / SPEED);
}

static void begin_login(const struct house *h, int fd)
{
	char record[512];

	snprintf(record, sizeof(record),
	         "node.name=iqn.2026-01.org.example:disk\nnode.conn[0].address=127.0.0.1\n"
	         "node.conn[0].port=%u\nnode.session.scan=manual\n"
	         "node.conn[0].timeo.login_timeout=3600\n",
	         h->port);
	ask(fd, "login", 1, record);
}

/* The login that it held is taken up by the next one. */
static void a_process_that_hangs_is_replaced(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	peer.silent = peer.deaf = true;
	begin_login(h, fd);
	wait_login(h);
	assert_int_equal(done(h, fd), 0);
	assert_int_equal(peer.given_up, 1);
	assert_int_equal(peer.logins, 2);
	close(fd);
}

/* Its target is slow, which is no fault of the process. */
static void a_process_that_listens_stays(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	peer.silent = true;
	begin_login(h, fd);
	wait_login(h);
	for (int i = 0; i < 200; i++)
		turn(h);
	assert_int_equal(peer.given_up, 0);
	assert_int_equal(peer.logins, 1);
	close(fd);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_process_that_hangs_is_replaced),
		TEST(a_process_that_listens_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
