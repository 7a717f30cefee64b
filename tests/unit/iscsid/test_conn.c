/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection against a peer process that says what it likes: the test stands in for the broker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/broker.h"
#include "iscsid/conn.h"
#include "lib/base/macros.h"

enum { TIMEOUT_USEC = 20 * USEC_PER_SEC };

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
	bool ended;
	struct conn_result result;
};

static void on_ended(void *data, const struct conn_result *result)
{
	struct owner *o = (struct owner *)data;

	o->ended = true;
	o->result = *result;
}

static int listen_somewhere(uint16_t *ret_port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

/* Targets are a discovery's: for a session they must not touch the time that the login has. */
static void targets_that_nobody_asked_for_change_nothing(void **state _unused_)
{
	static const struct conn_callbacks callbacks = {.ended = on_ended};
	const struct peer_target target = {.target_name = "iqn.2024-01.org.example:a"};
	const struct peer_refused_target refused = {.text = "a name"};
	const struct peer_done done = {.outcome = PEER_OUTCOME_DONE};
	struct conn_config config = {
		.portal = {.host = "127.0.0.1", .tpgt = PORTAL_TPGT_UNKNOWN},
		.timeout_usec = TIMEOUT_USEC,
	};
	struct owner owner = {0};
	struct loop *loop;
	struct conn *conn;
	int fd = listen_somewhere(&config.portal.port);

	listener = NULL;
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(conn_start(loop, NULL, &config, &callbacks, &owner, &conn), 0);
	while (!listener && !owner.ended)
		assert_int_equal(loop_step(loop, TIMEOUT_USEC), 0);
	assert_non_null(listener);

	listener->target(listener_data, &target);
	listener->refused_target(listener_data, &refused);
	/* what became due by them comes now */
	assert_int_equal(loop_step(loop, USEC_PER_MSEC), 0);
	assert_false(owner.ended);
	listener->done(listener_data, &done);
	assert_true(owner.ended);
	assert_int_equal(owner.result.outcome, CONN_OUTCOME_LOGGED_IN);
	conn_free(conn);
	loop_free(loop);
	close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_that_nobody_asked_for_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
