/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of two sessions that hold the last paths to a multipath map only one may pass: one that is on its
 * way out or being looked at counts as gone for the other.
 */
#include "iscsid/safe_logout.h"

#include <errno.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/host/block.h"

enum { USES_SIZE = 900 }; /* within the detail of an answer */

struct look {
	const char *sysfs, *proc;
	int sid;
	const int *leaving;
	size_t leaving_count;
};

/* Runs in the child: -EBUSY, and what uses the disks on out, or why that is not known. */
static int look_run(const void *arg, int out)
{
	const struct look *look = (const struct look *)arg;
	struct host_block *block;
	struct host_uses uses;
	char text[USES_SIZE];
	int r = host_block_open(look->sysfs, look->proc, &block);

	if (r == 0)
		r = host_block_uses(block, look->sid, look->leaving, look->leaving_count, &uses);
	if (r < 0 || uses.count == 0)
		return r;
	host_uses_text(&uses, text, sizeof(text));
	return write(out, text, strlen(text)) < 0 ? -errno : -EBUSY;
}

/* What the daemon itself asks for is logged by who asks. */
static bool client_asks(const struct session *s)
{
	list_for_each (n, &s->checks) {
		if (!list_entry(n, struct request, node)->asker)
			return true;
	}
	return false;
}

static void log_refusal(const struct session *s, int result, const char *text)
{
	if (result == -EBUSY) {
		log_warning("Session %u is actively in use for mounted storage, and "
		            "iscsid.safe_logout is configured.",
		            s->sid);
		log_info("session %u %s: in use: %s", s->sid, s->id.target_name, text);
	} else {
		log_warning("session %u %s: %s; it is not logged out, as iscsid.safe_logout is "
		            "configured",
		            s->sid, s->id.target_name, text);
	}
}

static void refuse(struct session *s, int result, const char *uses, size_t len)
{
	char text[USES_SIZE + 64];

	if (result == -EBUSY)
		snprintf(text, sizeof(text), "%.*s", (int)len, uses);
	else
		snprintf(text, sizeof(text), "cannot see what uses its disks: %s",
		         result == -ELIBACC ? "libmount.so.1 is not installed" : strerror(-result));
	if (client_asks(s))
		log_refusal(s, result, text);
	while (!list_empty(&s->checks))
		request_done(list_entry(s->checks.next, struct request, node), ISCSI_ERR_BUSY,
		             "in use: %s", text);
}

static void on_looked(void *data, int result, const void *output, size_t len)
{
	struct session *s = (struct session *)data;

	s->check = NULL;
	/* one that somebody has sent away meanwhile goes for all */
	if (result < 0 && !(s->state & SESSION_LEAVING)) {
		refuse(s, result, (const char *)output, len);
		return;
	}
	list_splice(&s->logouts, &s->checks);
	session_event(s, SESSION_LOGOUT_WANTED, NULL);
}

/* The sessions that cannot be counted on; NULL: no memory. */
static int *leaving_sids(const struct manager *m, size_t *ret_count)
{
	size_t count = 0;
	int *sids;

	list_for_each (n, &m->sessions)
		count++;
	sids = (int *)calloc(count + 1, sizeof(*sids));
	if (!sids)
		return NULL;
	count = 0;
	list_for_each (n, &m->sessions) {
		const struct session *s = list_entry(n, struct session, node);

		if (s->check || s->state & SESSION_LEAVING)
			sids[count++] = (int)s->sid;
	}
	*ret_count = count;
	return sids;
}

static int look(struct session *s)
{
	_cleanup_free_ int *leaving = NULL;
	struct look look = {
		.sysfs = s->manager->sysfs, .proc = s->manager->proc, .sid = (int)s->sid};
	const struct child_job job = {
		.run = look_run,
		.arg = &look,
		.deadline_usec = SAFE_LOGOUT_DEADLINE_SEC * USEC_PER_SEC,
		.done = on_looked,
		.data = s,
	};

	leaving = leaving_sids(s->manager, &look.leaving_count);
	look.leaving = leaving;
	return leaving ? child_start(s->manager->loop, &job, &s->check) : -ENOMEM;
}

void safe_logout(struct session *s, struct request *request)
{
	int r = 0;

	/* nothing to look at, or it is too late */
	if (s->sid == 0 || s->state & SESSION_LEAVING) {
		session_join_logout(s, request);
		session_event(s, SESSION_LOGOUT_WANTED, NULL);
		return;
	}
	list_append(&s->checks, &request->node);
	if (!s->check)
		r = look(s);
	if (r < 0)
		refuse(s, r, "", 0);
}
