/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every verb gets exactly one done, whatever happens to it.  A request that was forgotten, or
 * answered without being let go, is answered once more when the manager ends: each case ends so.
 */
#include "tests/unit/iscsid/house.h"

#include <poll.h>
#include <sys/resource.h>

#include "iscsid/verb.h"

/* The timers of the manager run so much faster; a child still has its time. */
enum { SPEED = 100 };

/* Turns in which nothing that a client waits for is left to happen. */
enum { SETTLE_TURNS = 6 };

/* Until a client sees the end of the manager. */
enum { END_MSEC = 10000 };

/* One that is beyond these has lost its way. */
enum { ID = 7, ALLOCATIONS_MAX = 400, DESCRIPTORS_MAX = 12 };

/* ---- what fails ---------------------------------------------------------------------------- */

static struct {
	bool on;
	bool failed;
	unsigned int countdown; /* the allocation or fork that fails */
	uid_t uid;              /* of clients; 0: what it is */
} fault;

static bool fails(void)
{
	if (!fault.on || fault.countdown == 0 || --fault.countdown > 0)
		return false;
	fault.failed = true;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
pid_t __real_fork(void);
int __real_ipc_accept(int listener, uid_t *ret_uid);
void __real_loop_timer_set(struct loop_source *source, uint64_t usec);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
pid_t __wrap_fork(void);
int __wrap_ipc_accept(int listener, uid_t *ret_uid);
void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

pid_t __wrap_fork(void)
{
	if (fails()) {
		errno = EAGAIN;
		return -1;
	}
	return __real_fork();
}

int __wrap_ipc_accept(int listener, uid_t *ret_uid)
{
	int fd = __real_ipc_accept(listener, ret_uid);

	if (fd >= 0 && fault.uid)
		*ret_uid = fault.uid;
	return fd;
}

void __wrap_loop_timer_set(struct loop_source *source, uint64_t usec)
{
	__real_loop_timer_set(source, usec / SPEED);
}

/* Of struct iscsi_offload_host_stats without counters of a driver's own (scsi/iscsi_if.h). */
enum { HOST_STATS_LEN = 664 };

/* ---- what is asked ------------------------------------------------------------------------- */

#define RECORD                                                                                     \
	"node.name=iqn.2026-01.org.example:disk\nnode.conn[0].address=127.0.0.1\n"                 \
	"node.conn[0].port=PORT\n"                                                                 \
	"node.session.initial_login_retry_max=1\nnode.conn[0].timeo.login_timeout=5\n"

enum {
	SESSION = 1 << 0,     /* one is logged in before */
	SAFE_LOGOUT = 1 << 1, /* the daemon is configured so */
	ENDLESS = 1 << 2,     /* its done comes with the end */
	REFUSED = 1 << 3,     /* the scripted peer has no good answer to it */
};

/* In the order of the manager's table; one verb may have several rows.  PORT stands for the one
 * that listens. */
static const struct row {
	const char *verb;
	const char *good;
	const char *bad; /* NULL: it has no keys */
	unsigned int flags;
} rows[] = {
	{"login", RECORD "node.session.scan=manual\n", "node.name=not a name\n", 0},
	{"login", RECORD, "node.name=iqn.2026-01.org.example:disk\n", 0},
	{"login", RECORD "wait=No\n", RECORD "iface.transport_name=cxgb4i\n", 0},
	{"logout", "sid=1\n", "sid=x\n", SESSION},
	{"logout", "sid=1\n", "target=x\n", SESSION | SAFE_LOGOUT},
	{"rescan", "sid=1\n", "sid=1\nlun=x\n", SESSION},
	{"discover", "discovery.sendtargets.address=127.0.0.1\ndiscovery.sendtargets.port=PORT\n",
         "discovery.sendtargets.address=a b\n", 0},
	{"discover",
         "discovery.type=isns\ndiscovery.sendtargets.address=127.0.0.1\ndiscovery.sendtargets.port=PORT\n",
         "discovery.type=isns\n", REFUSED},
	{"probe", "address=127.0.0.1\nport=PORT\n", "address=127.0.0.1\nport=0\n", 0},
	{"sessions", "", "sid=x\n", SESSION},
	{"stats", "sid=1\n", "sid=2\n", SESSION},
	{"update", "sid=1\nnode.session.queue_depth=8\n", "sid=1\nnode.session.queue_depth=0\n",
         SESSION},
	{"update", "sid=1\nnode.session.timeo.replacement_timeout=5\n", "sid=\n", SESSION},
	{"reconnect", "sid=1\n", "sid=2\n", SESSION},
	{"reconnect", "sid=1\n" RECORD, "sid=1\nnode.name=iqn.2026-01.org.example:other\n",
         SESSION},
	{"chap", "host=7\nop=show\n", "host=x\n", 0},
	{"flashnode", "host=7\nop=new\nportal_type=ipv4\n", "host=7\nop=dance\n", 0},
	{"ifaces", "host=7\nipv4.0.mtu=1500\n", "host=7\nipv4.0.colour=red\n", 0},
	{"ping", "host=7\niface=ipv4.0\naddress=192.0.2.1\nsize=32\n", "host=7\niface=ipv4.0\n", 0},
	{"hoststats", "host=7\n", "host=8\n", 0},
	{"monitor", "", NULL, ENDLESS},
	{"counters", "", NULL, 0},
	{"failures", "", NULL, 0},
	{"config", "", NULL, 0},
	{"stop", "", NULL, 0},
};

static void every_verb_of_the_manager_has_a_row(void **state _unused_)
{
	size_t row = 0, verb = 0;

	for (; verb_name(verb); verb++) {
		if (row == ARRAY_LEN(rows) || strcmp(rows[row].verb, verb_name(verb)) != 0)
			fail_msg("%s has no row here", verb_name(verb));
		while (row < ARRAY_LEN(rows) && strcmp(rows[row].verb, verb_name(verb)) == 0)
			row++;
	}
	assert_int_equal(row, ARRAY_LEN(rows));
	assert_true(verb > 0);
}

/* ---- a case -------------------------------------------------------------------------------- */

struct scene {
	struct house *house;
	const struct row *row;
	int client;
	/* what the client heard */
	unsigned int dones, others;
	int error; /* of the last done */
	bool end;
	bool stopped; /* the loop has ended */
};

#define scene_assert(s, condition)                                                                 \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("%s, row %zu: not %s; dones %u, others %u, error %d",             \
			         (s)->row->verb, (size_t)((s)->row - rows), #condition,            \
			         (s)->dones, (s)->others, (s)->error);                             \
	} while (0)

/* What the kernel answers to what it was told last. */
static void kernel_answers(void)
{
	static const uint8_t login[48] = {0x23}, logout[48] = {0x26};
	static const struct {
		const char *word;
		struct nl_event event;
	} answers[] = {
		{"unbind", {.type = NL_EVENT_UNBIND_SESSION, .sid = SID}},
		{"logout", {.type = NL_EVENT_RECV_PDU, .sid = SID, .pdu = logout, .pdu_len = 48}},
		{"login", {.type = NL_EVENT_RECV_PDU, .sid = SID, .pdu = login, .pdu_len = 48}},
		{"destroy", {.type = NL_EVENT_DESTROY_SESSION, .sid = SID}},
	};

	if (kernel.taken == kernel.queued)
		kernel.taken = kernel.queued = 0;
	for (char *word = strtok(kernel.told, " "); word; word = strtok(NULL, " ")) {
		for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
			if (strcmp(word, answers[i].word) == 0)
				happen(answers[i].event);
		}
	}
	kernel.told[0] = 0;
}

static void hear(struct scene *s)
{
	struct house *h = s->house;
	struct ipc_message m;
	ssize_t n;

	while (!s->end && (n = ipc_recv(s->client, h->answer, sizeof(h->answer))) != -EAGAIN) {
		s->end = n == 0;
		if (s->end)
			break;
		assert_true(n > 0);
		assert_int_equal(ipc_message_parse(h->answer, (size_t)n, &m), 0);
		assert_int_equal(m.id, ID);
		if (m.reply == IPC_REPLY_DONE) {
			s->dones++;
			assert_int_equal(ipc_message_get_int(&m, "error", 0, 255, -1, &s->error),
			                 0);
		} else {
			/* nothing comes behind the end */
			assert_int_equal(s->dones, 0);
			s->others++;
		}
	}
}

static void scene_turn(struct scene *s)
{
	int r;

	fault.on = true;
	r = loop_step(s->house->loop, USEC_PER_MSEC);
	fault.on = false;
	/* sd_event_run(3): it has ended */
	s->stopped = r == -ESTALE && strcmp(s->row->verb, "stop") == 0;
	scene_assert(s, r == 0 || s->stopped);
	kernel_answers();
	if (s->client >= 0)
		hear(s);
}

/* As many as there must be before the end. */
static unsigned int dones_of(const struct scene *s)
{
	return s->row->flags & ENDLESS ? 0 : 1;
}

static void scene_settle(struct scene *s)
{
	for (int i = 0; i < TURNS_MAX && s->dones < dones_of(s) && !s->end; i++)
		scene_turn(s);
	for (int i = 0; i < SETTLE_TURNS; i++)
		scene_turn(s);
}

static void make(struct house *h, const char *folder, const char *name, const char *text)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/%s", h->sysfs, folder);
	assert_int_equal(file_make_folders(AT_FDCWD, path, 0700), 0);
	put(path, name, text);
}

static void scene_begin(struct scene *s, const struct row *row)
{
	void *state = NULL;

	memset(&fault, 0, sizeof(fault));
	assert_int_equal(setup(&state), 0);
	*s = (struct scene){.house = (struct house *)state, .row = row};
	s->house->manager.safe_logout = row->flags & SAFE_LOGOUT;
	kernel.answer_len = HOST_STATS_LEN;
	make(s->house, "class/scsi_host/host7", "scan", "");
	make(s->house, "class/scsi_host/host7", "proc_name", "iscsi_tcp");
	make(s->house, "class/iscsi_host/host7", "initiatorname", "");
	make(s->house, "class/iscsi_transport/tcp", "handle", "1");
	s->client = client(s->house);
	if (row->flags & SESSION) {
		log_in(s->house, s->client);
		show_session(s->house, "SCANNED\n");
	}
}

static void scene_ask(const struct scene *s, const char *keys)
{
	const char *port = strstr(keys, "PORT");
	char text[512];

	if (port)
		snprintf(text, sizeof(text), "%.*s%u%s", (int)(port - keys), keys, s->house->port,
		         port + strlen("PORT"));
	else
		snprintf(text, sizeof(text), "%s", keys);
	ask(s->client, s->row->verb, ID, text);
}

/* Whether another client is served, unless the manager was told to stop. */
static bool serves(const struct scene *s)
{
	int other, error = 0;

	if (s->stopped)
		return true;
	other = client(s->house);
	ask(other, "config", ID, "");
	error = done(s->house, other);
	close(other);
	return error == 0;
}

static bool wait_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, END_MSEC) == 1;
}

/* The end of the manager, as main() makes it, and of the case. */
static void scene_end(struct scene *s)
{
	void *state = s->house;

	manager_done(&s->house->manager);
	/* a child that was just forked may not have closed it yet */
	while (s->client >= 0 && !s->end && wait_readable(s->client))
		hear(s);
	if (s->client >= 0) {
		assert_true(s->end);
		close(s->client);
	}
	assert_int_equal(teardown(&state), 0);
}

/* ---- the cases ----------------------------------------------------------------------------- */

static void what_is_asked_well_is_done_once(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;

		scene_begin(&s, &rows[i]);
		scene_ask(&s, rows[i].good);
		scene_settle(&s);
		scene_assert(&s, s.dones == dones_of(&s));
		scene_assert(&s, (s.error == 0) == !(rows[i].flags & REFUSED));
		scene_end(&s);
		scene_assert(&s, s.dones == 1);
	}
}

static void what_is_asked_wrongly_is_refused_once(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;

		if (!rows[i].bad)
			continue;
		scene_begin(&s, &rows[i]);
		scene_ask(&s, rows[i].bad);
		scene_settle(&s);
		scene_assert(&s, s.error != 0 && s.dones == 1);
		scene_end(&s);
		scene_assert(&s, s.dones == 1);
	}
}

static void others_than_root_are_refused_once(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;

		scene_begin(&s, &rows[i]);
		close(s.client);
		fault.uid = 12345;
		s.client = client(s.house);
		scene_ask(&s, rows[i].good);
		scene_settle(&s);
		scene_assert(&s, s.error == ISCSI_ERR_ACCESS && s.dones == 1);
		scene_end(&s);
		scene_assert(&s, s.dones == 1);
	}
}

/* The end comes in each of the first turns: when it has just been read, connected, ... */
static void what_is_under_way_at_the_end_is_answered_once(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int turns = 2; turns < 8; turns++) {
			struct scene s;

			scene_begin(&s, &rows[i]);
			peer.silent = true;
			scene_ask(&s, rows[i].good);
			for (int t = 0; t < turns; t++)
				scene_turn(&s);
			scene_end(&s);
			scene_assert(&s, s.dones == 1);
		}
	}
}

static void a_client_that_goes_away_leaves_nothing_behind(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int turns = 0; turns < 8; turns++) {
			struct scene s;

			scene_begin(&s, &rows[i]);
			scene_ask(&s, rows[i].good);
			for (int t = 0; t < turns; t++)
				scene_turn(&s);
			close(s.client);
			s.client = -1;
			for (int t = 0; t < SETTLE_TURNS; t++)
				scene_turn(&s);
			scene_assert(&s, serves(&s));
			scene_end(&s);
		}
	}
}

static void what_the_kernel_refuses_is_answered_once(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;

		scene_begin(&s, &rows[i]);
		kernel.batch_result = kernel.unbind_result = kernel.send_result = -EINVAL;
		kernel.host_result = -EINVAL;
		scene_ask(&s, rows[i].good);
		scene_settle(&s);
		scene_assert(&s, s.dones == dones_of(&s));
		scene_end(&s);
		scene_assert(&s, s.dones == 1);
	}
}

static void the_death_of_the_peer_process_is_answered_once(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;

		scene_begin(&s, &rows[i]);
		peer.dying = true;
		scene_ask(&s, rows[i].good);
		scene_settle(&s);
		scene_assert(&s, s.dones == dones_of(&s));
		scene_end(&s);
		scene_assert(&s, s.dones == 1);
	}
}

/* Without room for the answer itself the client sees the end of the connection instead. */
static bool try_without_memory(const struct row *row, unsigned int nth)
{
	struct scene s;
	bool failed;

	scene_begin(&s, row);
	fault.countdown = nth;
	scene_ask(&s, row->good);
	scene_settle(&s);
	scene_assert(&s, s.dones == dones_of(&s) || (s.dones == 0 && (s.end || s.stopped)));
	failed = fault.failed;
	fault.countdown = 0;
	scene_assert(&s, serves(&s));
	scene_end(&s);
	scene_assert(&s, s.dones == 1 || (s.end && s.dones == 0));
	return failed;
}

static void want_of_memory_is_answered_once(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned int nth = 1;

		while (nth < ALLOCATIONS_MAX && try_without_memory(&rows[i], nth))
			nth++;
		assert_in_range(nth, 2, ALLOCATIONS_MAX - 1);
	}
}

static void limit_descriptors(rlim_t limit)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	r.rlim_cur = limit;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &r), 0);
}

static void want_of_descriptors_is_answered_once(void **state _unused_)
{
	struct rlimit before;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (rlim_t room = 0; room < DESCRIPTORS_MAX; room++) {
			struct scene s;
			int next;

			scene_begin(&s, &rows[i]);
			scene_turn(&s); /* it is accepted */
			next = dup(s.client);
			close(next);
			limit_descriptors((rlim_t)next + room);
			scene_ask(&s, rows[i].good);
			scene_settle(&s);
			limit_descriptors(before.rlim_cur);
			scene_assert(&s, s.dones == dones_of(&s));
			scene_end(&s);
			scene_assert(&s, s.dones == 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_of_the_manager_has_a_row),
		cmocka_unit_test(what_is_asked_well_is_done_once),
		cmocka_unit_test(what_is_asked_wrongly_is_refused_once),
		cmocka_unit_test(others_than_root_are_refused_once),
		cmocka_unit_test(what_is_under_way_at_the_end_is_answered_once),
		cmocka_unit_test(a_client_that_goes_away_leaves_nothing_behind),
		cmocka_unit_test(what_the_kernel_refuses_is_answered_once),
		cmocka_unit_test(the_death_of_the_peer_process_is_answered_once),
		cmocka_unit_test(want_of_memory_is_answered_once),
		cmocka_unit_test(want_of_descriptors_is_answered_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
