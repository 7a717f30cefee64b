/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An initiator for the tests of the target: it says over a socket pair exactly what it is told,
 * and gives back the PDUs that come.
 */
#ifndef TESTS_UNIT_TARGET_INITIATOR_H
#define TESTS_UNIT_TARGET_INITIATOR_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "lib/base/macros.h"
#include "tests/target/conn.h"
#include "tests/target/options.h"
#include "tests/target/server.h"
#include "tests/target/session.h"

#define NAME      "iqn.2001-04.com.example:unit"
#define INITIATOR "iqn.2001-04.com.example:initiator"

enum { FIRST_CMD_SN = 100, BLOCK = 512 };

struct fixture {
	struct options options;
	struct server server;
	struct conn *conn;
	struct pdu_stream *in;
	int fd;          /* the initiator's end */
	uint32_t cmd_sn; /* of the next command */
	char fault[OPTIONS_FAULT_SIZE];
};

static _unused_ void connect_to(struct fixture *f)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	f->fd = fds[0];
	f->conn = conn_new(&f->server, fds[1]);
	f->server.conns = f->conn;
	f->in = pdu_stream_new(1 << 20);
	f->cmd_sn = FIRST_CMD_SN;
	assert_non_null(f->conn);
}

static _unused_ void disconnect(struct fixture *f)
{
	conn_free(f->conn);
	pdu_stream_free(f->in);
	close(f->fd);
}

static _unused_ int set_up(void **state)
{
	static const char *const args[] = {"target",
	                                   "--portal",
	                                   "127.0.0.1:3260",
	                                   "--target",
	                                   NAME,
	                                   "--lun",
	                                   "0,size=1M",
	                                   "--lun",
	                                   "3,size=1M",
	                                   "--target",
	                                   NAME "2",
	                                   "--refuse",
	                                   "2/2",
	                                   "--target",
	                                   NAME "3",
	                                   "--redirect",
	                                   "192.0.2.7:3261",
	                                   "--set",
	                                   "FirstBurstLength=2048",
	                                   "--set",
	                                   "MaxBurstLength=4096"};
	struct fixture *f = calloc(1, sizeof(*f));
	int r = options_parse(ARRAY_LEN(args), (char **)(uintptr_t)args, &f->options, f->fault);

	assert_string_equal(f->fault, "");
	assert_int_equal(r, 0);
	f->server = (struct server){.epoll = -1, .options = &f->options};
	f->server.buffer = malloc(SERVER_BUFFER_SIZE);
	connect_to(f);
	*state = f;
	return 0;
}

static _unused_ int tear_down(void **state)
{
	struct fixture *f = *state;

	disconnect(f);
	options_done(&f->options);
	free(f->server.buffer);
	free(f);
	return 0;
}

static _unused_ void send_bytes(struct fixture *f, const void *data, size_t len)
{
	assert_int_equal(send(f->fd, data, len, MSG_NOSIGNAL), len);
	conn_readable(f->conn);
}

static _unused_ void send_pdu(struct fixture *f, const struct pdu *pdu)
{
	struct writer w = writer_make(1 << 20);

	pdu_write(&w, pdu);
	send_bytes(f, w.data, w.len);
	writer_done(&w);
}

/* The next PDU of the target; false when there is none.  Borrowed until the next call. */
static _unused_ bool receive(struct fixture *f, struct pdu *ret)
{
	for (;;) {
		size_t len;
		void *buf;
		ssize_t n;
		int r;

		assert_int_equal(pdu_stream_want(f->in, &buf, &len), 0);
		n = recv(f->fd, buf, len, MSG_DONTWAIT);
		if (n <= 0)
			return false;
		r = pdu_stream_got(f->in, (size_t)n, ret);
		assert_true(r >= 0);
		if (r == 1)
			return true;
	}
}

static _unused_ struct pdu expect(struct fixture *f, enum iscsi_op opcode)
{
	struct pdu pdu;

	assert_true(receive(f, &pdu));
	assert_string_equal(pdu_opcode_name(pdu.opcode), pdu_opcode_name(opcode));
	return pdu;
}

static _unused_ void expect_nothing(struct fixture *f)
{
	struct pdu pdu;

	assert_false(receive(f, &pdu));
}

static _unused_ void expect_closed(struct fixture *f)
{
	expect_nothing(f);
	assert_int_equal(f->conn->phase, CONN_CLOSED);
}

/* Keys as they stand on the wire: the literal's own NUL ends the last one. */
#define KEYS(text) .data = (const uint8_t *)(text), .data_len = sizeof(text)

#define TO_OPERATIONAL (ISCSI_LOGIN_TRANSIT | ISCSI_STAGE_OPERATIONAL)
#define TO_FULL_FEATURE                                                                            \
	(ISCSI_LOGIN_TRANSIT | ISCSI_STAGE_OPERATIONAL << ISCSI_LOGIN_CSG_SHIFT |                  \
	 ISCSI_STAGE_FULL_FEATURE)

#define LOGIN(stages, ...)                                                                         \
	(&(struct pdu){.opcode = ISCSI_OP_LOGIN_REQ,                                               \
	               .immediate = true,                                                          \
	               .flags = (stages),                                                          \
	               .isid = {0x80, 1, 2, 3, 4, 5},                                              \
	               .itt = 0x11,                                                                \
	               .cmd_sn = FIRST_CMD_SN,                                                     \
	               __VA_ARGS__})

static _unused_ bool has_key(const struct pdu *pdu, const char *key, const char *value)
{
	struct kv_reader r = kv_reader_make(KV_NUL, pdu->data, pdu->data_len);
	struct kv kv;

	while (kv_next(&r, &kv) > 0)
		if (kv_key_is(&kv, key))
			return kv_value_is(&kv, value);
	return false;
}

static _unused_ void assert_status(const struct pdu *rsp, unsigned int status)
{
	assert_int_equal(rsp->status_class << 8 | rsp->status_detail, status);
}

static _unused_ void log_in(struct fixture *f, const char *keys, size_t len)
{
	struct pdu rsp;

	send_pdu(f,
	         LOGIN(TO_FULL_FEATURE, .data = (const uint8_t *)keys, .data_len = (uint32_t)len));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, 0);
	assert_int_equal(f->conn->phase, CONN_FULL_FEATURE);
	memset(f->conn->session->nexus.attentions, 0, sizeof(f->conn->session->nexus.attentions));
}

#define LOG_IN(f, keys)                                                                            \
	log_in(f, "InitiatorName=" INITIATOR "\0TargetName=" NAME "\0SessionType=Normal\0" keys,   \
	       sizeof("InitiatorName=" INITIATOR "\0TargetName=" NAME                              \
	              "\0SessionType=Normal\0" keys) -                                             \
	               (sizeof(keys) == 1))

#endif
