/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an initiator sends to the companion target: the bytes of a connection.  The bits of the
 * first byte say how: after a login, with CHAP, with the numbers mended so that a fuzzer gets
 * beyond the first checks, and in pieces.
 */
#include <sys/socket.h>

#include "tests/fuzz/fuzz.h"
#include "tests/target/conn.h"
#include "tests/target/options.h"
#include "tests/target/server.h"
#include "tests/target/session.h"

enum {
	MODE_LOGGED_IN = 1,
	MODE_CHAP = 2,
	MODE_MENDED = 4,
	MODE_PIECES = 8,
	PIECE = 7,
	OUT_MAX = 64 << 20, /* what may ever wait for an initiator that does not read */
};

#define NAME "iqn.2001-04.com.example:fuzz"

struct peer {
	struct server server;
	struct options options;
	struct conn *conn;
	struct pdu_stream *in;
	int fd;
};

/* Everything that comes must be a PDU of a target. */
static void drain(struct peer *p)
{
	static uint8_t buffer[1 << 16];
	ssize_t n;

	while ((n = recv(p->fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
		struct cursor in = cursor_make(buffer, (size_t)n);
		struct pdu pdu;
		int r;

		/* digests make the rest unreadable for a peer that does not know of them */
		if (p->conn->header_digest || p->conn->data_digest)
			continue;
		while (cursor_left(&in) > 0 && (r = pdu_stream_take(p->in, &in, &pdu)) != 0) {
			MUST(r == 1);
			MUST(pdu_opcode_known(pdu.opcode) && pdu.opcode & 0x20);
		}
	}
}

static void say(struct peer *p, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0 && p->conn->phase != CONN_CLOSED) {
		ssize_t n = send(p->fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
		for (int i = 0; i < 64 && p->conn->phase != CONN_CLOSED; i++)
			conn_readable(p->conn);
		drain(p);
		conn_push(p->conn);
		MUST(conn_pending(p->conn) < OUT_MAX);
		if (n <= 0 && conn_pending(p->conn) == 0)
			break;
	}
	drain(p);
	MUST(p->conn->phase != CONN_FULL_FEATURE || p->conn->session->task_count <= SESSION_WINDOW);
}

static void log_in(struct peer *p)
{
	static const char keys[] =
		"InitiatorName=" NAME "\0TargetName=" NAME "\0SessionType=Normal\0InitialR2T=No";
	struct pdu login = {.opcode = ISCSI_OP_LOGIN_REQ,
	                    .immediate = true,
	                    .flags = ISCSI_LOGIN_TRANSIT |
	                             ISCSI_STAGE_OPERATIONAL << ISCSI_LOGIN_CSG_SHIFT |
	                             ISCSI_STAGE_FULL_FEATURE,
	                    .isid = {0x80},
	                    .data = (const uint8_t *)keys,
	                    .data_len = sizeof(keys)};
	struct writer w = writer_make(4096);

	pdu_write(&w, &login);
	say(p, w.data, w.len);
	writer_done(&w);
}

/* The PDUs of the input, each with the CmdSN and tags that the target waits for. */
static void say_mended(struct peer *p, const uint8_t *data, size_t size)
{
	struct pdu_stream *s = pdu_stream_new(65536);
	struct cursor in = cursor_make(data, size);
	struct pdu pdu;

	MUST(s);
	pdu_stream_take_unknown(s);
	while (cursor_left(&in) > 0 && p->conn->phase != CONN_CLOSED &&
	       pdu_stream_take(s, &in, &pdu) == 1) {
		const struct session *session = p->conn->session;
		struct writer w = writer_make(1 << 20);

		if (session) {
			pdu.cmd_sn = session->exp_cmd_sn;
			if (pdu.opcode == ISCSI_OP_DATA_OUT && pdu.ttt != ISCSI_TAG_RESERVED)
				pdu.ttt = session->last_ttt;
			if (pdu.opcode == ISCSI_OP_TEXT_REQ && pdu.ttt != ISCSI_TAG_RESERVED)
				pdu.ttt = session->text_ttt;
		}
		pdu_write(&w, &pdu);
		say(p, w.data, w.len);
		writer_done(&w);
	}
	pdu_stream_free(s);
}

static void start(struct peer *p, uint8_t mode)
{
	static const char *const args[] = {
		"target",      "--portal",   "127.0.0.1",  "--target",        NAME,
		"--lun",       "0,size=64K", "--lun",      "1,size=64K,thin", "--discovery-account",
		"user/secret", "--account",  "user/secret"};
	size_t count = mode & MODE_CHAP ? ARRAY_LEN(args) : ARRAY_LEN(args) - 4;
	char fault[OPTIONS_FAULT_SIZE];
	int fds[2];

	MUST(options_parse((int)count, (char **)(uintptr_t)args, &p->options, fault) == 0);
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
	p->server = (struct server){.epoll = -1, .options = &p->options};
	p->server.buffer = malloc(SERVER_BUFFER_SIZE);
	p->in = pdu_stream_new(ISCSI_DATA_SEGMENT_MAX);
	MUST(p->server.buffer && p->in);
	p->fd = fds[0];
	p->conn = conn_new(&p->server, fds[1]);
	MUST(p->conn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct peer p = {.fd = -1};
	uint8_t mode;

	if (size < 1)
		return 0;
	mode = *data++;
	size--;
	start(&p, mode);
	if (mode & MODE_LOGGED_IN)
		log_in(&p);
	if (mode & MODE_MENDED) {
		say_mended(&p, data, size);
	} else {
		size_t piece = mode & MODE_PIECES ? PIECE : size;

		for (; size > 0; data += piece, size -= piece) {
			piece = MIN(piece, size);
			say(&p, data, piece);
		}
	}
	conn_free(p.conn);
	close(p.fd);
	pdu_stream_free(p.in);
	options_done(&p.options);
	free(p.server.buffer);
	return 0;
}
