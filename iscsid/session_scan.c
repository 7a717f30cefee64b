/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scans of a session, one after the other: what is wished for while one runs is the next one's,
 * all of it together.
 */
#include <errno.h>
#include <string.h>

#include "iscsid/session_fsm.h"
#include "lib/base/log.h"

/* After a recovery: I/O that has waited goes first, and the other sessions' logins. */
enum { REREAD_DELAY_MSEC = 500 };

/*
 * Between two scans that nobody asked for: a target must not keep the machine busy.  A scan makes
 * LUNs tell what they have to tell, and one that always has would be scanned for ever: after so
 * many in a row the pause doubles, up to 64 s.
 */
enum { PACE_USEC = 1 * (int)USEC_PER_SEC, IN_ROW_MAX = 8, PACE_DOUBLINGS_MAX = 6 };

static unsigned int queue_depth(const struct session *s)
{
	return s->record ? scan_queue_depth(iscsi_db_record_get_int(s->record,
	                                                            "node.session.queue_depth", 0))
	                 : 0;
}

static bool wanted(const struct session_scan *scan)
{
	return !scan_luns_empty(&scan->wanted.find) || !scan_luns_empty(&scan->wanted.reread) ||
	       !list_empty(&scan->waiting);
}

static bool can_scan(const struct session *s)
{
	return s->state & (SESSION_SCANNING | SESSION_LOGGED_IN);
}

static void answer_scanned(struct session *s, int result)
{
	while (!list_empty(&s->scan.asked)) {
		struct request *r = list_entry(s->scan.asked.next, struct request, node);

		if (result < 0)
			request_done(r, iscsi_err_from_errno(result),
			             "the scan of session %u did not end well: %s", s->sid,
			             strerror(-result));
		else
			request_done(r, ISCSI_ERR_SUCCESS, "%s", "");
	}
}

static void put_change(struct request *request, const struct scan_change *change)
{
	struct writer w;

	request_begin(request, IPC_REPLY_ITEM, &w);
	kv_putf(&w, KV_NEWLINE, "lun", "%llu", (unsigned long long)change->lun);
	kv_put(&w, KV_NEWLINE, "change", scan_change_name(change->kind));
	kv_put(&w, KV_NEWLINE, "disk", change->disk);
	request_send(request, &w);
}

static uint64_t pace(const struct session_scan *scan)
{
	unsigned int more = scan->in_row > IN_ROW_MAX ? scan->in_row - IN_ROW_MAX : 0;

	return (uint64_t)PACE_USEC << MIN(more, (unsigned int)PACE_DOUBLINGS_MAX);
}

/* The next scan is begun now: one more in the row, or the end of it? */
static void count_in_row(struct session_scan *scan)
{
	const uint64_t now = loop_now();

	if (!list_empty(&scan->waiting) || now > scan->began_usec + 2 * pace(scan))
		scan->in_row = 0;
	else
		scan->in_row++;
	scan->began_usec = now;
}

/* At once for a client; else not sooner than it is time. */
static void schedule(struct session *s)
{
	const uint64_t due = s->scan.began_usec + pace(&s->scan), now = loop_now();
	const bool at_once = !list_empty(&s->scan.waiting) || !s->scan.began_usec;

	loop_timer_set(s->scan.timer, at_once || due < now ? 0 : due - now);
}

static void log_change(const struct session *s, const struct scan_change *change)
{
	static const struct {
		enum log_level level;
		const char *text;
	} lines[] = {
		[SCAN_REPLACED] = {LOG_LEVEL_WARNING,
	                           "is another disk now; it was removed and the other one added"},
		[SCAN_REPLACED_IN_USE] = {LOG_LEVEL_ERROR,
	                                  "is another disk now; it was removed, though in use, and "
	                                  "the other one added"},
		[SCAN_REMOVED] = {LOG_LEVEL_NOTICE, "is gone from the target; it was removed"},
		[SCAN_GONE_IN_USE] = {LOG_LEVEL_WARNING,
	                              "is gone from the target, but in use: it stays until it is "
	                              "not and LUNs are looked for again"},
	};

	log_message(lines[change->kind].level, "session %u %s: LUN %llu (%s) %s", s->sid,
	            s->id.target_name, (unsigned long long)change->lun,
	            change->disk[0] ? change->disk : "no disk", lines[change->kind].text);
}

static void tell_changes(const struct session *s, const uint8_t *output, size_t len)
{
	struct scan_change change;

	for (; len >= sizeof(change); output += sizeof(change), len -= sizeof(change)) {
		memcpy(&change, output, sizeof(change));
		log_change(s, &change);
		list_for_each (n, &s->scan.asked)
			put_change(list_entry(n, struct request, node), &change);
	}
}

static void on_scanned(void *data, int result, const void *output, size_t len)
{
	struct session *s = (struct session *)data;
	const struct session_news news = {.error = result};

	s->scan.child = NULL;
	/* what a broken connection has cut short is done again */
	s->scan.wanted.find.all |= s->scan.first && s->state & SESSION_BROKEN;
	s->scan.first = false;
	if (result < 0)
		log_warning("session %u %s: the scan for LUNs did not end well: %s", s->sid,
		            s->id.target_name, strerror(-result));
	tell_changes(s, (const uint8_t *)output, len);
	answer_scanned(s, result);
	if (wanted(&s->scan))
		schedule(s);
	if (s->state & (SESSION_SCANNING | SESSION_BROKEN))
		session_event(s, SESSION_SCANNED, &news);
}

static struct scan_job job_of(struct session *s)
{
	return (struct scan_job){
		.scan.sysfs = s->manager->sysfs,
		.scan.sid = s->sid,
		.scan.host_no = s->host_no,
		.scan.queue_depth = queue_depth(s),
		.scan.wish = s->scan.wanted,
		.done = on_scanned,
		.data = s,
	};
}

/* All that is wanted, in one child.  0; or a negative errno, logged, and it goes on being wanted.
 */
static int start(struct session *s)
{
	const struct scan_job job = job_of(s);
	int r = scan_start(s->manager->loop, &job, &s->scan.child);

	count_in_row(&s->scan);
	list_splice(&s->scan.asked, &s->scan.waiting);
	if (r == 0) {
		s->scan.wanted = (struct scan_wish){0};
		return 0;
	}
	log_error("session %u %s: cannot scan for LUNs: %s; trying again", s->sid,
	          s->id.target_name, strerror(-r));
	schedule(s);
	return r;
}

static void on_due(void *data)
{
	struct session *s = (struct session *)data;
	char why[64];
	int r;

	if (s->scan.child)
		return;
	if (!can_scan(s)) {
		/* what is wanted still is when it is back: session_scan_recovered() */
		snprintf(why, sizeof(why), "the connection of session %u broke", s->sid);
		session_answer(&s->scan.waiting, ISCSI_ERR_SESSION_NOT_CONNECTED, why);
		return;
	}
	r = start(s);
	if (r < 0)
		answer_scanned(s, r);
}

int session_scan_init(struct session *s)
{
	list_init(&s->scan.asked);
	list_init(&s->scan.waiting);
	return loop_add_timer(s->manager->loop, on_due, s, &s->scan.timer);
}

void session_scan_end(struct session *s)
{
	char why[64];

	s->scan.child = child_cancel(s->scan.child);
	s->scan.first = false;
	s->scan.wanted = (struct scan_wish){0};
	loop_timer_stop(s->scan.timer);
	snprintf(why, sizeof(why), "session %u was logged out meanwhile", s->sid);
	session_answer(&s->scan.asked, ISCSI_ERR_SESS_NOT_FOUND, why);
	session_answer(&s->scan.waiting, ISCSI_ERR_SESS_NOT_FOUND, why);
}

void session_scan_recovered(struct session *s)
{
	s->scan.wanted.reread.all = true;
	if (!s->scan.child)
		loop_timer_set(s->scan.timer, REREAD_DELAY_MSEC * USEC_PER_MSEC);
}

void session_scan_done(struct session *s)
{
	session_scan_end(s);
	loop_source_free(s->scan.timer);
}

bool session_scans_itself(const struct session *s)
{
	const char *how = s->record ? iscsi_db_record_get(s->record, "node.session.scan") : NULL;

	return !how || strcmp(how, "manual") != 0;
}

enum session_state session_first_scan(struct session *s)
{
	if (!session_scans_itself(s))
		return SESSION_LOGGED_IN;
	s->scan.wanted.find.all = true;
	s->scan.first = start(s) == 0;
	return s->scan.first ? SESSION_SCANNING : SESSION_LOGGED_IN;
}

void session_scan(struct session *s, const struct scan_wish *wish, struct request *request)
{
	if (request && !can_scan(s)) {
		request_done(request, ISCSI_ERR_SESSION_NOT_CONNECTED,
		             "session %u has no connection that works at the moment; scan it when "
		             "it is back",
		             s->sid);
		return;
	}
	scan_luns_add_all(&s->scan.wanted.find, &wish->find);
	scan_luns_add_all(&s->scan.wanted.reread, &wish->reread);
	scan_luns_add_all(&s->scan.wanted.prune, &wish->prune);
	if (request)
		list_append(&s->scan.waiting, &request->node);
	if (!s->scan.child)
		schedule(s);
}

void session_disk(struct session *s, const struct host_disk_event *event)
{
	const struct scan_job job = job_of(s);

	if (event->added)
		scan_set_queue_depth(&job.scan, &event->lun);
	events_disk(&s->manager->events, s, event->added, event->lun.lun, event->lun.disk);
}

enum session_state session_act_scanned(struct session *s _unused_,
                                       const struct session_news *news _unused_)
{
	return SESSION_LOGGED_IN;
}

/* The login has succeeded; its LUNs are looked for again when the session is recovered. */
enum session_state session_act_scanned_late(struct session *s,
                                            const struct session_news *news _unused_)
{
	session_answer_logins(s);
	return s->state;
}
