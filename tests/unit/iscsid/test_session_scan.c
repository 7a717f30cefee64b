/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scans for LUNs: who asks for them, what they write to sysfs, and that each one is answered. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/iscsid/house.h"

/* Forks that fail; the timers of the manager run faster. */
static unsigned int no_forks;
enum { SPEED = 100 };

pid_t __real_fork(void);
pid_t __wrap_fork(void);
void __real_loop_timer_set(struct loop_source *source, uint64_t usec);
void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec);

pid_t __wrap_fork(void)
{
	if (no_forks == 0)
		return __real_fork();
	no_forks--;
	errno = EAGAIN;
	return -1;
}

void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec)
{
	__real_loop_timer_set(source, usec / SPEED);
}

static void path_of(const struct house *h, const char *name, char dst[static 192])
{
	snprintf(dst, 192, "%s/%s", h->sysfs, name);
}

/* An attribute that takes what is written and can be read again. */
static void offer(const struct house *h, const char *folder, const char *name)
{
	char path[192];

	path_of(h, folder, path);
	assert_int_equal(file_make_folders(AT_FDCWD, path, 0700), 0);
	put(path, name, "");
}

static const char *written(const struct house *h, const char *name)
{
	static char text[64];
	char path[192];
	FILE *f;
	size_t n;

	path_of(h, name, path);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

#define HOST_SCAN "class/scsi_host/host7/scan"

/* A session whose host can be scanned, and that has LUN lun. */
static void log_in_with_lun(struct house *h, int fd, unsigned int lun)
{
	char folder[192], device[64];

	log_in(h, fd);
	offer(h, "class/scsi_host/host7", "scan");
	show_session(h, "SCANNED\n");
	snprintf(folder, sizeof(folder),
	         "class/iscsi_session/session%d/device/target7:0:0/7:0:0:%u", SID, lun);
	offer(h, folder, "state");
	snprintf(device, sizeof(device), "class/scsi_device/7:0:0:%u/device", lun);
	offer(h, device, "rescan");
	offer(h, device, "queue_depth");
}

static void a_rescan_looks_for_all_luns_and_again_at_those_that_are_there(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with_lun(h, fd, 3);
	ask(fd, "rescan", 5, "sid=1\n");
	assert_int_equal(done(h, fd), 0);
	assert_non_null(strstr(h->answer, "\nid=5\n"));
	assert_string_equal(written(h, HOST_SCAN), "- - -");
	assert_string_equal(written(h, "class/scsi_device/7:0:0:3/device/rescan"), "1\n");
	close(fd);
}

static void a_rescan_of_one_lun_leaves_the_others_alone(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with_lun(h, fd, 3);
	ask(fd, "rescan", 5, "sid=1\nlun=4\n");
	assert_int_equal(done(h, fd), 0);
	assert_string_equal(written(h, HOST_SCAN), "- - 4");
	assert_string_equal(written(h, "class/scsi_device/7:0:0:3/device/rescan"), "");
	close(fd);
}

static void each_lun_gets_the_queue_depth_of_the_record(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with_lun(h, fd, 3);
	ask(fd, "rescan", 5, "sid=1\n");
	assert_int_equal(done(h, fd), 0);
	/* the record's default */
	assert_string_equal(written(h, "class/scsi_device/7:0:0:3/device/queue_depth"), "32\n");
	close(fd);
}

static void a_disk_that_appears_gets_the_queue_depth_of_the_record(void **state)
{
	const struct host_disk_event event = {.added = true, .lun = {.lun = 3, .disk = "sda"}};
	struct house *h = (struct house *)*state;
	int fd = client(h), watcher = client(h);

	log_in_with_lun(h, fd, 3);
	ask(watcher, "monitor", 9, "");
	while (list_empty(&h->manager.events.watchers))
		turn(h);
	session_disk(session_by_sid(&h->manager, SID), &event);
	assert_string_equal(written(h, "class/scsi_device/7:0:0:3/device/queue_depth"), "32\n");
	assert_int_equal(h->manager.events.seen[EVENT_DISK_ADDED], 1);
	close(fd);
	close(watcher);
}

static void a_disk_that_goes_is_told_and_nothing_is_written(void **state)
{
	const struct host_disk_event event = {.added = false, .lun = {.lun = 3, .disk = "sda"}};
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with_lun(h, fd, 3);
	session_disk(session_by_sid(&h->manager, SID), &event);
	assert_string_equal(written(h, "class/scsi_device/7:0:0:3/device/queue_depth"), "");
	assert_int_equal(h->manager.events.seen[EVENT_DISK_REMOVED], 1);
	close(fd);
}

static void rescans_that_are_asked_for_at_once_are_all_answered(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with_lun(h, fd, 0);
	for (unsigned int id = 1; id <= 4; id++)
		ask(fd, "rescan", id, "sid=1\n");
	for (unsigned int id = 1; id <= 4; id++)
		assert_int_equal(done(h, fd), 0);
	close(fd);
}

static void a_host_that_cannot_be_scanned_is_an_error(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	ask(fd, "rescan", 1, "sid=1\n");
	assert_int_not_equal(done(h, fd), 0);
	assert_non_null(strstr(h->answer, "session 1 did not end well: No such file"));
	close(fd);
}

/* It is told at once, and done when there are processes again: the disks of a login must come. */
static void a_scan_that_cannot_begin_is_done_later(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in_with_lun(h, fd, 3);
	no_forks = 3;
	ask(fd, "rescan", 5, "sid=1\nlun=4\n");
	assert_int_not_equal(done(h, fd), 0);
	for (int i = 0; i < TURNS_MAX && !written(h, HOST_SCAN)[0]; i++)
		turn(h);
	assert_int_equal(no_forks, 0);
	assert_string_equal(written(h, HOST_SCAN), "- - 4");
	close(fd);
}

static void a_rescan_needs_a_session_and_numbers(void **state)
{
	static const struct {
		const char *rest;
		int error;
	} rows[] = {{"sid=2\n", 2}, {"", 2}, {"sid=x\n", 7}, {"sid=1\nlun=x\n", 7}};
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	for (unsigned int i = 0; i < ARRAY_LEN(rows); i++) {
		ask(fd, "rescan", i + 1, rows[i].rest);
		assert_int_equal(done(h, fd), rows[i].error);
	}
	close(fd);
}

static void a_session_without_a_connection_is_not_rescanned(void **state)
{
	struct house *h = (struct house *)*state;
	int fd = client(h);

	log_in(h, fd);
	happen((struct nl_event){.type = NL_EVENT_CONN_ERROR, .sid = SID, .error = 1020});
	wait_told(h, "stop-recover");
	ask(fd, "rescan", 1, "sid=1\n");
	assert_int_equal(done(h, fd), 32);
	close(fd);
}

/* Luns that are added to a full set make it the set of all: a scan never leaves one out. */
static void a_set_of_luns_grows_to_the_set_of_all(void **state)
{
	struct scan_luns set = {0}, more = {.count = 1, .lun = {5}};

	(void)state;
	assert_true(scan_luns_empty(&set));
	scan_luns_add_all(&set, &more);
	scan_luns_add_all(&set, &more);
	assert_int_equal(set.count, 1);
	assert_true(scan_luns_has(&set, 5));
	assert_false(scan_luns_has(&set, 6));
	for (uint64_t lun = 100; lun < 100 + SCAN_LUNS_MAX; lun++)
		scan_luns_add(&set, lun);
	assert_true(set.all);
	assert_true(scan_luns_has(&set, 6));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_rescan_looks_for_all_luns_and_again_at_those_that_are_there),
		TEST(a_rescan_of_one_lun_leaves_the_others_alone),
		TEST(each_lun_gets_the_queue_depth_of_the_record),
		TEST(a_disk_that_appears_gets_the_queue_depth_of_the_record),
		TEST(a_disk_that_goes_is_told_and_nothing_is_written),
		TEST(rescans_that_are_asked_for_at_once_are_all_answered),
		TEST(a_host_that_cannot_be_scanned_is_an_error),
		TEST(a_scan_that_cannot_begin_is_done_later),
		TEST(a_rescan_needs_a_session_and_numbers),
		TEST(a_session_without_a_connection_is_not_rescanned),
		cmocka_unit_test(a_set_of_luns_grows_to_the_set_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
