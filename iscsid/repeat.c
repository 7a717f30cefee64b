/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/repeat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscsid/repeat_child.h"
#include "iscsid/repeat_poll.h"
#include "lib/base/log.h"

/* The records may be on a disk that waits for this daemon. */
enum { READ_DEADLINE_SEC = 120 };

struct repeats {
	struct child *reader; /* NULL: it has read which records say so */
	struct repeat_list list;
	/* borrowed */
	struct manager *manager;
};

static void on_list(void *data, int fd)
{
	struct repeats *repeats = (struct repeats *)data;
	_cleanup_close_ int memory = fd;
	_cleanup_free_ char *text = NULL;
	struct iscsi_db_discovery_id id;
	size_t len = 0;
	int r = child_take_text(memory, REPEAT_TEXT_MAX, &text, &len);

	for (size_t at = 0; r == 0 && at + sizeof(id) <= len; at += sizeof(id)) {
		memcpy(&id, text + at, sizeof(id));
		r = repeat_new(repeats->manager, &id, &repeats->list);
	}
	if (r < 0)
		log_warning("cannot repeat all discoveries: %s, ignoring", strerror(-r));
}

static void on_listed(void *data, int result, const void *output _unused_, size_t len _unused_)
{
	struct repeats *repeats = (struct repeats *)data;

	repeats->reader = NULL;
	if (result == -ENOSPC)
		log_warning("more than %d discovery records say use_discoveryd = Yes; the rest is "
		            "not repeated",
		            REPEATS_MAX);
	else if (result < 0)
		log_warning("cannot read all discovery records: %s, ignoring", strerror(-result));
}

int repeats_new(struct manager *m, struct repeats **ret)
{
	struct repeats *repeats = (struct repeats *)calloc(1, sizeof(*repeats));
	const struct repeat_job work = {.manager = m};
	const struct child_job job = {
		.run = repeat_list,
		.arg = &work,
		.deadline_usec = READ_DEADLINE_SEC * USEC_PER_SEC,
		.done = on_listed,
		.descriptor = on_list,
		.data = repeats,
	};
	int r;

	if (!repeats)
		return -ENOMEM;
	repeats->manager = m;
	list_init(&repeats->list.all);
	r = child_start(m->loop, &job, &repeats->reader);
	if (r < 0)
		free(repeats);
	else
		*ret = repeats;
	return r;
}

struct repeats *repeats_free(struct repeats *repeats)
{
	if (!repeats)
		return NULL;
	child_cancel(repeats->reader);
	list_for_each (n, &repeats->list.all)
		repeat_free_node(n);
	free(repeats);
	return NULL;
}
