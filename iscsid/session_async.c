/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a target says without being asked: Asynchronous Messages (RFC 7143 section 11.9), which the
 * peer reads, and unit attentions, which the kernel does.  Here is what is done about each.  A
 * target may send as many as it likes: few wait to be read, few become lines of the log, and scans
 * have their own pace (session_scan.c).
 */
#include <errno.h>
#include <string.h>

#include "iscsid/session_fsm.h"
#include "lib/base/log.h"
#include "lib/proto/iscsi.h"
#include "lib/proto/pdu.h"

/* PDUs of one session that wait to be read; one more is dropped. */
enum { UNREAD_MAX = 16 };

/* Whether it was not said before: what nothing is done about is worth one line a session. */
static bool first_of(struct session *s, uint8_t event)
{
	uint32_t *word = &s->async.told[event / 32], bit = 1U << event % 32;
	bool first = !(*word & bit);

	*word |= bit;
	return first;
}

/* ---- event 0 ------------------------------------------------------------------------------- */

/* SPC-4 annex F: what became different on the target's side. */
static const struct change {
	uint8_t asc, ascq;
	bool lun_only;    /* of the LUN that says so; else of all */
	const char *word; /* the kernel's, which tells of unit attentions */
	const char *text;
} changes[] = {
	{0x2a, 0x09, true, "CAPACITY_DATA_HAS_CHANGED", "capacity data has changed"},
	{0x3f, 0x03, true, "INQUIRY_DATA_HAS_CHANGED", "inquiry data has changed"},
	{0x3f, 0x0e, false, "REPORTED_LUNS_DATA_HAS_CHANGED", "reported LUNs data has changed"},
};

static const struct change *change_of(const struct peer_notice *n)
{
	for (size_t i = 0; n->has_sense && i < ARRAY_LEN(changes); i++) {
		if (changes[i].asc == n->asc && changes[i].ascq == n->ascq)
			return &changes[i];
	}
	return NULL;
}

static void on_change(struct session *s, const struct change *change, uint64_t lun)
{
	struct scan_wish wish = {0};

	if (change->lun_only) {
		scan_luns_add(&wish.reread, lun);
	} else {
		/* those that are there may be others now, or gone, however they were found */
		wish.find.all = session_scans_itself(s);
		wish.reread.all = wish.prune.all = true;
		if (!wish.find.all && first_of(s, ISCSI_ASYNC_SCSI))
			log_notice("session %u %s: %s; node.session.scan is manual, so look for "
			           "new ones with iscsiadm -m session -r %u --rescan",
			           s->sid, s->id.target_name, change->text, s->sid);
	}
	log_debug("session %u %s: %s", s->sid, s->id.target_name, change->text);
	session_scan(s, &wish, NULL);
}

static void on_scsi(struct session *s, const struct peer_notice *n)
{
	const struct change *change = change_of(n);
	char sense[32];

	if (change) {
		on_change(s, change, n->lun);
		return;
	}
	snprintf(sense, sizeof(sense), n->has_sense ? "%02x/%02x" : "without sense data", n->asc,
	         n->ascq);
	if (first_of(s, n->event))
		log_info("session %u %s: SCSI event %s from LUN %llu, ignoring", s->sid,
		         s->id.target_name, sense, (unsigned long long)n->lun);
}

/* What most targets do instead of event 0: one LUN tells it, to whatever command comes first. */
void session_attention(struct session *s, const struct host_attention_event *event)
{
	if (s->state & SESSION_LEAVING)
		return;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		if (strcmp(changes[i].word, event->what) == 0)
			on_change(s, &changes[i], event->lun.lun);
	}
}

/* ---- events 1 to 3 ------------------------------------------------------------------------- */

static void on_logout(struct session *s, const struct peer_notice *n)
{
	const struct session_news news = {.notice = n};

	session_event(s, SESSION_TARGET_LOGOUT, &news);
}

/* Of one connection or of all: there is one, with CID 0. */
static void on_drop(struct session *s, const struct peer_notice *n)
{
	const struct session_news news = {.notice = n};

	if (n->event == ISCSI_ASYNC_DROP_CONNECTION && n->param1 != CID) {
		if (first_of(s, n->event))
			log_warning("session %u %s: the target drops connection %u, which is none "
			            "of ours, ignoring",
			            s->sid, s->id.target_name, n->param1);
		return;
	}
	session_event(s, SESSION_TARGET_DROPS, &news);
}

/* ---- event 4 ------------------------------------------------------------------------------- */

/* A Logout Request is the other answer that 11.9.1 allows: the login after it negotiates all. */
static void log_in_anew(struct session *s, const char *why)
{
	const struct peer_notice none = {.event = ISCSI_ASYNC_NEGOTIATE};
	const struct session_news news = {.notice = &none};

	s->async.negotiating = false;
	log_info("session %u %s: the target wants to negotiate, but %s; a new login does it",
	         s->sid, s->id.target_name, why);
	session_event(s, SESSION_TARGET_LOGOUT, &news);
}

static void on_timer(void *data)
{
	struct session *s = (struct session *)data;

	/* a new connection has negotiated all anyway */
	if (s->async.negotiating && s->state & (SESSION_SCANNING | SESSION_LOGGED_IN))
		log_in_anew(s, "does not answer the text request");
}

/* Nothing to say of our own, so an empty request asks what the target has to say (11.10). */
static int send_text(struct session *s)
{
	const struct pdu pdu = {
		.opcode = ISCSI_OP_TEXT_REQ,
		.immediate = true,
		.flags = ISCSI_FLAG_FINAL,
		.ttt = ISCSI_TAG_RESERVED,
	};
	struct nl *nl = transport_nl(s->manager->transport);
	uint8_t bhs[ISCSI_BHS_LEN];

	if (!nl)
		return -ENODEV;
	pdu_encode(&pdu, bhs);
	return nl_send_pdu(nl, s->sid, CID, bhs, NULL, 0);
}

static void on_negotiate(struct session *s, const struct peer_notice *n)
{
	const uint32_t sec = n->param3 ? n->param3 : s->id.logout_timeout;
	int r = 0;

	if (!(s->state & (SESSION_SCANNING | SESSION_LOGGED_IN)) || s->async.negotiating)
		return;
	if (!s->async.timer)
		r = loop_add_timer(s->manager->loop, on_timer, s, &s->async.timer);
	if (r == 0)
		r = send_text(s);
	if (r < 0) {
		log_in_anew(s, "no text request can be sent");
		return;
	}
	s->async.negotiating = true;
	loop_timer_set(s->async.timer, MIN(sec, s->id.logout_timeout) * USEC_PER_SEC);
}

static void on_text(struct session *s, enum peer_notice_kind kind)
{
	if (!s->async.negotiating)
		return;
	loop_timer_stop(s->async.timer);
	if (kind == PEER_NOTICE_TEXT_KEYS) {
		log_in_anew(s, "not only in one text response");
		return;
	}
	s->async.negotiating = false;
	if (first_of(s, ISCSI_ASYNC_NEGOTIATE))
		log_info("session %u %s: the target wanted to negotiate, and had no wish", s->sid,
		         s->id.target_name);
}

/* ---- the others ---------------------------------------------------------------------------- */

static void on_other(struct session *s, const struct peer_notice *n)
{
	if (first_of(s, n->event))
		log_notice("session %u %s: %s %u from the target (code %u, parameters %u %u %u), "
		           "ignoring this and all later ones",
		           s->sid, s->id.target_name,
		           n->event == ISCSI_ASYNC_VENDOR ? "vendor's asynchronous event"
		                                          : "unknown asynchronous event",
		           n->event, n->vcode, n->param1, n->param2, n->param3);
}

static const struct {
	enum iscsi_async_event event;
	void (*act)(struct session *s, const struct peer_notice *n);
} events[] = {
	{ISCSI_ASYNC_SCSI, on_scsi},
	{ISCSI_ASYNC_LOGOUT, on_logout},
	{ISCSI_ASYNC_DROP_CONNECTION, on_drop},
	{ISCSI_ASYNC_DROP_ALL, on_drop},
	{ISCSI_ASYNC_NEGOTIATE, on_negotiate},
};

static void on_async(struct session *s, const struct peer_notice *n)
{
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		if (events[i].event == n->event) {
			events[i].act(s, n);
			return;
		}
	}
	on_other(s, n);
}

static void on_notice(void *data, const struct peer_notice *n)
{
	struct session *s = (struct session *)data;

	if (s->async.unread > 0)
		s->async.unread--;
	switch ((enum peer_notice_kind)n->kind) {
	case PEER_NOTICE_ASYNC: on_async(s, n); return;
	case PEER_NOTICE_TEXT_END:
	case PEER_NOTICE_TEXT_KEYS: on_text(s, (enum peer_notice_kind)n->kind); return;
	case PEER_NOTICE_BROKEN: break;
	}
	log_debug("session %u %s: a PDU from the target that says nothing, ignoring", s->sid,
	          s->id.target_name);
}

static void on_lost(void *data, const char *why)
{
	struct session *s = (struct session *)data;

	if (s->async.unread > 0)
		log_warning("session %u %s: %u messages of the target were lost: %s", s->sid,
		            s->id.target_name, s->async.unread, why);
	s->async.unread = 0;
}

static const struct broker_listener listener = {.notice = on_notice, .lost = on_lost};

void session_hear(struct session *s, const uint8_t *bytes, size_t len)
{
	int r = -ENOBUFS;

	if (s->async.unread < UNREAD_MAX)
		r = broker_read(s->manager->broker, &s->async.reader, bytes, len, &listener, s);
	if (r == 0)
		s->async.unread++;
	else if (!s->async.deaf)
		log_warning("session %u %s: a message of the target cannot be read: %s, ignoring "
		            "this and such later ones",
		            s->sid, s->id.target_name, strerror(-r));
	s->async.deaf |= r < 0;
}

void session_async_init(struct session *s)
{
	broker_login_init(&s->async.reader);
}

void session_async_end(struct session *s)
{
	broker_cancel(s->manager->broker, &s->async.reader);
	s->async.timer = loop_source_free(s->async.timer);
	s->async.negotiating = false;
	s->async.deaf = false;
	s->async.unread = 0;
}
