/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection whose sockets, look-ups and peer process do what the test says: it stands in for
 * connect.c, connect_lookup.c and the broker.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/broker.h"
#include "iscsid/conn.h"
#include "lib/base/macros.h"

enum { TIMEOUT_USEC = 20 * USEC_PER_SEC };

/* ---- sockets ------------------------------------------------------------------------------ */

enum { HANGS = 0, CONNECTS = 1 }; /* or a negative errno */

static struct {
	int begins[CONNECT_ADDRESSES_MAX]; /* how the connection to each address begins */
	unsigned int begun, made;
	int other_ends[CONNECT_ADDRESSES_MAX];
	/* the look-up: how many addresses, or a negative errno and its text */
	int addresses;
	const char *text;
	struct connect_lookup_job job;
} net;

/* One that never becomes writable. */
static int full_socket(void)
{
	static const char block[4096];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
	                 0);
	while (write(pair[0], block, sizeof(block)) > 0)
		;
	net.other_ends[net.made++] = pair[1];
	return pair[0];
}

int connect_socket(struct connect_address *to _unused_, const struct connect_path *path _unused_,
                   int *ret_fd, char fault[static CONNECT_FAULT_SIZE])
{
	fault[0] = '\0';
	*ret_fd = full_socket();
	return 0;
}

int connect_begin(int fd _unused_, const struct connect_address *to _unused_,
                  const struct connect_path *path _unused_)
{
	return net.begins[net.begun++];
}

int connect_result(int fd _unused_)
{
	return 0;
}

int connect_lookup(struct loop *loop _unused_, const struct connect_lookup_job *job,
                   struct child **ret)
{
	net.job = *job;
	*ret = NULL;
	return 0;
}

size_t connect_lookup_output(const void *output _unused_, size_t len,
                             struct connect_address ret[static CONNECT_ADDRESSES_MAX])
{
	memset(ret, 0, len * sizeof(*ret));
	return len;
}

/* ---- the broker --------------------------------------------------------------------------- */

static const struct broker_listener *listener;
static void *listener_data;

void broker_login_init(struct broker_login *login)
{
	*login = (struct broker_login){0};
}

int broker_send(struct broker *broker _unused_, struct broker_login *login _unused_,
                const struct peer_login *message _unused_, int fd _unused_,
                const struct broker_listener *l, void *data)
{
	listener = l;
	listener_data = data;
	return 0;
}

void broker_cancel(struct broker *broker _unused_, struct broker_login *login _unused_)
{
}

/* ---- the owner ---------------------------------------------------------------------------- */

struct owner {
	struct loop *loop;
	struct conn *conn;
	unsigned int targets;
	bool ended;
	struct conn_result result;
};

static void on_ended(void *data, const struct conn_result *result)
{
	struct owner *o = (struct owner *)data;

	o->ended = true;
	o->result = *result;
}

static void on_target(void *data, const struct peer_target *message _unused_)
{
	((struct owner *)data)->targets++;
}

static const struct conn_callbacks session_callbacks = {.ended = on_ended};
static const struct conn_callbacks discovery_callbacks = {.target = on_target, .ended = on_ended};

static struct conn_config config_for(const char *host)
{
	struct conn_config config = {
		.portal = {.port = 3260, .tpgt = PORTAL_TPGT_UNKNOWN},
		.timeout_usec = TIMEOUT_USEC,
		.login.purpose = PEER_PURPOSE_DISCOVERY,
	};

	snprintf(config.portal.host, sizeof(config.portal.host), "%s", host);
	return config;
}

static void begin(struct owner *o, const struct conn_config *config,
                  const struct conn_callbacks *callbacks)
{
	listener = NULL;
	*o = (struct owner){0};
	assert_int_equal(loop_new(&o->loop), 0);
	assert_int_equal(conn_start(o->loop, NULL, config, callbacks, o, &o->conn), 0);
}

static void turn(struct owner *o)
{
	assert_int_equal(loop_step(o->loop, USEC_PER_MSEC), 0);
}

/* The look-up has ended as net says. */
static void looked_up(struct owner *o)
{
	while (conn_state(o->conn) == CONN_FREE)
		turn(o);
	assert_int_equal(conn_state(o->conn), CONN_RESOLVING);
	if (net.addresses < 0) {
		net.job.done(net.job.data, net.addresses, net.text, strlen(net.text));
		return;
	}
	for (int i = 0; net.job.path->netns[0] && i < net.addresses; i++)
		net.job.descriptor(net.job.data, full_socket());
	net.job.done(net.job.data, 0, "", (size_t)net.addresses);
}

static void finish(struct owner *o)
{
	conn_free(o->conn);
	loop_free(o->loop);
}

static int setup(void **state _unused_)
{
	memset(&net, 0, sizeof(net));
	return 0;
}

static int teardown(void **state _unused_)
{
	for (unsigned int i = 0; i < net.made; i++)
		close(net.other_ends[i]);
	return 0;
}

/* ---- tests --------------------------------------------------------------------------------- */

/* Targets are a discovery's: for a session they must not touch the time that the login has. */
static void targets_that_nobody_asked_for_change_nothing(void **state _unused_)
{
	const struct peer_target target = {.target_name = "iqn.2024-01.org.example:a"};
	const struct peer_refused_target refused = {.text = "a name"};
	const struct peer_done done = {.outcome = PEER_OUTCOME_DONE};
	const struct conn_config config = config_for("127.0.0.1");
	struct owner o;

	net.begins[0] = CONNECTS;
	begin(&o, &config, &session_callbacks);
	while (!listener && !o.ended)
		turn(&o);
	assert_non_null(listener);
	listener->target(listener_data, &target);
	listener->refused_target(listener_data, &refused);
	listener->complete(listener_data);
	/* what became due by them comes now */
	turn(&o);
	assert_false(o.ended);
	listener->done(listener_data, &done);
	assert_true(o.ended);
	assert_int_equal(o.result.outcome, CONN_OUTCOME_LOGGED_IN);
	finish(&o);
}

/* Of three addresses one is silent and one refuses: there is time for the third. */
static void every_address_of_a_name_is_tried(void **state _unused_)
{
	struct conn_config config = config_for("disk.example");
	struct owner o;

	config.timeout_usec = 300 * USEC_PER_MSEC;
	net.addresses = 3;
	net.begins[0] = HANGS;
	net.begins[1] = -ECONNREFUSED;
	net.begins[2] = CONNECTS;
	begin(&o, &config, &session_callbacks);
	looked_up(&o);
	assert_int_equal(net.begun, 1);
	while (!listener && !o.ended)
		turn(&o);
	assert_non_null(listener);
	assert_int_equal(net.begun, 3);
	finish(&o);
}

static void the_last_address_says_why_there_is_no_connection(void **state _unused_)
{
	const struct conn_config config = config_for("disk.example");
	struct owner o;

	net.addresses = 2;
	net.begins[0] = -ENETUNREACH;
	net.begins[1] = -ECONNREFUSED;
	begin(&o, &config, &session_callbacks);
	looked_up(&o);
	assert_true(o.ended);
	assert_int_equal(o.result.outcome, CONN_OUTCOME_UNCONNECTED);
	assert_int_equal(o.result.error, ECONNREFUSED);
	assert_string_equal(o.result.text,
	                    "cannot connect to disk.example:3260: Connection refused");
	finish(&o);
}

static void sockets_of_a_namespace_come_from_the_look_up(void **state _unused_)
{
	struct conn_config config = config_for("192.0.2.1");
	struct owner o;

	snprintf(config.path.netns, sizeof(config.path.netns), "red");
	net.addresses = 2;
	net.begins[0] = -EHOSTUNREACH;
	net.begins[1] = CONNECTS;
	begin(&o, &config, &session_callbacks);
	looked_up(&o);
	assert_non_null(listener);
	assert_int_equal(net.begun, 2);
	assert_int_equal(net.made, 2); /* those of the look-up alone */
	finish(&o);
}

static void a_way_that_is_not_there_is_told_in_its_own_words(void **state _unused_)
{
	struct conn_config config = config_for("192.0.2.1");
	struct owner o;

	snprintf(config.path.netns, sizeof(config.path.netns), "red");
	net.addresses = -ENODEV;
	net.text = "no network namespace /run/netns/red";
	begin(&o, &config, &session_callbacks);
	looked_up(&o);
	assert_true(o.ended);
	assert_int_equal(o.result.outcome, CONN_OUTCOME_NO_WAY);
	assert_string_equal(o.result.text,
	                    "cannot connect to 192.0.2.1: no network namespace /run/netns/red");
	finish(&o);
}

/* RFC 4007 section 6: a zone is a name of the target's host. */
static void a_redirect_into_a_zone_of_the_target_s_is_not_followed(void **state _unused_)
{
	const struct conn_config config = config_for("192.0.2.1");
	const struct peer_done redirect = {
		.outcome = PEER_OUTCOME_REDIRECTED, .address = "fe80::2%ens3", .port = 3260};
	struct owner o;

	net.begins[0] = CONNECTS;
	begin(&o, &config, &session_callbacks);
	while (!listener)
		turn(&o);
	listener->done(listener_data, &redirect);
	assert_true(o.ended);
	assert_int_equal(o.result.outcome, CONN_OUTCOME_PROTOCOL);
	assert_non_null(strstr(o.result.text, "fe80::2%ens3"));
	finish(&o);
}

/* Targets come and come, none of them late. */
static void a_list_of_targets_that_never_ends_is_given_up(void **state _unused_)
{
	const struct peer_target target = {.target_name = "iqn.2024-01.org.example:a"};
	struct conn_config config = config_for("127.0.0.1");
	struct owner o;

	config.idle_usec = TIMEOUT_USEC;
	config.total_usec = 50 * USEC_PER_MSEC;
	net.begins[0] = CONNECTS;
	begin(&o, &config, &discovery_callbacks);
	while (!listener)
		turn(&o);
	while (!o.ended) {
		listener->target(listener_data, &target);
		turn(&o);
	}
	assert_true(o.targets > 1);
	assert_int_equal(o.result.outcome, CONN_OUTCOME_SILENT);
	assert_string_equal(o.result.text, "the list of targets of 127.0.0.1:3260 takes too long");
	finish(&o);
}

static void a_list_of_targets_that_stops_is_given_up(void **state _unused_)
{
	const struct peer_target target = {.target_name = "iqn.2024-01.org.example:a"};
	struct conn_config config = config_for("127.0.0.1");
	struct owner o;

	config.idle_usec = 20 * USEC_PER_MSEC;
	config.total_usec = TIMEOUT_USEC;
	net.begins[0] = CONNECTS;
	begin(&o, &config, &discovery_callbacks);
	while (!listener)
		turn(&o);
	listener->target(listener_data, &target);
	while (!o.ended)
		turn(&o);
	assert_int_equal(o.result.outcome, CONN_OUTCOME_SILENT);
	assert_string_equal(o.result.text, "127.0.0.1:3260 did not go on with its list of targets");
	finish(&o);
}

/* That a target, or a server, does not take the goodbye is nobody's loss. */
static void a_list_that_is_complete_counts_whatever_comes_behind_it(void **state _unused_)
{
	static const struct {
		enum peer_purpose purpose;
		bool lost;
		enum conn_outcome outcome;
	} rows[] = {
		{PEER_PURPOSE_DISCOVERY, false, CONN_OUTCOME_LOGGED_IN},
		{PEER_PURPOSE_DISCOVERY, true, CONN_OUTCOME_LOGGED_IN},
		{PEER_PURPOSE_ISNS, false, CONN_OUTCOME_ANSWERED},
		{PEER_PURPOSE_ISNS, true, CONN_OUTCOME_ANSWERED},
	};
	const struct peer_target target = {.target_name = "iqn.2024-01.org.example:a"};
	struct conn_config config = config_for("127.0.0.1");

	config.idle_usec = 20 * USEC_PER_MSEC;
	config.total_usec = TIMEOUT_USEC;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct owner o;

		config.login.purpose = rows[i].purpose;
		net.begun = 0;
		net.begins[0] = CONNECTS;
		begin(&o, &config, &discovery_callbacks);
		while (!listener)
			turn(&o);
		listener->target(listener_data, &target);
		listener->complete(listener_data);
		if (rows[i].lost)
			listener->lost(listener_data, "it was killed");
		while (!o.ended)
			turn(&o);
		assert_int_equal(o.result.outcome, rows[i].outcome);
		finish(&o);
	}
}

/* What the login process says of a query, and what it may say of a login only. */
static void a_query_ends_as_queries_do(void **state _unused_)
{
	static const struct {
		struct peer_done done;
		enum conn_outcome outcome;
		const char *text;
	} rows[] = {
		{{.outcome = PEER_OUTCOME_ANSWERED}, CONN_OUTCOME_ANSWERED, "answered"},
		{{.outcome = PEER_OUTCOME_ISNS_REFUSED, .isns_function = 2, .isns_status = 8},
	         CONN_OUTCOME_ISNS_REFUSED,
	         "192.0.2.1:3260 refused the query with status 8: Source unauthorized"},
		{{.outcome = PEER_OUTCOME_ISNS_REFUSED, .isns_function = 1, .isns_status = 99},
	         CONN_OUTCOME_ISNS_REFUSED,
	         "192.0.2.1:3260 refused the registration with status 99: Unknown status"},
		{{.outcome = PEER_OUTCOME_CLOSED},
	         CONN_OUTCOME_CLOSED,
	         "192.0.2.1:3260 closed the connection unanswered"},
		{{.outcome = PEER_OUTCOME_CLOSED, .error = ECONNRESET},
	         CONN_OUTCOME_CLOSED,
	         "192.0.2.1:3260 closed the connection unanswered: Connection reset by peer"},
		{{.outcome = PEER_OUTCOME_PROTOCOL, .text = "why"},
	         CONN_OUTCOME_PROTOCOL,
	         "query at 192.0.2.1:3260 failed: why"},
		{{.outcome = PEER_OUTCOME_INTERNAL, .text = "why"},
	         CONN_OUTCOME_INTERNAL,
	         "query at 192.0.2.1:3260 failed: why"},
		{{.outcome = PEER_OUTCOME_DONE}, CONN_OUTCOME_INTERNAL, NULL},
		{{.outcome = PEER_OUTCOME_REDIRECTED, .address = "192.0.2.2", .port = 1},
	         CONN_OUTCOME_INTERNAL,
	         NULL},
		{{.outcome = PEER_OUTCOME_REFUSED, .status_class = 2}, CONN_OUTCOME_INTERNAL, NULL},
		{{.outcome = PEER_OUTCOME_AUTH_FAILED}, CONN_OUTCOME_INTERNAL, NULL},
	};
	struct conn_config config = config_for("192.0.2.1");

	config.login.purpose = PEER_PURPOSE_ISNS;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct owner o;

		memset(&net, 0, sizeof(net));
		net.begins[0] = CONNECTS;
		begin(&o, &config, &discovery_callbacks);
		while (!listener)
			turn(&o);
		listener->done(listener_data, &rows[i].done);
		assert_true(o.ended);
		assert_int_equal(o.result.outcome, rows[i].outcome);
		if (rows[i].text)
			assert_string_equal(o.result.text, rows[i].text);
		finish(&o);
		teardown(NULL);
	}
	memset(&net, 0, sizeof(net));
}

/* Nor does a login end as a query does. */
static void a_login_is_not_answered(void **state _unused_)
{
	static const struct peer_done dones[] = {
		{.outcome = PEER_OUTCOME_ANSWERED},
		{.outcome = PEER_OUTCOME_ISNS_REFUSED, .isns_function = 2, .isns_status = 8},
	};
	struct conn_config config = config_for("192.0.2.1");

	config.login.purpose = PEER_PURPOSE_SESSION;
	for (size_t i = 0; i < ARRAY_LEN(dones); i++) {
		struct owner o;

		memset(&net, 0, sizeof(net));
		net.begins[0] = CONNECTS;
		begin(&o, &config, &session_callbacks);
		while (!listener)
			turn(&o);
		listener->done(listener_data, &dones[i]);
		assert_true(o.ended);
		assert_int_equal(o.result.outcome, CONN_OUTCOME_INTERNAL);
		finish(&o);
		teardown(NULL);
	}
	memset(&net, 0, sizeof(net));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(targets_that_nobody_asked_for_change_nothing),
		TEST(a_query_ends_as_queries_do),
		TEST(a_login_is_not_answered),
		TEST(every_address_of_a_name_is_tried),
		TEST(the_last_address_says_why_there_is_no_connection),
		TEST(sockets_of_a_namespace_come_from_the_look_up),
		TEST(a_way_that_is_not_there_is_told_in_its_own_words),
		TEST(a_redirect_into_a_zone_of_the_target_s_is_not_followed),
		TEST(a_list_of_targets_that_never_ends_is_given_up),
		TEST(a_list_of_targets_that_stops_is_given_up),
		TEST(a_list_that_is_complete_counts_whatever_comes_behind_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
