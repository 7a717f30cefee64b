/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/manager.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iscsid/adopt.h"
#include "iscsid/auth.h"
#include "iscsid/discover.h"
#include "iscsid/session.h"
#include "iscsid/verb.h"
#include "lib/base/log.h"
#include "lib/host/session.h"
#include "lib/proto/iscsi.h"

/* A driver's own sessions, and those of offload hardware, are not ours to touch. */
static bool is_ours(const struct host_session *host)
{
	return host->has_creator && strcmp(host->transport, "tcp") == 0;
}

static bool is_adopted(void *data, uint32_t sid)
{
	return session_by_sid((struct manager *)data, sid) != NULL;
}

static struct session *adopt_one(struct manager *m, struct iscsi_db *db,
                                 const struct host_session *host)
{
	struct session *s = session_adopt(m, db, host);

	if (!s)
		log_error("session %d: no memory to adopt it", host->sid);
	return s;
}

static void adopt(struct manager *m, bool at_start)
{
	_cleanup_free_ struct host_session *all = NULL;
	struct iscsi_db *db = NULL;
	size_t count = 0;
	int r = host_sessions(m->sysfs, HOST_DETAIL_STATE, &all, &count);

	/* what cannot be seen for want of memory or descriptors is looked at again */
	m->strangers = r < 0 && r != -ENOENT;
	if (r < 0) {
		log_error("cannot see which sessions the kernel has: %s", strerror(-r));
		return;
	}
	/* without one the records are made of what the kernel has */
	if (count > 0 && iscsi_db_open(m->database, &db) < 0)
		db = NULL;
	for (size_t i = 0; i < count; i++) {
		struct session *s;

		if (!is_ours(&all[i]) || session_by_sid(m, (uint32_t)all[i].sid))
			continue;
		if (!at_start && adopt_unfinished(&all[i])) {
			m->strangers = true; /* look again */
			continue;
		}
		s = adopt_one(m, db, &all[i]);
		if (s && at_start && adopt_half_made(&all[i], s->foreign)) {
			log_notice("session %u %s: half made or half logged out; it is taken apart",
			           s->sid, s->id.target_name);
			session_event(s, SESSION_LOGOUT_WANTED, NULL);
		}
	}
	iscsi_db_close(db);
	if (at_start)
		run_state_prune(m->state_folder, is_adopted, m);
}

void manager_adopt(struct manager *m)
{
	adopt(m, false);
}

struct session *manager_session(struct manager *m, uint32_t sid)
{
	struct session *s = session_by_sid(m, sid);
	struct iscsi_db *db = NULL;
	struct host_session host;

	if (s || host_session_read(m->sysfs, (int)sid, HOST_DETAIL_STATE, &host) < 0 ||
	    !is_ours(&host))
		return s;
	if (iscsi_db_open(m->database, &db) < 0)
		db = NULL;
	s = adopt_one(m, db, &host);
	iscsi_db_close(db);
	return s;
}

/* What lost events would have said of a session.  0, or why sysfs cannot be read. */
static int resync_session(struct session *s)
{
	struct host_session host;
	int r = host_session_read(s->manager->sysfs, (int)s->sid, HOST_DETAIL_STATE, &host);

	if (r == -ENOENT)
		session_event(s, SESSION_DESTROYED, NULL);
	else if (r < 0)
		return r;
	else if (s->state == SESSION_UNBINDING && strcmp(host.target_state, "UNBOUND") == 0)
		session_event(s, SESSION_UNBOUND, NULL);
	else if (strcmp(host.session_state, "LOGGED_IN") != 0)
		session_event(s, SESSION_CONN_ERROR, &(struct session_news){.error = 1011});
	return 0;
}

/* Events were lost: what they would have said is in sysfs. */
static void resync(struct manager *m)
{
	int unread = 0;

	list_for_each (n, &m->sessions) {
		struct session *s = list_entry(n, struct session, node);
		int r = s->sid ? resync_session(s) : 0;

		unread = r < 0 ? r : unread;
	}
	m->strangers = true;
	if (unread == 0)
		return;
	/* short of descriptors or memory: a session that cannot be seen is not gone */
	log_warning("cannot see what became of all sessions: %s; looking again in a second",
	            strerror(-unread));
	loop_timer_set(m->look_again, USEC_PER_SEC);
}

static void on_look_again(void *data)
{
	resync((struct manager *)data);
}

/* Of a PDU that the kernel hands up only the opcode is looked at here. */
static void on_pdu(struct session *s, const struct nl_event *event)
{
	uint8_t opcode = event->pdu_len > 0 ? event->pdu[0] & ISCSI_OP_MASK : ISCSI_OP_MASK;

	if (opcode == ISCSI_OP_LOGOUT_RSP)
		session_event(s, SESSION_LOGOUT_ANSWERED, NULL);
	else if (opcode == ISCSI_OP_LOGIN_RSP)
		session_receive(s, event->pdu, event->pdu_len);
	else if (opcode == ISCSI_OP_ASYNC || opcode == ISCSI_OP_TEXT_RSP)
		session_hear(s, event->pdu, event->pdu_len);
	else
		log_info("session %u %s: PDU with opcode 0x%02x from the target, ignoring", s->sid,
		         s->id.target_name, opcode);
}

static void on_kernel_event(void *data, const struct nl_event *event)
{
	struct manager *m = (struct manager *)data;
	struct session *s = session_by_sid(m, event->sid);

	/* its disks went before it */
	if (event->type == NL_EVENT_UNBIND_SESSION || event->type == NL_EVENT_DESTROY_SESSION)
		diskwatch_read(m->diskwatch);
	if (event->type == NL_EVENT_OVERFLOW) {
		log_warning("events of the kernel were lost; looking at its sessions instead");
		resync(m);
		return;
	}
	if (!s) {
		if (event->type == NL_EVENT_CREATE_SESSION)
			m->strangers = true;
		return;
	}
	switch (event->type) {
	case NL_EVENT_RECV_PDU: on_pdu(s, event); break;
	case NL_EVENT_CONN_ERROR:
		session_event(s, SESSION_CONN_ERROR,
		              &(struct session_news){.error = (int)event->error});
		break;
	case NL_EVENT_DESTROY_SESSION: session_event(s, SESSION_DESTROYED, NULL); break;
	case NL_EVENT_UNBIND_SESSION: session_event(s, SESSION_UNBOUND, NULL); break;
	case NL_EVENT_CREATE_SESSION:
	case NL_EVENT_PING_COMP: /* a child waits for it itself */
	case NL_EVENT_OVERFLOW: break;
	}
}

static void on_transport(void *data, int result)
{
	struct manager *m = (struct manager *)data;
	const struct session_news news = {.error = result};

	list_for_each (n, &m->sessions) {
		struct session *s = list_entry(n, struct session, node);

		if (s->state == SESSION_LOADING)
			session_event(
				s, result < 0 ? SESSION_TRANSPORT_MISSING : SESSION_TRANSPORT_READY,
				&news);
	}
}

/* What failed before may work now. */
static void on_network_up(void *data)
{
	struct manager *m = (struct manager *)data;

	list_for_each (n, &m->sessions) {
		struct session *s = list_entry(n, struct session, node);

		if (session_handles(s->state, SESSION_NETWORK_UP))
			session_event(s, SESSION_NETWORK_UP, NULL);
	}
}

static void on_disk(void *data, const struct host_disk_event *event)
{
	struct session *s = session_by_sid((struct manager *)data, (uint32_t)event->sid);

	if (s)
		session_disk(s, event);
}

static void on_attention(void *data, const struct host_attention_event *event)
{
	struct session *s = session_by_sid((struct manager *)data, (uint32_t)event->sid);

	if (s)
		session_attention(s, event);
}

/* A disk that came unseen gets its settings by a scan that looks for nothing. */
static void on_disks_lost(void *data)
{
	const struct manager *m = (const struct manager *)data;

	log_warning("the kernel's news of disks were lost; those who watch have missed some");
	list_for_each (n, &m->sessions) {
		struct session *s = list_entry(n, struct session, node);

		if (s->state & (SESSION_SCANNING | SESSION_LOGGED_IN))
			session_scan(s, &(struct scan_wish){0}, NULL);
	}
}

static void watch(struct manager *m)
{
	static const struct diskwatch_callbacks disks = {on_disk, on_attention, on_disks_lost};
	int r = netwatch_new(m->loop, on_network_up, m, &m->netwatch);

	if (r < 0)
		log_warning("cannot watch the network: %s; sessions recover at their own pace",
		            strerror(-r));
	r = diskwatch_new(m->loop, &disks, m, &m->diskwatch);
	if (r < 0)
		log_warning("cannot watch disks: %s; those that other programs' scans find keep "
		            "the kernel's settings",
		            strerror(-r));
}

/* The sessions stay; whatever else is under way was nobody's any more. */
static void on_idle(void *data)
{
	loop_exit(((struct manager *)data)->loop, 0);
}

int manager_init(struct manager *m, struct loop *loop, const struct manager_config *config,
                 const char **ret_what)
{
	static const struct transport_callbacks callbacks = {on_transport, on_kernel_event};
	int listener = config->listener, r;

	*m = (struct manager){.loop = loop,
	                      .safe_logout = config->safe_logout,
	                      .sysfs = config->sysfs,
	                      .proc = config->proc,
	                      .config_path = config->config_path,
	                      .database = config->database,
	                      .fips_file = config->fips_file ? config->fips_file : AUTH_FIPS_FILE};
	list_init(&m->sessions);
	list_init(&m->discoveries);
	list_init(&m->probes_waiting);
	list_init(&m->host_acts);
	events_init(&m->events);
	snprintf(m->initiator_name, sizeof(m->initiator_name), "%s", config->initiator_name);
	snprintf(m->initiator_alias, sizeof(m->initiator_alias), "%s", config->initiator_alias);
	snprintf(m->state_folder, sizeof(m->state_folder), "%s/session", config->run_dir);
	snprintf(m->failure_folder, sizeof(m->failure_folder), "%s/failure", config->run_dir);
	*ret_what = "start the login process";
	r = broker_new(loop, config->run_dir, &m->broker);
	if (r == 0)
		r = unattended_init(m);
	if (r == 0) {
		*ret_what = "watch the kernel";
		r = loop_add_timer(loop, on_look_again, m, &m->look_again);
	}
	if (r == 0)
		r = transport_new(loop, config->sysfs, &callbacks, m, &m->transport);
	if (r == 0) {
		*ret_what = "serve the control socket";
		r = control_new(loop, take_fd(&listener), verb_dispatch, m, &m->control);
	}
	if (r < 0) {
		if (listener >= 0)
			close(listener);
		manager_done(m);
		return r;
	}
	if (config->ends_when_idle)
		control_on_idle(m->control, on_idle);
	adopt(m, true);
	watch(m);
	return 0;
}

void manager_done(struct manager *m)
{
	/* clients first: they are told that this is the end, and no longer what became of it */
	m->control = control_free(m->control);
	m->netwatch = netwatch_free(m->netwatch);
	m->diskwatch = diskwatch_free(m->diskwatch);
	list_for_each (n, &m->discoveries)
		discovery_free(list_entry(n, struct discovery, node));
	unattended_done(m);
	list_for_each (n, &m->sessions)
		session_free(list_entry(n, struct session, node));
	m->look_again = loop_source_free(m->look_again);
	m->transport = transport_free(m->transport);
	m->broker = broker_free(m->broker);
}
