/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many system calls a session costs: the difference between many sessions and few. */
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "lib/host/session.h"
#include "tests/unit/host/fake_sysfs.h"

enum { FEW = 4, MANY = 68 };

/* Memory, names of folders, and descriptors that are closed in bulk. */
enum { SLACK = 16 };

static _Noreturn void read_all(enum host_detail detail, size_t expected)
{
	struct host_session *sessions;
	size_t count;

	/* as a command has them: in a row, and none in the way */
	close_range(STDERR_FILENO + 1, UINT_MAX, 0);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)
		_exit(2);
	if (host_sessions(root, detail, &sessions, &count) < 0 || count != expected)
		_exit(1);
	_exit(0);
}

/* The system calls of a process that reads that many sessions. */
static unsigned int calls_for(enum host_detail detail, size_t count)
{
	unsigned int stops = 0;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		read_all(detail, count);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		stops++;
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return stops / 2; /* a stop when it begins and one when it ends */
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
	unsigned int few, many;

	put_transport("tcp");
	make_sessions(1, FEW);
	few = calls_for(detail, FEW);
	make_sessions(FEW + 1, MANY);
	many = calls_for(detail, MANY);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_of_the_list_costs_eight),
		TEST(an_attribute_costs_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
