/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/peer/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "iscsid/peer/jail.h"
#include "lib/base/macros.h"
#include "lib/proto/isns_query.h"
#include "lib/proto/login.h"
#include "lib/proto/pdu.h"
#include "lib/proto/sendtargets.h"

/* Parts of PDUs taken from one socket before the others get their turn. */
enum { READS_MAX = 16 };
/* All that one answer of a target may make us send: a login request with every key, a NOP-Out
 * with its data. */
enum { OUT_MAX = 128 << 10 };
/* Our tag of the login task; the kernel's tasks begin after it. */
enum { LOGIN_ITT = 1 };
/* Of the answer to a query, taken at once. */
enum { QUERY_READ_SIZE = 4096 };

struct exchange {
	int fd;
	struct isns_query *query; /* of an iSNS server, else NULL; it has no login and no stream */
	struct pdu_stream *in;
	struct login *login;
	struct sendtargets *targets; /* NULL until a discovery has logged in */
	struct writer out;
	size_t sent;    /* of out */
	int send_error; /* positive errno: nothing can be sent any more, but maybe read */
	bool started;
	bool told_complete;
	struct peer_login request; /* its secrets only until the login has ended */
	/* borrowed */
	struct report *report;
};

/* With what to authenticate: nothing, unless an algorithm is named.  0 or a negative errno. */
static int fill_auth(const struct peer_auth *from, struct digests *digests, struct login_auth *ret)
{
	if (chap_algorithms_count(&from->algorithms) == 0)
		return 0;
	*ret = (struct login_auth){
		.algorithms = from->algorithms,
		.digests = digests,
		.name = from->name,
		.secret = &from->secret,
		.target_user = from->target_name,
		.target_secret = &from->target_secret,
	};
	if (getrandom(&ret->nonce, sizeof(ret->nonce), 0) != (ssize_t)sizeof(ret->nonce))
		return -EIO;
	return 0;
}

static void found(void *data, const char *target, const struct portal *portal)
{
	struct exchange *x = data;

	report_target(x->report, exchange_id(x), target, portal);
}

static void refused(void *data, const char *text)
{
	struct exchange *x = data;

	report_refused_target(x->report, exchange_id(x), text);
}

static struct targets_sink sink_of(struct exchange *x)
{
	return (struct targets_sink){found, refused, x};
}

/* False: no memory, or no random bytes. */
static bool make_login(struct exchange *x, struct digests *digests)
{
	const struct peer_login *request = &x->request;
	bool discovery = request->purpose == PEER_PURPOSE_DISCOVERY;
	struct login_config config = {
		.discovery = discovery,
		.tsih = request->tsih,
		.itt = LOGIN_ITT,
		.cmd_sn = request->cmd_sn,
		.exp_stat_sn = request->exp_stat_sn,
		.offer = request->offer,
		.initiator_name = request->initiator_name,
		.initiator_alias = request->initiator_alias,
		.target_name = discovery ? NULL : request->target_name,
	};

	memcpy(config.isid, request->isid, sizeof(config.isid));
	if (fill_auth(&request->auth, digests, &config.auth) < 0)
		return false;
	/* RFC 7143 13.12: during the login the default holds, whatever is declared */
	x->in = pdu_stream_new(ISCSI_DEFAULT_MAX_RECV);
	x->login = login_new(&config);
	return x->in && x->login;
}

static bool make_query(struct exchange *x)
{
	const struct isns_query_config config = {
		.initiator_name = x->request.initiator_name,
		.sink = sink_of(x),
	};

	x->query = isns_query_new(&config);
	return x->query;
}

struct exchange *exchange_new(const struct peer_login *request, int fd, struct digests *digests,
                              struct report *report)
{
	struct exchange *x = calloc(1, sizeof(*x));
	bool made;

	if (!x)
		return NULL;
	x->fd = -1;
	x->request = *request;
	x->report = report;
	x->out = writer_make(OUT_MAX);
	made = request->purpose == PEER_PURPOSE_ISNS ? make_query(x) : make_login(x, digests);
	if (!made)
		return exchange_free(x);
	x->fd = fd;
	return x;
}

struct exchange *exchange_free(struct exchange *x)
{
	if (!x)
		return NULL;
	isns_query_free(x->query);
	sendtargets_free(x->targets);
	login_free(x->login);
	pdu_stream_free(x->in);
	writer_done(&x->out);
	if (x->fd >= 0)
		close(x->fd);
	explicit_bzero(&x->request.auth, sizeof(x->request.auth));
	free(x);
	return NULL;
}

int exchange_fd(const struct exchange *x)
{
	return x->fd;
}

uint64_t exchange_id(const struct exchange *x)
{
	return x->request.head.id;
}

uint32_t exchange_events(const struct exchange *x)
{
	return x->sent < x->out.len ? EPOLLOUT : EPOLLIN;
}

/* Where the talk stands, for messages. */
static const char *phase_name(const struct exchange *x)
{
	if (x->query)
		return "the query";
	return x->targets ? "SendTargets" : login_stage_name(login_result(x->login)->stage);
}

static void put_login_result(const struct login_result *result, struct peer_done *done)
{
	done->stage = result->stage;
	done->cmd_sn = result->cmd_sn;
	done->exp_stat_sn = result->exp_stat_sn;
	done->tpgt = result->tpgt;
	done->tsih = result->tsih;
	done->status_class = result->status_class;
	done->status_detail = result->status_detail;
	done->chap_algorithm = result->chap_algorithm;
	done->params = result->params;
	snprintf(done->target_alias, sizeof(done->target_alias), "%s", result->target_alias);
	if (done->outcome == PEER_OUTCOME_REDIRECTED) {
		snprintf(done->address, sizeof(done->address), "%s", result->redirect.host);
		done->port = result->redirect.port;
	}
}

/* All targets are told: whatever happens to the goodbye behind them is nobody's loss. */
static bool is_complete(const struct exchange *x)
{
	return x->query ? isns_query_complete(x->query)
	                : x->targets && sendtargets_complete(x->targets);
}

/* Tell the manager; false, as what the functions below return at the end. */
static bool finish(struct exchange *x, enum peer_outcome outcome, int error, const char *text)
{
	struct peer_done done = {
		.outcome = outcome,
		.error = error,
		.tpgt = PORTAL_TPGT_UNKNOWN,
	};

	if (is_complete(x)) {
		done.outcome = x->query ? PEER_OUTCOME_ANSWERED : PEER_OUTCOME_DONE;
		done.error = 0;
		text = "";
	}
	if (x->login)
		put_login_result(login_result(x->login), &done);
	if (done.outcome == PEER_OUTCOME_ISNS_REFUSED) {
		const struct isns_refusal refusal = isns_query_refusal(x->query);

		done.isns_function = (uint16_t)refusal.function;
		done.isns_status = refusal.status;
	}
	snprintf(done.text, sizeof(done.text), "%s", text);
	report_done(x->report, exchange_id(x), &done);
	return false;
}

static bool no_memory(struct exchange *x)
{
	return finish(x, PEER_OUTCOME_INTERNAL, ENOMEM, "not enough memory for the login");
}

/* The connection has ended.  error: positive errno, 0: the other side closed it. */
static bool lost(struct exchange *x, int error)
{
	char text[sizeof(((struct peer_done *)NULL)->text)];
	bool between = x->query ? !isns_query_in_pdu(x->query) : pdu_stream_idle(x->in);
	const char *closed = x->query ? "the server closed" : "the target closed";

	snprintf(text, sizeof(text), "%s the connection%s during %s", error ? "lost" : closed,
	         between ? "" : " in the middle of a PDU", phase_name(x));
	return finish(x, PEER_OUTCOME_CLOSED, error, text);
}

static void tell_complete(struct exchange *x)
{
	if (x->told_complete || !is_complete(x))
		return;
	x->told_complete = true;
	report_complete(x->report, exchange_id(x));
}

static bool on_targets_verdict(struct exchange *x, enum sendtargets_verdict verdict)
{
	switch (verdict) {
	case SENDTARGETS_SEND:
	case SENDTARGETS_WAIT: tell_complete(x); return true;
	case SENDTARGETS_DONE: return finish(x, PEER_OUTCOME_DONE, 0, "");
	case SENDTARGETS_PROTOCOL_ERROR:
		return finish(x, PEER_OUTCOME_PROTOCOL, 0, sendtargets_fault(x->targets));
	case SENDTARGETS_NO_MEMORY: return no_memory(x);
	}
	return no_memory(x);
}

/* The discovery session is there: ask it. */
static bool ask_targets(struct exchange *x)
{
	const struct login_result *result = login_result(x->login);
	struct sendtargets_config config = {
		.cmd_sn = result->cmd_sn,
		.exp_stat_sn = result->exp_stat_sn,
		.sink = sink_of(x),
	};

	x->targets = sendtargets_new(&config);
	if (!x->targets)
		return no_memory(x);
	pdu_stream_set_max_data(x->in, MAX(x->request.offer.max_recv_data_segment_length,
	                                   (uint32_t)ISCSI_DEFAULT_MAX_RECV));
	pdu_stream_set_digests(x->in, result->params.header_digest, result->params.data_digest);
	return on_targets_verdict(x, sendtargets_start(x->targets, &x->out));
}

static bool on_login_verdict(struct exchange *x, enum login_verdict verdict)
{
	const char *fault = login_result(x->login)->fault;

	if (verdict != LOGIN_SEND)
		explicit_bzero(&x->request.auth, sizeof(x->request.auth));
	switch (verdict) {
	case LOGIN_SEND: return true;
	case LOGIN_DONE:
		if (x->request.purpose == PEER_PURPOSE_DISCOVERY)
			return ask_targets(x);
		return finish(x, PEER_OUTCOME_DONE, 0, "");
	case LOGIN_REDIRECTED: return finish(x, PEER_OUTCOME_REDIRECTED, 0, fault);
	case LOGIN_REFUSED: return finish(x, PEER_OUTCOME_REFUSED, 0, fault);
	case LOGIN_AUTH_FAILED: return finish(x, PEER_OUTCOME_AUTH_FAILED, 0, fault);
	case LOGIN_PROTOCOL_ERROR: return finish(x, PEER_OUTCOME_PROTOCOL, 0, fault);
	case LOGIN_NO_MEMORY: return no_memory(x);
	}
	return no_memory(x);
}

static bool on_query_verdict(struct exchange *x, enum isns_verdict verdict)
{
	switch (verdict) {
	case ISNS_SEND:
	case ISNS_WAIT: tell_complete(x); return true;
	case ISNS_DONE: return finish(x, PEER_OUTCOME_ANSWERED, 0, "");
	case ISNS_REFUSED: return finish(x, PEER_OUTCOME_ISNS_REFUSED, 0, "");
	case ISNS_PROTOCOL_ERROR:
		return finish(x, PEER_OUTCOME_PROTOCOL, 0, isns_query_fault(x->query));
	case ISNS_NO_MEMORY: return no_memory(x);
	}
	return no_memory(x);
}

static bool start(struct exchange *x)
{
	if (x->query)
		return on_query_verdict(x, isns_query_start(x->query, &x->out));
	return on_login_verdict(x, login_start(x->login, &x->out));
}

static bool on_pdu(struct exchange *x, const struct pdu *pdu)
{
	bool goes_on;

	if (x->targets)
		goes_on = on_targets_verdict(x, sendtargets_step(x->targets, pdu, &x->out));
	else
		goes_on = on_login_verdict(x, login_step(x->login, pdu, &x->out));
	if (goes_on && writer_status(&x->out) < 0)
		return no_memory(x);
	return goes_on;
}

/* A relogin's request, whose tag and CmdSN the kernel fills in. */
static bool pass_on(struct exchange *x)
{
	if (x->out.len > PEER_PDU_MAX)
		return finish(x, PEER_OUTCOME_INTERNAL, EMSGSIZE,
		              "the login request is longer than the kernel takes it");
	report_pdu(x->report, exchange_id(x), x->out.data, x->out.len);
	writer_reset(&x->out);
	return true;
}

bool exchange_pdu(struct exchange *x, const uint8_t *bytes, size_t len)
{
	struct pdu pdu;

	if (pdu_decode(bytes, &pdu) < 0 || pdu.ahs_words != 0 || pdu.data_len > len - ISCSI_BHS_LEN)
		return finish(x, PEER_OUTCOME_PROTOCOL, 0, "the answer to the login is no PDU");
	pdu.data = pdu.data_len ? bytes + ISCSI_BHS_LEN : NULL;
	/* the kernel chose another tag than ours, and has compared it */
	pdu.itt = LOGIN_ITT;
	return on_pdu(x, &pdu) && pass_on(x);
}

/* Send what waits.  An error is kept: what the target said before it hung up is still read. */
static void send_waiting(struct exchange *x)
{
	while (x->sent < x->out.len && !x->send_error) {
		struct iovec part = {
			.iov_base = x->out.data + x->sent,
			.iov_len = x->out.len - x->sent,
		};
		struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
		ssize_t n = sendmsg(x->fd, &message, JAIL_SEND_FLAGS);

		if (n >= 0)
			x->sent += (size_t)n;
		else if (errno == EAGAIN || errno == EINTR)
			return;
		else
			x->send_error = errno;
	}
	writer_reset(&x->out);
	x->sent = 0;
}

/* Up to len bytes; 0: nothing is there, *ret_waits is set; -1: ended. */
static ssize_t receive_bytes(struct exchange *x, void *buf, size_t len, bool *ret_waits)
{
	struct iovec part = {.iov_base = buf, .iov_len = len};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t n = recvmsg(x->fd, &message, JAIL_RECV_FLAGS);

	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		*ret_waits = true;
		return 0;
	}
	if (n <= 0) {
		lost(x, n < 0 ? errno : x->send_error);
		return -1;
	}
	return n;
}

/* Take the next part of an answer to a query.  As receive(). */
static bool receive_answer(struct exchange *x, bool *ret_waits)
{
	uint8_t buf[QUERY_READ_SIZE];
	ssize_t n = receive_bytes(x, buf, sizeof(buf), ret_waits);

	if (n <= 0)
		return n == 0;
	return on_query_verdict(x, isns_query_step(x->query, buf, (size_t)n, &x->out));
}

/* Take the next part of a PDU.  False: ended; *ret_waits when nothing is there. */
static bool receive(struct exchange *x, bool *ret_waits)
{
	struct pdu pdu;
	ssize_t n;
	size_t len;
	void *buf;
	int r = pdu_stream_want(x->in, &buf, &len);

	if (r < 0)
		return no_memory(x);
	n = receive_bytes(x, buf, len, ret_waits);
	if (n <= 0)
		return n == 0;
	r = pdu_stream_got(x->in, (size_t)n, &pdu);
	if (r < 0)
		return finish(x, PEER_OUTCOME_PROTOCOL, 0, pdu_stream_fault(x->in));
	return r == 0 || on_pdu(x, &pdu);
}

bool exchange_run(struct exchange *x)
{
	bool waits = false;

	if (!x->started) {
		x->started = true;
		if (!start(x))
			return false;
	}
	if (x->fd < 0)
		return pass_on(x);
	for (int i = 0; i < READS_MAX && !waits; i++) {
		send_waiting(x);
		if (x->sent < x->out.len)
			return true;
		if (!(x->query ? receive_answer(x, &waits) : receive(x, &waits)))
			return false;
	}
	send_waiting(x);
	return true;
}
