/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the peer makes of a target's bytes, good and hostile ones.  The engine runs in a child of
 * the test, without its jail, so that the sanitizers see it too; the test is manager and target.
 */
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
};

static void start_engine(struct scene *s, rlim_t descriptors)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	s->control = pair[0];
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		struct rlimit limit = {descriptors, descriptors};
		struct engine *e;
		int r;

		close(pair[0]);
		if (descriptors && setrlimit(RLIMIT_NOFILE, &limit) < 0)
			_exit(100);
		if (engine_new(pair[1], &e) < 0)
			_exit(101);
		r = engine_run(e);
		engine_free(e);
		_exit(-r);
	}
	close(pair[1]);
}

/* The errno with which the engine ended; 0: the manager had hung up. */
static int end_engine(struct scene *s)
{
	int status;

	if (s->control >= 0)
		close(take_fd(&s->control));
	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	start_engine(s, 0);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;
	int r = end_engine(s);

	free(s);
	return r;
}

/* ---- the manager -------------------------------------------------------------------------- */

static void send_with_descriptor(int control, const void *data, size_t len, int fd)
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

static void send_login(struct scene *s, enum peer_purpose purpose, uint64_t id, int fd)
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
	send_with_descriptor(s->control, &login, sizeof(login), fd);
}

/* A connection that the peer logs in over: the initiator's and the target's end. */
static void connect_login(struct scene *s, enum peer_purpose purpose, uint64_t id, int ret_pair[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret_pair), 0);
	send_login(s, purpose, id, ret_pair[0]);
}

static enum peer_verb next_message(struct scene *s, union peer_message *ret)
{
	struct pollfd wait = {.fd = s->control, .events = POLLIN};
	ssize_t n;
	int verb;

	assert_int_equal(poll(&wait, 1, PATIENCE_MSEC), 1);
	n = recv(s->control, ret, sizeof(*ret), MSG_TRUNC);
	assert_true(n > 0);
	verb = peermsg_check(ret, (size_t)n, true);
	assert_true(verb > 0);
	return (enum peer_verb)verb;
}

static struct peer_done expect_done(struct scene *s, uint64_t id, enum peer_outcome outcome)
{
	union peer_message m;

	assert_int_equal(next_message(s, &m), PEER_DONE);
	assert_int_equal(m.head.id, id);
	if (m.done.outcome != outcome)
		fail_msg("outcome %u, not %u: %s", m.done.outcome, outcome, m.done.text);
	return m.done;
}

/* ---- the target --------------------------------------------------------------------------- */

static struct pdu login_response(uint8_t csg, uint8_t nsg, uint32_t stat_sn)
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
static struct writer good_login(void)
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

static void text_response(struct writer *w, const char *text, size_t len, uint32_t stat_sn)
{
	struct pdu pdu = {
		.opcode = ISCSI_OP_TEXT_RSP,
		.flags = ISCSI_FLAG_FINAL,
		.itt = 1,
		.ttt = ISCSI_TAG_RESERVED,
		.stat_sn = stat_sn,
		.exp_cmd_sn = 1,
		.max_cmd_sn = 32,
		.data = (const uint8_t *)text,
		.data_len = (uint32_t)len,
	};

	pdu_write(w, &pdu);
}

static void logout_response(struct writer *w, uint32_t stat_sn)
{
	struct pdu pdu = {
		.opcode = ISCSI_OP_LOGOUT_RSP,
		.flags = ISCSI_FLAG_FINAL,
		.itt = 2,
		.stat_sn = stat_sn,
		.exp_cmd_sn = 1,
		.max_cmd_sn = 32,
	};

	pdu_write(w, &pdu);
}

static void say(int target, const void *data, size_t len)
{
	assert_int_equal(send(target, data, len, MSG_NOSIGNAL), len);
}

/* ---- logins ------------------------------------------------------------------------------- */

static void a_login_is_reported_with_what_was_agreed(void **state)
{
	struct scene *s = *state;
	struct writer script = good_login();
	struct peer_done done;
	int pair[2];

	connect_login(s, PEER_PURPOSE_SESSION, 5, pair);
	say(pair[1], script.data, script.len);
	done = expect_done(s, 5, PEER_OUTCOME_DONE);
	assert_int_equal(done.tsih, 7);
	assert_int_equal(done.tpgt, 3);
	assert_int_equal(done.cmd_sn, 1);
	assert_int_equal(done.exp_stat_sn, 102);
	assert_int_equal(done.params.max_xmit_data_segment_length, 65536);
	assert_int_equal(done.params.max_recv_data_segment_length, 262144);
	assert_int_equal(done.params.max_burst_length, 131072);
	assert_string_equal(done.target_alias, "the disk");
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void nothing_behind_the_login_is_read(void **state)
{
	static const char next[] = "the first bytes of the full feature phase";
	struct scene *s = *state;
	struct writer script = good_login();
	char rest[sizeof(next) + 1];
	int pair[2];

	writer_bytes(&script, next, sizeof(next));
	connect_login(s, PEER_PURPOSE_SESSION, 1, pair);
	say(pair[1], script.data, script.len);
	expect_done(s, 1, PEER_OUTCOME_DONE);
	assert_int_equal(recv(pair[0], rest, sizeof(rest), MSG_DONTWAIT), sizeof(next));
	assert_memory_equal(rest, next, sizeof(next));
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void bytes_may_come_one_by_one(void **state)
{
	struct scene *s = *state;
	struct writer script = good_login();
	int pair[2];

	connect_login(s, PEER_PURPOSE_SESSION, 1, pair);
	for (size_t i = 0; i < script.len; i++)
		say(pair[1], script.data + i, 1);
	expect_done(s, 1, PEER_OUTCOME_DONE);
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void a_target_may_close_at_any_byte(void **state)
{
	struct scene *s = *state;
	struct writer script = good_login();
	struct peer_done done;
	char expected[256];
	int pair[2];

	for (size_t n = 0; n < script.len; n++) {
		bool between = n == 0 || n == FIRST_RESPONSE_LEN;

		connect_login(s, PEER_PURPOSE_SESSION, n, pair);
		if (n > 0)
			say(pair[1], script.data, n);
		shutdown(pair[1], SHUT_WR);
		done = expect_done(s, n, PEER_OUTCOME_CLOSED);
		snprintf(expected, sizeof(expected), "the target closed the connection%s during %s",
		         between ? "" : " in the middle of a PDU",
		         n < FIRST_RESPONSE_LEN ? "security negotiation"
		                                : "operational negotiation");
		assert_string_equal(done.text, expected);
		assert_int_equal(done.error, 0);
		close(pair[0]);
		close(pair[1]);
	}
	writer_done(&script);
}

static void what_was_said_before_a_hang_up_counts(void **state)
{
	struct scene *s = *state;
	struct pdu refusal = login_response(0, 0, 100);
	struct writer script = writer_make(SCRIPT_MAX);
	struct peer_done done;
	int pair[2];

	refusal.flags = 0;
	refusal.status_class = 2;
	refusal.status_detail = 3; /* RFC 7143 11.13.5: not found */
	pdu_write(&script, &refusal);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	say(pair[1], script.data, script.len);
	close(pair[1]); /* before the first request: sending it fails */
	send_login(s, PEER_PURPOSE_SESSION, 1, pair[0]);
	done = expect_done(s, 1, PEER_OUTCOME_REFUSED);
	assert_int_equal(done.status_class, 2);
	assert_int_equal(done.status_detail, 3);
	writer_done(&script);
	close(pair[0]);
}

static void a_redirect_names_the_portal(void **state)
{
	struct scene *s = *state;
	static const char text[] = "TargetAddress=192.0.2.9:3261,1";
	struct pdu moved = login_response(0, 0, 100);
	struct writer script = writer_make(SCRIPT_MAX);
	struct peer_done done;
	int pair[2];

	moved.flags = 0;
	moved.status_class = 1;
	moved.status_detail = 1;
	moved.data = (const uint8_t *)text;
	moved.data_len = sizeof(text);
	pdu_write(&script, &moved);
	connect_login(s, PEER_PURPOSE_SESSION, 1, pair);
	say(pair[1], script.data, script.len);
	done = expect_done(s, 1, PEER_OUTCOME_REDIRECTED);
	assert_string_equal(done.address, "192.0.2.9");
	assert_int_equal(done.port, 3261);
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void hostile_answers_are_protocol_errors(void **state)
{
	struct pdu other_task = login_response(0, 1, 100);
	struct pdu not_login = {.opcode = ISCSI_OP_SCSI_RSP, .itt = 1};
	struct pdu huge = login_response(0, 1, 100);
	struct pdu control_bytes = login_response(0, 1, 100);
	static const char escape[] = "TargetAlias=\033[2J";
	const struct pdu *const cases[] = {&other_task, &not_login, &huge, &control_bytes};
	struct scene *s = *state;

	other_task.itt = 2;
	huge.data_len = 0xffffff;
	control_bytes.data = (const uint8_t *)escape;
	control_bytes.data_len = sizeof(escape);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t bhs[ISCSI_BHS_LEN];
		struct peer_done done;
		int pair[2];

		connect_login(s, PEER_PURPOSE_SESSION, i, pair);
		pdu_encode(cases[i], bhs);
		say(pair[1], bhs, sizeof(bhs));
		if (cases[i]->data)
			say(pair[1], cases[i]->data, cases[i]->data_len);
		if (cases[i]->data && pdu_padding(cases[i]->data_len))
			say(pair[1], "\0\0\0", pdu_padding(cases[i]->data_len));
		done = expect_done(s, i, PEER_OUTCOME_PROTOCOL);
		assert_true(strlen(done.text) > 0);
		close(pair[0]);
		close(pair[1]);
	}
}

static void garbage_is_a_protocol_error(void **state)
{
	struct scene *s = *state;
	static const char *const garbage[] = {
		"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n               ",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		"\xff\xff\xff\xff",
	};

	for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
		int pair[2];

		connect_login(s, PEER_PURPOSE_SESSION, i, pair);
		say(pair[1], garbage[i], strlen(garbage[i]));
		shutdown(pair[1], SHUT_WR);
		expect_done(s, i, PEER_OUTCOME_PROTOCOL);
		close(pair[0]);
		close(pair[1]);
	}
}

/* ---- discovery ---------------------------------------------------------------------------- */

static void a_discovery_reports_targets_and_what_was_left_out(void **state)
{
	static const char text[] = "TargetName=iqn.2024-01.org.example:a\0"
				   "TargetAddress=192.0.2.1:3260,1\0"
				   "TargetAddress=[2001:db8::1]:3261,2\0"
				   "TargetName=iqn.2024-01.org.example:/../../etc\0"
				   "TargetAddress=192.0.2.1:3260,1\0"
				   "TargetName=iqn.2024-01.org.example:b";
	struct scene *s = *state;
	struct writer script = good_login();
	union peer_message m;
	int pair[2];

	text_response(&script, text, sizeof(text), 102);
	logout_response(&script, 103);
	connect_login(s, PEER_PURPOSE_DISCOVERY, 1, pair);
	say(pair[1], script.data, script.len);

	assert_int_equal(next_message(s, &m), PEER_TARGET);
	assert_string_equal(m.target.target_name, "iqn.2024-01.org.example:a");
	assert_string_equal(m.target.address, "192.0.2.1");
	assert_int_equal(m.target.port, 3260);
	assert_int_equal(m.target.tpgt, 1);
	assert_int_equal(next_message(s, &m), PEER_TARGET);
	assert_string_equal(m.target.address, "2001:db8::1");
	assert_int_equal(m.target.port, 3261);
	assert_int_equal(next_message(s, &m), PEER_REFUSED_TARGET);
	assert_non_null(strstr(m.refused_target.text, "iqn.2024-01.org.example:/../../etc"));
	assert_int_equal(next_message(s, &m), PEER_TARGET);
	assert_string_equal(m.target.target_name, "iqn.2024-01.org.example:b");
	assert_string_equal(m.target.address, "");
	assert_int_equal(m.target.tpgt, PORTAL_TPGT_UNKNOWN);
	expect_done(s, 1, PEER_OUTCOME_DONE);
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void a_target_may_close_instead_of_answering_the_logout(void **state)
{
	static const char text[] = "TargetName=iqn.2024-01.org.example:a";
	struct scene *s = *state;
	struct writer script = good_login();
	union peer_message m;
	int pair[2];

	text_response(&script, text, sizeof(text), 102);
	connect_login(s, PEER_PURPOSE_DISCOVERY, 1, pair);
	say(pair[1], script.data, script.len);
	shutdown(pair[1], SHUT_WR);
	assert_int_equal(next_message(s, &m), PEER_TARGET);
	expect_done(s, 1, PEER_OUTCOME_DONE);
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

static void a_discovery_that_breaks_off_is_not_done(void **state)
{
	struct scene *s = *state;
	struct writer script = good_login();
	struct peer_done done;
	int pair[2];

	connect_login(s, PEER_PURPOSE_DISCOVERY, 1, pair);
	say(pair[1], script.data, script.len);
	shutdown(pair[1], SHUT_WR);
	done = expect_done(s, 1, PEER_OUTCOME_CLOSED);
	assert_string_equal(done.text, "the target closed the connection during SendTargets");
	writer_done(&script);
	close(pair[0]);
	close(pair[1]);
}

/* A manager that does not read holds up the target, not the peer's memory; nothing is lost. */
static void a_flood_of_targets_is_held_up_at_its_source(void **state)
{
	enum { TARGETS = 4000, ROUNDS = 20 };
	struct scene *s = *state;
	struct writer login = good_login(), names = writer_make(SCRIPT_MAX);
	struct writer answer = writer_make(SCRIPT_MAX);
	struct pdu part = {
		.opcode = ISCSI_OP_TEXT_RSP,
		.flags = ISCSI_TEXT_CONTINUE,
		.itt = 1,
		.ttt = 9,
		.exp_cmd_sn = 1,
		.max_cmd_sn = 32,
	};
	union peer_message m;
	pid_t target;
	int pair[2], status;

	for (unsigned int i = 0; i < TARGETS; i++) {
		writer_printf(&names, "TargetName=iqn.2024-01.org.example:%u", i);
		writer_u8(&names, 0);
	}
	part.data = names.data;
	part.data_len = (uint32_t)names.len;
	pdu_write(&answer, &part);
	assert_int_equal(writer_status(&answer), 0);
	connect_login(s, PEER_PURPOSE_DISCOVERY, 1, pair);
	close(pair[0]); /* the target's sends fail when the peer is gone */
	target = fork();
	assert_true(target >= 0);
	if (target == 0) {
		struct writer end = writer_make(SCRIPT_MAX);
		bool ok = send(pair[1], login.data, login.len, 0) == (ssize_t)login.len;

		for (int i = 0; i < ROUNDS && ok; i++)
			ok = send(pair[1], answer.data, answer.len, 0) == (ssize_t)answer.len;
		text_response(&end, "", 1, 0);
		ok = ok && send(pair[1], end.data, end.len, 0) == (ssize_t)end.len;
		_exit(ok ? 0 : 1);
	}
	close(pair[1]);
	for (int i = 0; i < TARGETS * ROUNDS; i++)
		assert_int_equal(next_message(s, &m), PEER_TARGET);
	expect_done(s, 1, PEER_OUTCOME_DONE);
	assert_int_equal(waitpid(target, &status, 0), target);
	assert_int_equal(status, 0);
	writer_done(&login);
	writer_done(&names);
	writer_done(&answer);
}

/* ---- the manager's side ------------------------------------------------------------------- */

static void many_logins_go_on_at_once(void **state)
{
	enum { LOGINS = 200 };
	struct scene *s = *state;
	struct writer script = good_login();
	int pairs[LOGINS][2];

	for (uint64_t i = 0; i < LOGINS; i++) {
		connect_login(s, PEER_PURPOSE_SESSION, i, pairs[i]);
		say(pairs[i][1], script.data, FIRST_RESPONSE_LEN);
	}
	for (uint64_t i = LOGINS; i-- > 0;) {
		say(pairs[i][1], script.data + FIRST_RESPONSE_LEN, script.len - FIRST_RESPONSE_LEN);
		expect_done(s, i, PEER_OUTCOME_DONE);
		close(pairs[i][0]);
		close(pairs[i][1]);
	}
	writer_done(&script);
}

static void a_cancel_lets_the_connection_go_without_a_word(void **state)
{
	struct scene *s = *state;
	struct peer_cancel cancel = {
		.head = {.verb = PEER_CANCEL, .size = sizeof(cancel), .id = 1},
	};
	char byte;
	int first[2], second[2];

	connect_login(s, PEER_PURPOSE_SESSION, 1, first);
	close(first[0]);
	assert_int_equal(send(s->control, &cancel, sizeof(cancel), 0), sizeof(cancel));
	while (recv(first[1], &byte, 1, 0) > 0)
		;
	cancel.head.id = 99; /* one that nobody knows */
	assert_int_equal(send(s->control, &cancel, sizeof(cancel), 0), sizeof(cancel));
	connect_login(s, PEER_PURPOSE_SESSION, 2, second);
	close(second[1]);
	expect_done(s, 2, PEER_OUTCOME_CLOSED);
	close(second[0]);
	close(first[1]);
}

static void a_login_without_descriptor_is_refused(void **state _unused_)
{
	enum { DESCRIPTORS = 64 };
	struct scene s;
	struct peer_done done;
	union peer_message m;
	int pair[2];

	start_engine(&s, DESCRIPTORS);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	for (uint64_t i = 0; i < DESCRIPTORS; i++)
		send_login(&s, PEER_PURPOSE_SESSION, i, pair[0]);
	assert_int_equal(next_message(&s, &m), PEER_DONE);
	done = m.done;
	assert_int_equal(done.outcome, PEER_OUTCOME_INTERNAL);
	assert_int_equal(done.error, EMFILE);
	assert_string_equal(done.text, "no descriptor left for the connection");
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(end_engine(&s), 0);
}

static void a_message_out_of_form_ends_the_engine(void **state _unused_)
{
	struct scene s;

	start_engine(&s, 0);
	assert_int_equal(send(s.control, "x", 1, 0), 1);
	assert_int_equal(end_engine(&s), EPROTO);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(a_login_is_reported_with_what_was_agreed),
		CASE(nothing_behind_the_login_is_read),
		CASE(bytes_may_come_one_by_one),
		CASE(a_target_may_close_at_any_byte),
		CASE(what_was_said_before_a_hang_up_counts),
		CASE(a_redirect_names_the_portal),
		CASE(hostile_answers_are_protocol_errors),
		CASE(garbage_is_a_protocol_error),
		CASE(a_discovery_reports_targets_and_what_was_left_out),
		CASE(a_target_may_close_instead_of_answering_the_logout),
		CASE(a_discovery_that_breaks_off_is_not_done),
		CASE(a_flood_of_targets_is_held_up_at_its_source),
		CASE(many_logins_go_on_at_once),
		CASE(a_cancel_lets_the_connection_go_without_a_word),
		cmocka_unit_test(a_login_without_descriptor_is_refused),
		cmocka_unit_test(a_message_out_of_form_ends_the_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
