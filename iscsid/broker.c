/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ids are never used twice, so that a late answer to a login that was cancelled finds nobody.
 * A listener may send and cancel logins in its calls.
 */
#include "iscsid/broker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "iscsid/peer_process.h"
#include "lib/base/log.h"

/* Between two starts: a peer that dies at once must not keep the machine busy. */
enum { RESTART_USEC = 1 * (int)USEC_PER_SEC };

/* A process that has not listened for so many looks in a row is replaced. */
enum { LOOK_USEC = 1 * (int)USEC_PER_SEC, LOOKS_MAX = 5 };

struct broker {
	struct peer *peer;
	struct loop_source *source;
	struct loop_source *restart;
	struct loop_source *look;
	bool looking;       /* the timer runs */
	unsigned int looks; /* in vain, in a row */
	struct list_node logins;
	uint64_t last_id;
	uint64_t started_usec;
	/* borrowed */
	struct loop *loop;
};

void broker_login_init(struct broker_login *login)
{
	*login = (struct broker_login){0};
	list_init(&login->node);
}

static struct broker_login *login_by_id(struct broker *b, uint64_t id)
{
	list_for_each (n, &b->logins) {
		struct broker_login *l = list_entry(n, struct broker_login, node);

		if (l->id == id)
			return l;
	}
	return NULL;
}

static void login_forget(struct broker_login *login)
{
	list_remove(&login->node);
	login->id = 0;
}

static void on_target(void *data, const struct peer_target *message)
{
	struct broker_login *l = login_by_id((struct broker *)data, message->head.id);

	if (l && l->listener->target)
		l->listener->target(l->data, message);
}

static void on_refused_target(void *data, const struct peer_refused_target *message)
{
	struct broker_login *l = login_by_id((struct broker *)data, message->head.id);

	if (l && l->listener->refused_target)
		l->listener->refused_target(l->data, message);
}

static void on_complete(void *data, const struct peer_complete *message)
{
	struct broker_login *l = login_by_id((struct broker *)data, message->head.id);

	if (l && l->listener->complete)
		l->listener->complete(l->data);
}

static void on_pdu(void *data, const struct peer_pdu *message)
{
	struct broker_login *l = login_by_id((struct broker *)data, message->head.id);

	if (l && l->listener->pdu)
		l->listener->pdu(l->data, message);
}

static void on_notice(void *data, const struct peer_notice *message)
{
	struct broker_login *l = login_by_id((struct broker *)data, message->head.id);

	if (l && l->listener->notice)
		l->listener->notice(l->data, message);
}

static void on_done(void *data, const struct peer_done *message)
{
	struct broker_login *l = login_by_id((struct broker *)data, message->head.id);

	if (!l)
		return;
	login_forget(l);
	l->listener->done(l->data, message);
}

static void on_died(void *data, const char *why)
{
	struct broker *b = (struct broker *)data;
	struct list_node lost;
	uint64_t age = loop_now() - b->started_usec;

	log_error("the login process has ended (%s); it is started again", why);
	loop_timer_set(b->restart, age < RESTART_USEC ? RESTART_USEC - age : 0);
	list_init(&lost);
	list_splice(&lost, &b->logins);
	while (!list_empty(&lost)) {
		struct broker_login *l = list_entry(lost.next, struct broker_login, node);

		login_forget(l);
		l->listener->lost(l->data, why);
	}
}

static void on_ended(void *data _unused_, const char *how)
{
	log_notice("the login process that has ended: %s", how);
}

static void on_peer(void *data, uint32_t events _unused_)
{
	peer_handle(((struct broker *)data)->peer);
}

static int start(struct broker *b)
{
	b->started_usec = loop_now();
	return peer_start(b->peer);
}

static void on_restart(void *data)
{
	struct broker *b = (struct broker *)data;
	int r = start(b);

	if (r == 0)
		return;
	log_error("cannot start the login process: %s; trying again", strerror(-r));
	loop_timer_set(b->restart, RESTART_USEC);
}

static void on_look(void *data)
{
	struct broker *b = (struct broker *)data;

	b->looking = false;
	if (peer_listens(b->peer)) {
		b->looks = 0;
		return;
	}
	if (++b->looks == LOOKS_MAX) {
		b->looks = 0;
		peer_give_up(b->peer, "killed: it does not listen");
		return;
	}
	b->looking = true;
	loop_timer_set(b->look, LOOK_USEC);
}

/* Something was said: whatever a target has sent, the process must come to read it. */
static void look_later(struct broker *b)
{
	if (b->looking)
		return;
	b->looking = true;
	loop_timer_set(b->look, LOOK_USEC);
}

int broker_new(struct loop *loop, const char *run_dir, struct broker **ret)
{
	struct broker *b = (struct broker *)calloc(1, sizeof(*b));
	struct peer_config config = {
		.run_dir = run_dir,
		.callbacks = {on_target, on_refused_target, on_complete, on_pdu, on_notice, on_done,
	                      on_died, on_ended},
		.data = b,
	};
	int r;

	if (!b)
		return -ENOMEM;
	b->loop = loop;
	list_init(&b->logins);
	b->peer = peer_new(&config);
	r = b->peer ? loop_add_timer(loop, on_restart, b, &b->restart) : -ENOMEM;
	if (r == 0)
		r = loop_add_timer(loop, on_look, b, &b->look);
	if (r == 0)
		r = loop_add_fd(loop, peer_fd(b->peer), EPOLLIN, on_peer, b, &b->source);
	if (r == 0)
		r = start(b);
	if (r < 0) {
		broker_free(b);
		return r;
	}
	*ret = b;
	return 0;
}

struct broker *broker_free(struct broker *broker)
{
	if (!broker)
		return NULL;
	loop_source_free(broker->source);
	loop_source_free(broker->restart);
	loop_source_free(broker->look);
	peer_free(broker->peer);
	free(broker);
	return NULL;
}

static void login_remember(struct broker *broker, struct broker_login *login, uint64_t id,
                           const struct broker_listener *listener, void *data)
{
	login->id = id;
	login->listener = listener;
	login->data = data;
	list_append(&broker->logins, &login->node);
}

int broker_send(struct broker *broker, struct broker_login *login, const struct peer_login *message,
                int fd, const struct broker_listener *listener, void *data)
{
	struct peer_login copy = *message;
	int r;

	copy.head.id = ++broker->last_id;
	r = peer_send_login(broker->peer, &copy, fd);
	explicit_bzero(&copy.auth, sizeof(copy.auth));
	if (r < 0)
		return r;
	login_remember(broker, login, copy.head.id, listener, data);
	look_later(broker);
	return 0;
}

int broker_send_pdu(struct broker *broker, struct broker_login *login, const uint8_t *bytes,
                    size_t len)
{
	return login->id ? peer_send_pdu(broker->peer, login->id, bytes, len) : -ENOENT;
}

int broker_read(struct broker *broker, struct broker_login *reader, const uint8_t *bytes,
                size_t len, const struct broker_listener *listener, void *data)
{
	const uint64_t id = reader->id ? reader->id : broker->last_id + 1;
	int r = peer_send_read(broker->peer, id, bytes, len);

	look_later(broker);
	if (r == 0 && !reader->id) {
		broker->last_id = id;
		login_remember(broker, reader, id, listener, data);
	}
	return r;
}

void broker_cancel(struct broker *broker, struct broker_login *login)
{
	if (!login->id)
		return;
	/* without a process there is nothing to cancel */
	peer_send_cancel(broker->peer, login->id);
	look_later(broker);
	login_forget(login);
}
