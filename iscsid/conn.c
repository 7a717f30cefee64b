/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of the connection.  Events come from the loop only, one at a time; an action returns
 * the next state and calls nobody back: that is the driver's last act.
 */
#include "iscsid/conn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iscsid/claim.h"
#include "lib/base/log.h"
#include "lib/proto/login.h"

enum { GOODBYE_USEC = 1 * (int)USEC_PER_SEC }; /* until it is answered, at the end of a list */

struct conn {
	struct loop_source *timer; /* the start, then the deadline */
	struct loop_source *socket;
	struct child *lookup;
	struct broker_login login;
	int fd;
	enum conn_state state;
	struct portal at; /* the configured portal, or where redirects led */
	unsigned int redirects;
	struct portal visited[CONN_REDIRECTS_MAX]; /* on the way there */
	struct connect_address addresses[CONNECT_ADDRESSES_MAX];
	size_t addresses_count, addresses_used;
	/* in another network namespace: a socket for each of them, -1 when it was used */
	int made[CONNECT_ADDRESSES_MAX];
	size_t made_count;
	uint64_t deadline_usec; /* of the login, then of the whole discovery */
	bool discovering;       /* the first target came */
	bool complete;          /* and the last one */
	struct conn_result result;
	struct conn_config config;
	struct conn_callbacks callbacks;
	/* borrowed */
	struct loop *loop;
	struct broker *broker;
	void *data;
};

/* What came with an event. */
struct conn_news {
	const struct peer_done *done;
	const char *text;
	int error; /* negative errno */
};

static void conn_event(struct conn *c, enum conn_event event, const struct conn_news *news);

static enum conn_state end(struct conn *c, enum conn_outcome outcome, int error, const char *fmt,
                           ...) _printf_(4, 5);

static enum conn_state end(struct conn *c, enum conn_outcome outcome, int error, const char *fmt,
                           ...)
{
	va_list ap;

	c->result.outcome = outcome;
	c->result.error = error;
	va_start(ap, fmt);
	vsnprintf(c->result.text, sizeof(c->result.text), fmt, ap);
	va_end(ap);
	return CONN_ENDED;
}

static void close_socket(struct conn *c)
{
	c->socket = loop_source_free(c->socket);
	if (c->fd >= 0)
		close(take_fd(&c->fd));
}

static void close_made(struct conn *c)
{
	for (size_t i = 0; i < c->made_count; i++) {
		if (c->made[i] >= 0)
			close(take_fd(&c->made[i]));
	}
	c->made_count = 0;
}

static uint64_t time_left(const struct conn *c)
{
	uint64_t now = loop_now();

	return now < c->deadline_usec ? c->deadline_usec - now : 0;
}

/* A discovery goes on: its time is counted anew, within the time for all. */
static void still_alive(struct conn *c)
{
	if (!c->discovering) {
		c->discovering = true;
		c->deadline_usec = loop_now() + c->config.total_usec;
	}
	loop_timer_set(c->timer, MIN(c->config.idle_usec, time_left(c)));
}

static void on_target(void *data, const struct peer_target *message)
{
	struct conn *c = (struct conn *)data;

	if (!c->callbacks.target) /* no discovery: the login's time goes on */
		return;
	still_alive(c);
	c->callbacks.target(c->data, message);
}

static void on_refused_target(void *data, const struct peer_refused_target *message)
{
	struct conn *c = (struct conn *)data;

	if (!c->callbacks.refused_target)
		return;
	still_alive(c);
	c->callbacks.refused_target(c->data, message);
}

/* Some targets do not answer the logout of a discovery, nor some servers a deregistration. */
static void on_complete(void *data)
{
	struct conn *c = (struct conn *)data;

	c->complete = c->callbacks.target;
	if (c->complete)
		loop_timer_set(c->timer, MIN(c->config.idle_usec, (uint64_t)GOODBYE_USEC));
}

static bool is_query(const struct conn *c)
{
	return c->config.login.purpose == PEER_PURPOSE_ISNS;
}

/* A login cannot end as a query does, nor the other way round. */
static enum conn_event event_of(const struct conn *c, enum peer_outcome outcome)
{
	switch (outcome) {
	case PEER_OUTCOME_DONE: return is_query(c) ? CONN_LOGIN_FAILED : CONN_LOGIN_DONE;
	case PEER_OUTCOME_ANSWERED: return is_query(c) ? CONN_LOGIN_DONE : CONN_LOGIN_FAILED;
	case PEER_OUTCOME_REDIRECTED:
		return is_query(c) ? CONN_LOGIN_FAILED : CONN_LOGIN_REDIRECTED;
	case PEER_OUTCOME_REFUSED:
	case PEER_OUTCOME_AUTH_FAILED:
	case PEER_OUTCOME_PROTOCOL:
	case PEER_OUTCOME_CLOSED:
	case PEER_OUTCOME_INTERNAL:
	case PEER_OUTCOME_ISNS_REFUSED: break;
	}
	return CONN_LOGIN_FAILED;
}

static void on_done(void *data, const struct peer_done *message)
{
	const struct conn_news news = {.done = message, .text = message->text};
	struct conn *c = (struct conn *)data;

	conn_event(c, event_of(c, (enum peer_outcome)message->outcome), &news);
}

static void on_lost(void *data, const char *why)
{
	const struct conn_news news = {.text = why};

	conn_event((struct conn *)data, CONN_LOGIN_LOST, &news);
}

static const struct broker_listener listener = {
	.target = on_target,
	.refused_target = on_refused_target,
	.complete = on_complete,
	.done = on_done,
	.lost = on_lost,
};

static enum conn_state login(struct conn *c)
{
	char portal[PORTAL_TEXT_SIZE];
	int r;

	c->socket = loop_source_free(c->socket);
	close_made(c);
	if (c->config.connect_only)
		return end(c, CONN_OUTCOME_CONNECTED, 0, "connected");
	loop_timer_set(c->timer, time_left(c));
	r = broker_send(c->broker, &c->login, &c->config.login, c->fd, &listener, c);
	if (r < 0)
		return end(c, CONN_OUTCOME_LOST, -r,
		           "cannot %s %s: the login process does not take it (%s)",
		           is_query(c) ? "ask" : "log in to", conn_portal_text(&c->at, portal),
		           strerror(-r));
	return CONN_IN_LOGIN;
}

static void on_socket(void *data, uint32_t events _unused_)
{
	struct conn *c = (struct conn *)data;
	const struct conn_news news = {.error = connect_result(c->fd)};

	conn_event(c, news.error < 0 ? CONN_UNCONNECTED : CONN_CONNECTED, &news);
}

/* The socket for the next address.  0 or a negative errno, with fault as connect_socket() has it.
 */
static int next_socket(struct conn *c, char fault[static CONNECT_FAULT_SIZE])
{
	const size_t i = c->addresses_used++;

	fault[0] = '\0';
	if (!c->config.path.netns[0])
		return connect_socket(&c->addresses[i], &c->config.path, &c->fd, fault);
	c->fd = i < c->made_count ? take_fd(&c->made[i]) : -1;
	return c->fd < 0 ? -EMFILE : 0;
}

/* Each address gets an even share of the time that is left: a silent one must not use it all. */
static void share_time(struct conn *c)
{
	loop_timer_set(c->timer, time_left(c) / (1 + c->addresses_count - c->addresses_used));
}

/* To the next address that takes it; error: why the last one did not. */
static enum conn_state connect_next(struct conn *c, int error)
{
	char portal[PORTAL_TEXT_SIZE], fault[CONNECT_FAULT_SIZE] = "";

	close_socket(c);
	while (c->addresses_used < c->addresses_count) {
		const struct connect_address *to = &c->addresses[c->addresses_used];

		error = next_socket(c, fault);
		if (error == 0)
			error = connect_begin(c->fd, to, &c->config.path);
		if (error == 1)
			return login(c);
		if (error == 0)
			error = loop_add_fd(c->loop, c->fd, EPOLLOUT, on_socket, c, &c->socket);
		if (error == 0) {
			share_time(c);
			return CONN_CONNECTING;
		}
		close_socket(c);
	}
	if (fault[0])
		return end(c, CONN_OUTCOME_NO_WAY, -error, "cannot connect to %s: %s",
		           conn_portal_text(&c->at, portal), fault);
	return end(c, CONN_OUTCOME_UNCONNECTED, -error, "cannot connect to %s: %s",
	           conn_portal_text(&c->at, portal), strerror(-error));
}

static void on_made(void *data, int fd)
{
	struct conn *c = (struct conn *)data;

	if (c->made_count < ARRAY_LEN(c->made))
		c->made[c->made_count++] = fd;
	else
		close(fd);
}

static void on_lookup(void *data, int result, const void *output, size_t len)
{
	struct conn *c = (struct conn *)data;
	char why[CONNECT_FAULT_SIZE];
	struct conn_news news = {.text = why, .error = result};

	c->lookup = NULL;
	if (result == 0) {
		c->addresses_used = 0;
		c->addresses_count = connect_lookup_output(output, len, c->addresses);
		if (c->addresses_count) {
			conn_event(c, CONN_RESOLVED, &news);
			return;
		}
	}
	if ((result == -EHOSTUNREACH || result == -ENODEV) && len > 0)
		snprintf(why, sizeof(why), "%.*s", (int)len, (const char *)output);
	else
		snprintf(why, sizeof(why), "%s", result ? strerror(-result) : "no address");
	conn_event(c, CONN_UNRESOLVED, &news);
}

static enum conn_state resolve(struct conn *c)
{
	const struct connect_lookup_job job = {
		.host = c->at.host,
		.port = c->at.port,
		.path = &c->config.path,
		.deadline_usec = c->config.timeout_usec,
		.done = on_lookup,
		.descriptor = on_made,
		.data = c,
	};
	int r;

	close_made(c);
	c->addresses_used = 0;
	c->addresses_count = 0;
	if (!c->config.path.netns[0]) {
		r = addr_from_literal(c->at.host, c->at.port, &c->addresses[0].addr,
		                      &c->addresses[0].len);
		if (r == -ENODEV)
			return end(c, CONN_OUTCOME_NO_WAY, ENODEV,
			           "cannot connect to %s: there is no network device %s",
			           c->at.host, host_zone(c->at.host));
		c->addresses_count = r == 0;
	}
	if (c->addresses_count)
		return connect_next(c, 0);
	r = connect_lookup(c->loop, &job, &c->lookup);
	if (r < 0)
		return end(c, CONN_OUTCOME_INTERNAL, -r, "cannot look up %s: %s", c->at.host,
		           strerror(-r));
	return CONN_RESOLVING;
}

/* ---- actions ------------------------------------------------------------------------------ */

static enum conn_state act_start(struct conn *c, const struct conn_news *news _unused_)
{
	c->deadline_usec = loop_now() + c->config.timeout_usec;
	loop_timer_set(c->timer, c->config.timeout_usec);
	return resolve(c);
}

static enum conn_state act_connect(struct conn *c, const struct conn_news *news _unused_)
{
	return connect_next(c, -EHOSTUNREACH);
}

static enum conn_state act_unresolved(struct conn *c, const struct conn_news *news)
{
	if (news->error == -ENODEV)
		return end(c, CONN_OUTCOME_NO_WAY, ENODEV, "cannot connect to %s: %s", c->at.host,
		           news->text);
	return end(c, CONN_OUTCOME_UNRESOLVED, 0, "cannot resolve host name %s: %s", c->at.host,
	           news->text);
}

static enum conn_state act_login(struct conn *c, const struct conn_news *news _unused_)
{
	return login(c);
}

static enum conn_state act_connect_next(struct conn *c, const struct conn_news *news)
{
	return connect_next(c, news->error);
}

static enum conn_state all_told(struct conn *c)
{
	broker_cancel(c->broker, &c->login);
	return end(c, is_query(c) ? CONN_OUTCOME_ANSWERED : CONN_OUTCOME_LOGGED_IN, 0, "answered");
}

static enum conn_state act_done(struct conn *c, const struct conn_news *news)
{
	const char *key = NULL;
	char portal[PORTAL_TEXT_SIZE];

	if (is_query(c))
		return all_told(c);
	if (c->config.login.purpose != PEER_PURPOSE_DISCOVERY)
		key = claim_fault(&c->config.login, news->done);
	if (key) {
		close_socket(c);
		return end(c, CONN_OUTCOME_PROTOCOL, 0,
		           "login to %s ended with a %s that cannot follow from our offer",
		           conn_portal_text(&c->at, portal), key);
	}
	c->result.done = news->done;
	return end(c, CONN_OUTCOME_LOGGED_IN, 0, "logged in");
}

static bool was_there(const struct conn *c, const struct portal *p)
{
	for (unsigned int i = 0; i < c->redirects; i++) {
		if (portal_equal(&c->visited[i], p))
			return true;
	}
	return portal_equal(&c->at, p);
}

static enum conn_state act_redirect(struct conn *c, const struct conn_news *news)
{
	const struct peer_done *d = news->done;
	struct conn_move move;
	struct portal next;
	char from[PORTAL_TEXT_SIZE], to[PORTAL_TEXT_SIZE];
	int r;

	conn_portal_text(&c->at, from);
	close_socket(c);
	r = conn_redirect(d, &c->at, c->config.path.netdev, &next);
	if (r == -EINVAL)
		return end(c, CONN_OUTCOME_PROTOCOL, 0, "%s redirects to an address that is none",
		           from);
	if (r < 0)
		return end(c, CONN_OUTCOME_PROTOCOL, 0,
		           "%s redirects to %s, which names a network device of its own", from,
		           d->address);
	conn_portal_text(&next, to);
	if (c->redirects == CONN_REDIRECTS_MAX)
		return end(c, CONN_OUTCOME_PROTOCOL, ELOOP,
		           "%s redirects once more after %d redirects in a row%s", from,
		           CONN_REDIRECTS_MAX, was_there(c, &next) ? ", in a circle" : "");
	move = conn_move(d, &c->at, &next);
	if (c->callbacks.redirected)
		c->callbacks.redirected(c->data, &move, c->config.login.isid);
	c->visited[c->redirects++] = c->at;
	c->at = next;
	if (c->config.login.purpose == PEER_PURPOSE_DISCOVERY)
		log_info("discovery at %s is redirected to %s", from, to);
	else if (move.for_good)
		log_notice("target %s has moved from %s to %s for good: discover it again",
		           c->config.login.target_name, from, to);
	else
		log_info("target %s at %s redirects to %s", c->config.login.target_name, from, to);
	return resolve(c);
}

static enum conn_state act_failed(struct conn *c, const struct conn_news *news)
{
	close_socket(c);
	if (is_query(c))
		conn_result_of_query(news->done, &c->at, &c->result);
	else
		conn_result_of(news->done, &c->at, &c->result);
	return CONN_ENDED;
}

static enum conn_state act_lost(struct conn *c, const struct conn_news *news)
{
	char portal[PORTAL_TEXT_SIZE];

	if (c->complete)
		return all_told(c);
	close_socket(c);
	return end(c, CONN_OUTCOME_LOST, 0, "%s %s was lost with its process: %s",
	           is_query(c) ? "query at" : "login to", conn_portal_text(&c->at, portal),
	           news->text);
}

static enum conn_state act_resolve_timeout(struct conn *c, const struct conn_news *news _unused_)
{
	c->lookup = child_cancel(c->lookup);
	return end(c, CONN_OUTCOME_UNRESOLVED, ETIMEDOUT, "cannot resolve host name %s: %s",
	           c->at.host, strerror(ETIMEDOUT));
}

static enum conn_state act_connect_timeout(struct conn *c, const struct conn_news *news _unused_)
{
	char portal[PORTAL_TEXT_SIZE];

	if (c->addresses_used < c->addresses_count)
		return connect_next(c, -ETIMEDOUT);
	close_socket(c);
	return end(c, CONN_OUTCOME_UNCONNECTED, ETIMEDOUT, "cannot connect to %s: %s",
	           conn_portal_text(&c->at, portal), strerror(ETIMEDOUT));
}

static enum conn_state act_login_timeout(struct conn *c, const struct conn_news *news _unused_)
{
	char portal[PORTAL_TEXT_SIZE];

	if (c->complete)
		return all_told(c);
	broker_cancel(c->broker, &c->login);
	close_socket(c);
	if (c->discovering)
		return end(c, CONN_OUTCOME_SILENT, ETIMEDOUT,
		           time_left(c) ? "%s did not go on with its list of targets"
		                        : "the list of targets of %s takes too long",
		           conn_portal_text(&c->at, portal));
	return end(c, CONN_OUTCOME_SILENT, ETIMEDOUT,
	           "%s took the connection but did not answer in time",
	           conn_portal_text(&c->at, portal));
}

/* T1 and so on: RFC 7143 section 8.1.2. */
static const struct conn_row {
	unsigned int states;
	enum conn_event event;
	enum conn_state (*action)(struct conn *c, const struct conn_news *news);
} rows[] = {
	{CONN_FREE, CONN_START, act_start},                    /* T1 */
	{CONN_RESOLVING, CONN_RESOLVED, act_connect},          /* T1 */
	{CONN_RESOLVING, CONN_UNRESOLVED, act_unresolved},     /* stays in S1 */
	{CONN_RESOLVING, CONN_TIMEOUT, act_resolve_timeout},   /* stays in S1 */
	{CONN_CONNECTING, CONN_CONNECTED, act_login},          /* T4 */
	{CONN_CONNECTING, CONN_UNCONNECTED, act_connect_next}, /* T2, then T1 */
	{CONN_CONNECTING, CONN_TIMEOUT, act_connect_timeout},  /* T2, then T1 */
	{CONN_IN_LOGIN, CONN_LOGIN_DONE, act_done},            /* T5 */
	{CONN_IN_LOGIN, CONN_LOGIN_REDIRECTED, act_redirect},  /* T7, then T1 */
	{CONN_IN_LOGIN, CONN_LOGIN_FAILED, act_failed},        /* T7 */
	{CONN_IN_LOGIN, CONN_LOGIN_LOST, act_lost},            /* T7 */
	{CONN_IN_LOGIN, CONN_TIMEOUT, act_login_timeout},      /* T7 */
};

static const struct conn_row *row_of(enum conn_state state, enum conn_event event)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].states & state && rows[i].event == event)
			return &rows[i];
	}
	return NULL;
}

bool conn_handles(enum conn_state state, enum conn_event event)
{
	return row_of(state, event) != NULL;
}

static void conn_event(struct conn *c, enum conn_event event, const struct conn_news *news)
{
	const struct conn_row *row = row_of(c->state, event);

	if (row) {
		c->state = row->action(c, news);
	} else {
		log_error("connection to %s: event %d in state %#x has no place", c->at.host,
		          (int)event, (unsigned int)c->state);
		broker_cancel(c->broker, &c->login);
		close_socket(c);
		c->state = end(c, CONN_OUTCOME_INTERNAL, 0, "connection to %s: internal error",
		               c->at.host);
	}
	if (c->state != CONN_ENDED)
		return;
	loop_timer_stop(c->timer);
	c->callbacks.ended(c->data, &c->result);
}

static void on_timer(void *data)
{
	struct conn *c = (struct conn *)data;

	conn_event(c, c->state == CONN_FREE ? CONN_START : CONN_TIMEOUT, NULL);
}

int conn_start(struct loop *loop, struct broker *broker, const struct conn_config *config,
               const struct conn_callbacks *callbacks, void *data, struct conn **ret)
{
	struct conn *c = (struct conn *)calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	r = loop_add_timer(loop, on_timer, c, &c->timer);
	if (r < 0) {
		free(c);
		return r;
	}
	c->state = CONN_FREE;
	c->fd = -1;
	c->config = *config;
	c->at = config->portal;
	c->callbacks = *callbacks;
	c->loop = loop;
	c->broker = broker;
	c->data = data;
	broker_login_init(&c->login);
	loop_timer_set(c->timer, 0);
	*ret = c;
	return 0;
}

struct conn *conn_free(struct conn *conn)
{
	if (!conn)
		return NULL;
	broker_cancel(conn->broker, &conn->login);
	child_cancel(conn->lookup);
	close_socket(conn);
	close_made(conn);
	loop_source_free(conn->timer);
	explicit_bzero(&conn->config.login.auth, sizeof(conn->config.login.auth));
	free(conn);
	return NULL;
}

int conn_take_fd(struct conn *conn)
{
	return take_fd(&conn->fd);
}

const struct portal *conn_portal(const struct conn *conn)
{
	return &conn->at;
}

enum conn_state conn_state(const struct conn *conn)
{
	return conn->state;
}
