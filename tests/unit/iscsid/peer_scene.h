/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer's engine in a child of the test, without its jail, so that the sanitizers see it too;
 * the test is manager and target.
 */
#ifndef TESTS_UNIT_ISCSID_PEER_SCENE_H
#define TESTS_UNIT_ISCSID_PEER_SCENE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/peer/engine.h"
#include "iscsid/peermsg.h"
#include "lib/base/cursor.h"
#include "lib/base/macros.h"
#include "lib/proto/iscsi.h"
#include "lib/proto/pdu.h"

enum { PATIENCE_MSEC = 20000, SCRIPT_MAX = 4 << 20 };

static const uint8_t isid[6] = {0x00, 0x02, 0x3d, 0x00, 0x00, 0x01};

struct scene {
	int control;
	pid_t pid;
	/* what the last message of several targets had */
	struct peer_targets targets;
	size_t targets_count, targets_given;
};

static inline void start_engine(struct scene *s, rlim_t descriptors)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	s->control = pair[0];
	s->targets_count = s->targets_given = 0;
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		struct rlimit limit = {descriptors, descriptors};
		struct digests *digests = digests_new();
		struct engine *e;
		int r;

		close(pair[0]);
		if (descriptors && setrlimit(RLIMIT_NOFILE, &limit) < 0)
			_exit(100);
		if (!digests || engine_new(pair[1], digests, &e) < 0)
			_exit(101);
		r = engine_run(e);
		engine_free(e);
		digests_free(digests);
		_exit(-r);
	}
	close(pair[1]);
}

/* The errno with which the engine ended; 0: the manager had hung up. */
static inline int end_engine(struct scene *s)
{
	int status;

	if (s->control >= 0)
		close(take_fd(&s->control));
	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static inline int set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	start_engine(s, 0);
	*state = s;
	return 0;
}

static inline int tear_down(void **state)
{
	struct scene *s = *state;
	int r = end_engine(s);

	free(s);
	return r;
}

/* ---- the manager -------------------------------------------------------------------------- */

static inline void send_with_descriptor(int control, const void *data, size_t len, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} rights = {.head = {.cmsg_level = SOL_SOCKET,
	                     .cmsg_type = SCM_RIGHTS,
	                     .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &rights,
		.msg_controllen = sizeof(rights.room),
	};

	memcpy(CMSG_DATA(&rights.head), &fd, sizeof(fd));
	assert_int_equal(sendmsg(control, &message, 0), len);
}

static inline struct peer_login usual_login(enum peer_purpose purpose, uint64_t id)
{
	struct peer_login login = {
		.head = {.verb = PEER_LOGIN, .size = sizeof(login), .id = id},
		.purpose = purpose,
		.cmd_sn = 1,
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

	memcpy(login.isid, isid, sizeof(isid));
	return login;
}

static inline void send_login(struct scene *s, enum peer_purpose purpose, uint64_t id, int fd)
{
	struct peer_login login = usual_login(purpose, id);

	send_with_descriptor(s->control, &login, sizeof(login), fd);
}

/* A connection that the peer logs in over: the initiator's and the target's end. */
static inline void connect_login(struct scene *s, enum peer_purpose purpose, uint64_t id,
                                 int ret_pair[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret_pair), 0);
	send_login(s, purpose, id, ret_pair[0]);
}

/* Targets that came together are given one by one. */
static inline enum peer_verb next_message(struct scene *s, union peer_message *ret)
{
	struct pollfd wait = {.fd = s->control, .events = POLLIN};
	ssize_t n;
	int verb;

	if (s->targets_given == s->targets_count) {
		assert_int_equal(poll(&wait, 1, PATIENCE_MSEC), 1);
		n = recv(s->control, ret, sizeof(*ret), MSG_TRUNC);
		assert_true(n > 0);
		verb = peermsg_check(ret, (size_t)n, true);
		assert_true(verb > 0);
		if (verb != PEER_TARGETS)
			return (enum peer_verb)verb;
		s->targets = ret->targets;
		s->targets_count = peermsg_targets(&ret->head);
		s->targets_given = 0;
	}
	ret->target = s->targets.targets[s->targets_given++];
	return PEER_TARGET;
}

static inline struct peer_done expect_done(struct scene *s, uint64_t id, enum peer_outcome outcome)
{
	union peer_message m;

	assert_int_equal(next_message(s, &m), PEER_DONE);
	assert_int_equal(m.head.id, id);
	if (m.done.outcome != outcome)
		fail_msg("outcome %u, not %u: %s", m.done.outcome, outcome, m.done.text);
	return m.done;
}

/* ---- the target --------------------------------------------------------------------------- */

static inline struct pdu login_response(uint8_t csg, uint8_t nsg, uint32_t stat_sn)
{
	struct pdu pdu = {
		.opcode = ISCSI_OP_LOGIN_RSP,
		.flags = (uint8_t)(ISCSI_LOGIN_TRANSIT | csg << ISCSI_LOGIN_CSG_SHIFT | nsg),
		.itt = 1,
		.tsih = nsg == ISCSI_STAGE_FULL_FEATURE ? 7 : 0,
		.stat_sn = stat_sn,
		.exp_cmd_sn = 1,
		.max_cmd_sn = 32,
	};

	memcpy(pdu.isid, isid, sizeof(isid));
	return pdu;
}

/* What a target without authentication sends: two responses, 100 and 101 as StatSN. */
static inline struct writer good_login(void)
{
	static const char security[] = "TargetPortalGroupTag=3\0AuthMethod=None";
	static const char operational[] =
		"TargetAlias=the disk\0HeaderDigest=None\0DataDigest=None\0"
		"MaxRecvDataSegmentLength=65536\0MaxBurstLength=131072";
	struct pdu first = login_response(ISCSI_STAGE_SECURITY, ISCSI_STAGE_OPERATIONAL, 100);
	struct pdu second = login_response(ISCSI_STAGE_OPERATIONAL, ISCSI_STAGE_FULL_FEATURE, 101);
	struct writer w = writer_make(SCRIPT_MAX);

	first.data = (const uint8_t *)security;
	first.data_len = sizeof(security);
	second.data = (const uint8_t *)operational;
	second.data_len = sizeof(operational);
	pdu_write(&w, &first);
	pdu_write(&w, &second);
	assert_int_equal(writer_status(&w), 0);
	return w;
}

/* Where the second response of good_login() begins: 48 bytes of header, 39 of text, 1 of padding.
 */
enum { FIRST_RESPONSE_LEN = 48 + 40 };

static inline void say(int target, const void *data, size_t len)
{
	assert_int_equal(send(target, data, len, MSG_NOSIGNAL), len);
}

#endif
