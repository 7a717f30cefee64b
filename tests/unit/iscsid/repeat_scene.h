/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The house with discoveries that the daemon repeats: a fake one is answered as the test says, and
 * the time between two is not waited for.
 */
#ifndef TEST_REPEAT_SCENE_H
#define TEST_REPEAT_SCENE_H

#include "tests/unit/iscsid/house.h"

#include "iscsid/repeat.h"
#include "iscsid/repeat_poll.h"
#include "lib/base/log.h"

#define DISK     "iqn.2026-01.org.example:disk"
#define TARGET_A "iqn.2026-01.org.example:a"

/* That of the records here; no other timer is set for it. */
enum { INTERVAL_SEC = 77 };

static struct {
	struct loop_source *due; /* the next discovery is; NULL: not yet */
	char log[1 << 16];
	struct repeats *repeats;
	struct iscsi_db *db;
} scene;

void __real_loop_timer_set(struct loop_source *source, uint64_t usec);
void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec);

void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec)
{
	if (usec == INTERVAL_SEC * USEC_PER_SEC)
		scene.due = source;
	else if (usec == USEC_PER_SEC) /* until there is a place */
		__real_loop_timer_set(source, USEC_PER_MSEC);
	else
		__real_loop_timer_set(source, usec);
}

static inline void note(enum log_level level _unused_, const char *text)
{
	size_t used = strlen(scene.log);

	snprintf(scene.log + used, sizeof(scene.log) - used, "%s\n", text);
}

static inline int set_up(void **state)
{
	struct house *h;

	memset(&scene, 0, sizeof(scene));
	if (setup(state) < 0)
		return -1;
	h = (struct house *)*state;
	h->manager.config_path = "/nonexistent/iscsid.conf";
	peer.silent = true;
	log_set_sink(note);
	return iscsi_db_open(h->database, &scene.db);
}

static inline int tear_down(void **state)
{
	scene.repeats = repeats_free(scene.repeats);
	scene.db = iscsi_db_close(scene.db);
	log_set_sink(NULL);
	return teardown(state);
}

static inline size_t said(const char *text)
{
	size_t n = 0;

	for (const char *at = scene.log; (at = strstr(at, text)); at++)
		n++;
	return n;
}

static inline void write_iface(const char *name)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_IFACE);

	iscsi_db_record_set(r, "iface.iscsi_ifacename", name);
	assert_int_equal(iscsi_db_iface_write(scene.db, r), 0);
	iscsi_db_record_free(r);
}

static inline void write_source(const struct house *h, enum iscsi_db_kind kind, const char *address,
                                const char *repeats, int interval)
{
	const bool isns = kind == ISCSI_DB_ISNS;
	struct iscsi_db_record *r = iscsi_db_record_new(kind);
	char text[16];

	snprintf(text, sizeof(text), "%u", h->port);
	assert_int_equal(iscsi_db_record_set(r, "discovery.sendtargets.address", address), 0);
	assert_int_equal(iscsi_db_record_set(r, "discovery.sendtargets.port", text), 0);
	assert_int_equal(iscsi_db_record_set(r,
	                                     isns ? "discovery.isns.use_discoveryd"
	                                          : "discovery.sendtargets.use_discoveryd",
	                                     repeats),
	                 0);
	snprintf(text, sizeof(text), "%d", interval);
	assert_int_equal(iscsi_db_record_set(r,
	                                     isns ? "discovery.isns.discoveryd_poll_inval"
	                                          : "discovery.sendtargets.discoveryd_poll_inval",
	                                     text),
	                 0);
	assert_int_equal(iscsi_db_discovery_write(scene.db, r), 0);
	iscsi_db_record_free(r);
}

static inline void start(struct house *h)
{
	assert_int_equal(repeats_new(&h->manager, &scene.repeats), 0);
}

/* Until the peer has so many logins and queries in all. */
static inline void wait_logins(struct house *h, unsigned int count)
{
	for (int i = 0; i < TURNS_MAX && peer.logins < count; i++)
		turn(h);
	assert_int_equal(peer.logins, count);
}

/* Until the discovery under way has come to its end. */
static inline void wait_due(struct house *h)
{
	for (int i = 0; i < TURNS_MAX && !scene.due; i++)
		turn(h);
	assert_non_null(scene.due);
}

/* The next one begins. */
static inline void poll_again(struct house *h)
{
	const unsigned int before = peer.logins;

	wait_due(h);
	__real_loop_timer_set(scene.due, 0);
	scene.due = NULL;
	wait_logins(h, before + 1);
	assert_int_equal(peer.login.purpose, PEER_PURPOSE_DISCOVERY);
}

static inline void tell_target(const struct house *h, const char *name)
{
	struct peer_target t = {.head.id = peer.login.head.id, .address = "127.0.0.1", .tpgt = 1};

	t.port = h->port;
	snprintf(t.target_name, sizeof(t.target_name), "%s", name);
	peer.config.callbacks.target(peer.config.data, &t);
}

/* The answer is whole. */
static inline void tell_end(void)
{
	peer.answer.head.id = peer.login.head.id;
	peer.config.callbacks.done(peer.config.data, &peer.answer);
}

/* It breaks off. */
static inline void tell_failure(const char *text)
{
	struct peer_done failure = {.head.id = peer.login.head.id,
	                            .outcome = PEER_OUTCOME_PROTOCOL};

	snprintf(failure.text, sizeof(failure.text), "%s", text);
	peer.config.callbacks.done(peer.config.data, &failure);
}

/* The target lets the login in that begins now. */
static inline struct session *let_in(struct house *h, unsigned int logins)
{
	struct session *s;

	wait_logins(h, logins);
	assert_int_equal(peer.login.purpose, PEER_PURPOSE_SESSION);
	show_session(h, "SCANNED");
	tell_end();
	wait_told(h, "start");
	s = session_by_sid(&h->manager, SID);
	assert_non_null(s);
	for (int i = 0; i < TURNS_MAX && s->state != SESSION_LOGGED_IN; i++)
		turn(h);
	assert_int_equal(s->state, SESSION_LOGGED_IN);
	return s;
}

/* The daemon has found a disk and logged in to it. */
static inline struct session *find_disk(struct house *h)
{
	write_source(h, ISCSI_DB_SENDTARGETS, "127.0.0.1", "Yes", INTERVAL_SEC);
	start(h);
	wait_logins(h, 1);
	tell_target(h, DISK);
	tell_end();
	return let_in(h, 2);
}

static inline struct iscsi_db_node_id disk_id(const struct house *h)
{
	return (struct iscsi_db_node_id){DISK, "127.0.0.1", h->port, 1, "default"};
}

static inline void set_filter(const char *key, const char *value)
{
	struct iscsi_db_discovery_id *ids;
	struct iscsi_db_record *r;
	size_t count;

	assert_int_equal(
		iscsi_db_discoveries(scene.db, ISCSI_DB_SENDTARGETS, NULL, NULL, &ids, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(iscsi_db_discovery_read(scene.db, ids, NULL, NULL, &r), 0);
	assert_int_equal(iscsi_db_record_set(r, key, value), 0);
	assert_int_equal(iscsi_db_discovery_write(scene.db, r), 0);
	iscsi_db_record_free(r);
	free(ids);
}

/* The disk was found, and nothing else. */
static inline void only_disk_has_a_record(void)
{
	const struct iscsi_db_selection all = {0};
	struct iscsi_db_node_id *ids;
	size_t count;

	assert_int_equal(iscsi_db_nodes(scene.db, &all, NULL, NULL, &ids, &count), 0);
	assert_int_equal(count, 1);
	assert_string_equal(ids[0].target, DISK);
	free(ids);
}

#endif
