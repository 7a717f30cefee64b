/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iscsid/child.h"
#include "lib/base/log.h"
#include "lib/host/module.h"

#define TRANSPORT_NAME   "tcp"
#define TRANSPORT_MODULE "iscsi_tcp"

enum { LOAD_DEADLINE_SEC = 30, EVENTS_PER_TURN = 64 };

struct transport {
	struct nl *nl;
	struct loop_source *events;
	struct child *loading;
	bool usable;
	struct transport_callbacks callbacks;
	/* borrowed */
	struct loop *loop;
	const char *sysfs;
	void *data;
};

static void on_event(void *data, uint32_t events _unused_)
{
	struct transport *t = (struct transport *)data;
	struct nl_event event;

	for (int i = 0; i < EVENTS_PER_TURN; i++) {
		int r = nl_event_next(t->nl, &event);

		if (r < 0)
			log_error("cannot read the kernel's events: %s", strerror(-r));
		if (r <= 0)
			return;
		t->callbacks.event(t->data, &event);
	}
}

static int open_door(struct transport *t)
{
	int r = 0;

	if (!t->nl) {
		r = nl_open(&t->nl);
		if (r == 0)
			r = nl_watch(t->nl);
		if (r == 0)
			r = loop_add_fd(t->loop, nl_event_fd(t->nl), EPOLLIN, on_event, t,
			                &t->events);
		if (r < 0) {
			t->nl = nl_close(t->nl);
			return r;
		}
	}
	r = nl_use_transport(t->nl, t->sysfs, TRANSPORT_NAME);
	t->usable = r == 0;
	return r;
}

int transport_new(struct loop *loop, const char *sysfs, const struct transport_callbacks *callbacks,
                  void *data, struct transport **ret)
{
	struct transport *t = (struct transport *)calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->loop = loop;
	t->sysfs = sysfs;
	t->callbacks = *callbacks;
	t->data = data;
	r = open_door(t);
	if (r < 0)
		log_debug("the kernel's iSCSI is not open yet: %s", strerror(-r));
	*ret = t;
	return 0;
}

struct transport *transport_free(struct transport *t)
{
	if (!t)
		return NULL;
	child_cancel(t->loading);
	loop_source_free(t->events);
	nl_close(t->nl);
	free(t);
	return NULL;
}

struct nl *transport_nl(struct transport *t)
{
	return t->usable ? t->nl : NULL;
}

/* Runs in the child. */
static int load_run(const void *arg, int out _unused_)
{
	return host_module_load((const char *)arg);
}

static void on_loaded(void *data, int result, const void *output _unused_, size_t len _unused_)
{
	struct transport *t = (struct transport *)data;

	t->loading = NULL;
	if (result < 0)
		log_warning("cannot load kernel module " TRANSPORT_MODULE ": %s",
		            strerror(-result));
	/* it may be built in, or somebody else has loaded it */
	result = open_door(t);
	if (result < 0)
		log_error("the kernel has no iSCSI over TCP: %s", strerror(-result));
	t->callbacks.ready(t->data, result);
}

int transport_want(struct transport *t)
{
	const struct child_job job = {
		.run = load_run,
		.arg = TRANSPORT_MODULE,
		.deadline_usec = LOAD_DEADLINE_SEC * USEC_PER_SEC,
		.done = on_loaded,
		.data = t,
	};

	return t->loading ? 0 : child_start(t->loop, &job, &t->loading);
}

int transport_refresh(struct transport *t)
{
	return open_door(t);
}
