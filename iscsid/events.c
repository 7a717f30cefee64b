/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/events.h"

#include <inttypes.h>
#include <time.h>

#include "iscsid/nl_message.h"
#include "iscsid/session.h"

static const char *const names[EVENTS_COUNT] = {
	[EVENT_UP] = "up",
	[EVENT_DOWN] = "down",
	[EVENT_RECOVERING] = "recovering",
	[EVENT_RECOVERED] = "recovered",
	[EVENT_LOGGED_OUT] = "logged-out",
	[EVENT_LOGIN_FAILED] = "login-failed",
	[EVENT_DISK_ADDED] = "disk-added",
	[EVENT_DISK_REMOVED] = "disk-removed",
};

/* In the kernel with the first login done. */
#define ESTABLISHED (SESSION_SCANNING | SESSION_LOGGED_IN)
/* The target has not said yes. */
#define TRYING (SESSION_PENDING & ~(unsigned int)SESSION_SCANNING)

/* Which change of state is which event; the first row that fits. */
static const struct {
	unsigned int before, after;
	enum event event;
} changes[] = {
	{SESSION_PENDING, SESSION_LOGGED_IN, EVENT_UP},
	{SESSION_RECOVERING, ESTABLISHED, EVENT_RECOVERED},
	{ESTABLISHED, SESSION_BROKEN, EVENT_DOWN},
	{SESSION_RECOVER_WAIT, SESSION_RECONNECT, EVENT_RECOVERING},
	{TRYING, SESSION_GONE, EVENT_LOGIN_FAILED},
	{UINT32_MAX, SESSION_GONE, EVENT_LOGGED_OUT},
};

static const uint64_t login_bounds_msec[EVENTS_LOGIN_BOUNDS] = EVENTS_LOGIN_BOUNDS_MSEC;

void events_init(struct events *e)
{
	*e = (struct events){0};
	list_init(&e->watchers);
}

const char *event_name(enum event event)
{
	return names[event];
}

static void on_watcher_gone(struct request *request, void *data _unused_)
{
	list_remove(&request->node);
}

void events_watch(struct events *e, struct request *request)
{
	request->gone = on_watcher_gone;
	list_append(&e->watchers, &request->node);
}

static void put_event(struct writer *w, enum event event, const struct session *s)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	kv_put(w, KV_NEWLINE, "event", event_name(event));
	kv_putf(w, KV_NEWLINE, "time", "%lld.%06ld", (long long)now.tv_sec, now.tv_nsec / 1000);
	if (s->sid)
		kv_putf(w, KV_NEWLINE, "sid", "%u", s->sid);
	kv_put(w, KV_NEWLINE, "target", s->id.target_name);
	kv_put(w, KV_NEWLINE, "address", s->id.portal.host);
	kv_putf(w, KV_NEWLINE, "port", "%u", s->id.portal.port);
	kv_put(w, KV_NEWLINE, "iface", s->id.iface_name);
}

/* What one kind of event alone has. */
struct particulars {
	const struct session *failed; /* LOGIN_FAILED */
	const char *disk;             /* DISK_ADDED, DISK_REMOVED */
	const char *reason;           /* DOWN */
	uint64_t lun;
	unsigned int attempt; /* RECOVERING */
};

static void put_particulars(struct writer *w, const struct particulars *p)
{
	if (p->failed) {
		kv_putf(w, KV_NEWLINE, "error", "%d", (int)p->failed->error);
		kv_put(w, KV_NEWLINE, "detail", p->failed->detail);
	}
	if (p->reason)
		kv_put(w, KV_NEWLINE, "detail", p->reason);
	if (p->disk) {
		kv_putf(w, KV_NEWLINE, "lun", "%" PRIu64, p->lun);
		kv_put(w, KV_NEWLINE, "disk", p->disk);
	}
	if (p->attempt)
		kv_putf(w, KV_NEWLINE, "attempt", "%u", p->attempt);
}

static void tell(struct events *e, enum event event, const struct session *s,
                 const struct particulars *p)
{
	e->seen[event]++;
	list_for_each (n, &e->watchers) {
		struct request *request = list_entry(n, struct request, node);
		struct writer w;

		if (request_queued(request) > EVENTS_QUEUE_MAX) {
			request_done(request, ISCSI_ERR_AGAIN,
			             "events came faster than they were read; some are lost");
			continue;
		}
		request_begin(request, IPC_REPLY_ITEM, &w);
		put_event(&w, event, s);
		put_particulars(&w, p);
		request_send(request, &w);
	}
}

static void count_login(struct events *e, struct session *s)
{
	size_t bound = 0;

	s->login_usec = loop_now() - s->began_usec;
	while (s->login_usec / 1000 > login_bounds_msec[bound])
		bound++;
	e->logins[bound]++;
	e->login_usec += s->login_usec;
}

void events_session(struct events *e, struct session *s, unsigned int before, int conn_error)
{
	struct particulars p = {0};
	size_t i = 0;

	while (i < ARRAY_LEN(changes) &&
	       !(changes[i].before & before && changes[i].after & (unsigned int)s->state))
		i++;
	if (i == ARRAY_LEN(changes))
		return;
	if (changes[i].event == EVENT_UP)
		count_login(e, s);
	else if (changes[i].event == EVENT_RECOVERED)
		s->recoveries++;
	else if (changes[i].event == EVENT_RECOVERING)
		p.attempt = s->recovery.attempts;
	else if (changes[i].event == EVENT_LOGIN_FAILED)
		p.failed = s;
	else if (changes[i].event == EVENT_DOWN && conn_error > 0)
		p.reason = nl_conn_error_text((uint32_t)conn_error);
	tell(e, changes[i].event, s, &p);
}

void events_disk(struct events *e, const struct session *s, bool added, uint64_t lun,
                 const char *disk)
{
	const struct particulars p = {.disk = disk, .lun = lun};

	tell(e, added ? EVENT_DISK_ADDED : EVENT_DISK_REMOVED, s, &p);
}

void events_put_counters(const struct events *e, struct writer *w)
{
	uint64_t logins = 0;
	char key[32];

	for (size_t i = 0; i < EVENTS_COUNT; i++) {
		snprintf(key, sizeof(key), "seen.%s", names[i]);
		kv_putf(w, KV_NEWLINE, key, "%" PRIu64, e->seen[i]);
	}
	kv_putf(w, KV_NEWLINE, "login.usec", "%" PRIu64, e->login_usec);
	for (size_t i = 0; i < EVENTS_LOGIN_BOUNDS; i++) {
		logins += e->logins[i];
		if (login_bounds_msec[i] == UINT64_MAX)
			snprintf(key, sizeof(key), "login.le.inf");
		else
			snprintf(key, sizeof(key), "login.le.%" PRIu64, login_bounds_msec[i]);
		kv_putf(w, KV_NEWLINE, key, "%" PRIu64, logins);
	}
}
