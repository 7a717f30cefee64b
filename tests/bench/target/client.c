/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bare initiator: the login engine of lib/proto over a non-blocking socket.
 */
#include "tests/bench/target/client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/addr.h"
#include "lib/proto/login.h"

enum { OUT_MAX = 64 << 20, READ_SIZE = 512 * 1024, IN_MAX = 1 << 20, MAX_RECV = 262144 };

static int open_connection(const char *text)
{
	struct sockaddr_storage addr;
	struct portal portal;
	socklen_t len;
	int on = 1, fd;

	if (portal_parse(text, strlen(text), ISCSI_PORT, &portal) < 0 ||
	    addr_from_literal(portal.host, portal.port, &addr, &len) < 0)
		return -EINVAL;
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, len) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* The next PDU, waiting for it; borrowed until the next call. */
static int next_pdu(struct client *c, struct pdu *ret)
{
	for (;;) {
		size_t len;
		void *buf;
		ssize_t n;
		int r = pdu_stream_want(c->in, &buf, &len);

		if (r < 0)
			return r;
		n = recv(c->fd, buf, len, 0);
		if (n <= 0)
			return n < 0 ? -errno : -ECONNRESET;
		r = pdu_stream_got(c->in, (size_t)n, ret);
		if (r != 0)
			return r < 0 ? r : 0;
	}
}

static int exchange(struct client *c, struct login *login)
{
	enum login_verdict verdict = login_start(login, &c->out);
	const struct login_result *result = login_result(login);
	struct pdu pdu;
	int r;

	while (verdict == LOGIN_SEND) {
		r = client_flush(c);
		if (r == 0)
			r = next_pdu(c, &pdu);
		if (r < 0)
			return r;
		verdict = login_step(login, &pdu, &c->out);
	}
	if (verdict != LOGIN_DONE)
		return -EPROTO;
	c->params = result->params;
	c->cmd_sn = result->cmd_sn;
	c->exp_stat_sn = result->exp_stat_sn;
	return 0;
}

int client_login(struct client *c, const char *portal, const char *target, uint16_t number)
{
	struct login_config config = {
		.isid = {0x80, 0, 0, 1, (uint8_t)(number >> 8), (uint8_t)number},
		.cmd_sn = 1,
		.offer = {.max_recv_data_segment_length = MAX_RECV,
	                  .max_burst_length = 1 << 20,
	                  .first_burst_length = MAX_RECV,
	                  .max_outstanding_r2t = 1,
	                  .max_connections = 1,
	                  .default_time2wait = 2,
	                  .header_digest = {{ISCSI_DIGEST_NONE}},
	                  .data_digest = {{ISCSI_DIGEST_NONE}},
	                  .immediate_data = true,
	                  .data_pdu_in_order = true,
	                  .data_sequence_in_order = true},
		.initiator_name = "iqn.2026-01.org.example:bench",
		.target_name = target,
	};
	struct login *login;
	int r;

	*c = (struct client){.fd = open_connection(portal), .out = writer_make(OUT_MAX)};
	if (c->fd < 0)
		return c->fd;
	c->in = pdu_stream_new(IN_MAX);
	login = login_new(&config);
	r = c->in && login ? exchange(c, login) : -ENOMEM;
	login_free(login);
	if (r < 0)
		client_done(c);
	return r;
}

int client_logout(struct client *c)
{
	struct pdu pdu = {.opcode = ISCSI_OP_LOGOUT_REQ,
	                  .immediate = true,
	                  .flags = ISCSI_FLAG_FINAL | ISCSI_LOGOUT_SESSION,
	                  .itt = 1,
	                  .cmd_sn = c->cmd_sn,
	                  .exp_stat_sn = c->exp_stat_sn};
	int r;

	client_put(c, &pdu);
	r = client_flush(c);
	if (r == 0)
		r = next_pdu(c, &pdu);
	if (r == 0 && pdu.opcode != ISCSI_OP_LOGOUT_RSP)
		r = -EPROTO;
	client_done(c);
	return r;
}

void client_done(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	pdu_stream_free(c->in);
	writer_done(&c->out);
	*c = (struct client){.fd = -1};
}

void client_put(struct client *c, const struct pdu *pdu)
{
	pdu_write(&c->out, pdu);
}

bool client_waits(const struct client *c)
{
	return c->sent < c->out.len;
}

int client_flush(struct client *c)
{
	while (client_waits(c)) {
		ssize_t n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent,
		                 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			return writer_status(&c->out);
		if (n < 0)
			return -errno;
		c->sent += (size_t)n;
	}
	c->sent = 0;
	if (writer_status(&c->out) < 0)
		return writer_status(&c->out);
	writer_reset(&c->out);
	return 0;
}

void client_wait(const struct client *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN | (client_waits(c) ? POLLOUT : 0)};

	poll(&p, 1, -1);
}

int client_read(struct client *c, void (*take)(struct client *c, const struct pdu *pdu, void *data),
                void *data)
{
	static uint8_t buffer[READ_SIZE];
	ssize_t n = recv(c->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
	struct cursor in;
	struct pdu pdu;
	int r = 0;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	in = cursor_make(buffer, (size_t)n);
	while (r >= 0 && cursor_left(&in) > 0) {
		r = pdu_stream_take(c->in, &in, &pdu);
		if (r == 1)
			take(c, &pdu, data);
	}
	return MIN(r, 0);
}
