/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many system calls a session costs: the difference between many sessions and few. */
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/host/session.h"
#include "tests/unit/host/fake_sysfs.h"

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

static _Noreturn void read_all(const struct reading *r, size_t expected)
{
	/* as a command has them: in a row, and none in the way */
	close_range(STDERR_FILENO + 1, UINT_MAX, 0);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)
		_exit(2);
	_exit(r->read(r, expected) ? 0 : 1);
}

/* Memory is the allocator's matter, and a sanitizer's is another one. */
static bool is_for_memory(uint64_t nr)
{
	return nr == SYS_brk || nr == SYS_mmap || nr == SYS_munmap || nr == SYS_mremap ||
	       nr == SYS_mprotect || nr == SYS_madvise;
}

/* Whether the process stands at the beginning of a call that counts. */
static bool begins_call(pid_t pid)
{
	struct __ptrace_syscall_info info = {0};

	assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0);
	return info.op == PTRACE_SYSCALL_INFO_ENTRY && !is_for_memory(info.entry.nr);
}

/* The system calls of a process that reads that many. */
static unsigned int calls_for(const struct reading *r, size_t count)
{
	unsigned int calls = 0;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		read_all(r, count);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD), 0);
	assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		calls += begins_call(pid);
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return calls;
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
