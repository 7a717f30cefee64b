/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer's process as the daemon starts it: the test is its manager, and the target.
 */
#ifndef TESTS_UNIT_ISCSID_PEER_RECORD_H
#define TESTS_UNIT_ISCSID_PEER_RECORD_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/peer_process.h"
#include "lib/base/macros.h"

enum { PATIENCE_MSEC = 20000, BHS_LEN = 48 };

/* What came back. */
struct record {
	char folder[64]; /* for the roots */
	struct peer *peer;
	unsigned int done_count;
	struct peer_done done;
	char why[512];
	char how[512];
};

static inline void on_target(void *data _unused_, const struct peer_target *message _unused_)
{
	fail_msg("a target nobody asked for");
}

static inline void on_refused_target(void *data _unused_,
                                     const struct peer_refused_target *message _unused_)
{
	fail_msg("a refused target nobody asked for");
}

static inline void on_done(void *data, const struct peer_done *message)
{
	struct record *r = data;

	r->done_count++;
	r->done = *message;
}

static inline void on_died(void *data, const char *why)
{
	struct record *r = data;

	snprintf(r->why, sizeof(r->why), "%s", why);
}

static inline void on_ended(void *data, const char *how)
{
	struct record *r = data;

	snprintf(r->how, sizeof(r->how), "%s", how);
}

static inline struct peer *new_peer(struct record *r, const char *run_dir)
{
	struct peer_config config = {
		.run_dir = run_dir,
		.callbacks = {on_target, on_refused_target, NULL, NULL, NULL, on_done, on_died,
	                      on_ended},
		.data = r,
	};

	return peer_new(&config);
}

static inline int set_up(void **state)
{
	struct record *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	strcpy(r->folder, "/tmp/test_peer_process.XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	r->peer = new_peer(r, r->folder);
	assert_non_null(r->peer);
	*state = r;
	return 0;
}

static inline int tear_down(void **state)
{
	struct record *r = *state;

	peer_free(r->peer);
	/* fails when the peer left something behind */
	if (rmdir(r->folder) < 0)
		return -1;
	free(r);
	return 0;
}

static inline void wait_for(int fd, short events)
{
	struct pollfd wait = {.fd = fd, .events = events};

	assert_int_equal(poll(&wait, 1, PATIENCE_MSEC), 1);
}

static inline void handle_some(struct record *r)
{
	wait_for(peer_fd(r->peer), POLLIN);
	peer_handle(r->peer);
}

static inline void handle_until_done(struct record *r, unsigned int count)
{
	while (r->done_count < count && !r->why[0])
		handle_some(r);
	assert_string_equal(r->why, "");
}

static inline void handle_until_died(struct record *r)
{
	while (!r->why[0])
		handle_some(r);
}

static inline void handle_until_ended(struct record *r)
{
	while (!r->how[0])
		handle_some(r);
}

/* The process, as soon as it is known. */
static inline pid_t pid_of(struct record *r)
{
	while (peer_pid(r->peer) < 0)
		handle_some(r);
	return peer_pid(r->peer);
}

/* The head of a login, with what an ordinary initiator offers. */
static inline struct peer_login ordinary_login(uint64_t id)
{
	struct peer_login login = {
		.head.id = id,
		.purpose = PEER_PURPOSE_SESSION,
		.isid = {0x00, 0x02, 0x3d, 0x00, 0x00, 0x01},
		.offer =
			{
				.max_recv_data_segment_length = 262144,
				.max_burst_length = 16776192,
				.first_burst_length = 262144,
				.max_outstanding_r2t = 1,
				.max_connections = 1,
				.default_time2wait = 2,
				.header_digest = {{ISCSI_DIGEST_NONE, 0}},
				.data_digest = {{ISCSI_DIGEST_NONE, 0}},
				.immediate_data = true,
				.data_pdu_in_order = true,
				.data_sequence_in_order = true,
			},
		.initiator_name = "iqn.2024-01.org.example:host",
		.target_name = "iqn.2024-01.org.example:disk",
	};

	return login;
}

/* Send a login over a new connection; returns the target's end. */
static inline int log_in(struct record *r, uint64_t id)
{
	struct peer_login login = ordinary_login(id);
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(peer_send_login(r->peer, &login, pair[0]), 0);
	close(pair[0]);
	return pair[1];
}

/* The first request has come: the process is past its start and in its jail. */
static inline void expect_login_request(int target)
{
	uint8_t bhs[BHS_LEN];

	wait_for(target, POLLIN);
	assert_int_equal(recv(target, bhs, sizeof(bhs), MSG_WAITALL), sizeof(bhs));
	assert_int_equal(bhs[0], 0x43); /* RFC 7143 11.12: login request, immediate */
}

static inline void line_of_status(pid_t pid, const char *key, char *dst, size_t size)
{
	char path[64], line[256];
	size_t len = strlen(key);
	_cleanup_fclose_ FILE *f = NULL;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, len) != 0 || line[len] != ':')
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(dst, size, "%s", line + len + 1 + strspn(line + len + 1, " \t"));
		return;
	}
	fail_msg("no %s in %s", key, path);
}

static inline pid_t parent_of(pid_t pid)
{
	char text[256];

	line_of_status(pid, "PPid", text, sizeof(text));
	return atoi(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
