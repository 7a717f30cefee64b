/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child reads the record and the interfaces; they become requests like those of a client, one an
 * interface.  Only what an interface was told wholly counts.  What was found and has no session
 * gets a record in another child, and is logged in to, again like for a client.  What goes wrong is
 * logged when it is something else than the last time.
 */
#include "iscsid/repeat_poll.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscsid/own_request.h"
#include "iscsid/probe.h"
#include "iscsid/repeat.h"
#include "iscsid/repeat_child.h"
#include "iscsid/repeat_sessions.h"
#include "iscsid/run_state.h"
#include "iscsid/verb.h"
#include "lib/base/log.h"
#include "lib/base/resident.h"

enum { CHILD_DEADLINE_SEC = 120, TROUBLE_SIZE = 512 };

/* What was asked for: the discovery through an interface, or whether a portal takes connections. */
struct ask {
	struct request *request; /* NULL: it was answered */
	size_t place;            /* of the interface, or the portal, in what is found */
	/* borrowed */
	struct repeat *repeat;
};

struct repeat {
	struct list_node node;
	struct iscsi_db_discovery_id id;
	char name[RUN_STATE_ASKER_SIZE];
	uint64_t interval_usec;    /* 0: until one has succeeded */
	struct loop_source *timer; /* next() */
	struct child *child;
	void (*next)(struct repeat *r);
	char logged[TROUBLE_SIZE]; /* what went wrong the last time; "": nothing */
	/* of the one that is under way */
	bool busy;  /* there is one */
	char *text; /* what the child handed over */
	size_t text_len;
	struct iscsi_db_record *source;
	struct ask *asks;
	size_t asks_count, unanswered;
	void (*answered)(struct repeat *r); /* all of them */
	struct found found;
	bool succeeded;
	char trouble[TROUBLE_SIZE]; /* the first one */
	/* borrowed */
	struct repeat_list *list;
	struct manager *manager;
};

static void note(struct repeat *r, const char *fmt, ...) _printf_(2, 3);

static void note(struct repeat *r, const char *fmt, ...)
{
	va_list ap;

	if (r->trouble[0])
		return;
	va_start(ap, fmt);
	vsnprintf(r->trouble, sizeof(r->trouble), fmt, ap);
	va_end(ap);
}

static void drop_text(struct repeat *r)
{
	/* it has secrets */
	if (r->text)
		explicit_bzero(r->text, r->text_len);
	free(take_ptr(r->text));
	r->text_len = 0;
}

/* Forget what was under way. */
static void drop_work(struct repeat *r)
{
	for (size_t i = 0; i < r->asks_count; i++)
		own_request_free(r->asks[i].request);
	free(take_ptr(r->asks));
	r->asks_count = r->unanswered = 0;
	drop_text(r);
	r->source = iscsi_db_record_free(r->source);
	found_done(&r->found);
	r->succeeded = false;
	r->trouble[0] = '\0';
	r->list->busy -= r->busy;
	r->busy = false;
}

static void repeat_free(struct repeat *r)
{
	list_remove(&r->node);
	child_cancel(r->child);
	drop_work(r);
	loop_source_free(r->timer);
	free(r);
}

void repeat_free_node(struct list_node *node)
{
	repeat_free(list_entry(node, struct repeat, node));
}

static void then(struct repeat *r, void (*next)(struct repeat *r), uint64_t usec)
{
	r->next = next;
	loop_timer_set(r->timer, usec);
}

static void begin(struct repeat *r);

/* Say what is new, and wait for the next time. */
static void conclude(struct repeat *r)
{
	const uint64_t again =
		r->interval_usec > 0 ? r->interval_usec : REPEAT_INTERVAL_SEC * USEC_PER_SEC;
	const bool over = r->succeeded && r->interval_usec == 0;

	if (strcmp(r->trouble, r->logged) != 0) {
		if (r->trouble[0])
			log_warning("repeated discovery %s: %s (not said again while it stays so)",
			            r->name, r->trouble);
		else
			log_notice("repeated discovery %s: all is well again", r->name);
		memcpy(r->logged, r->trouble, sizeof(r->logged));
	}
	drop_work(r);
	/* it was all over the heap */
	resident_trim_heap();
	if (!over) {
		then(r, begin, again);
		return;
	}
	log_info("discovery %s is not repeated: it has succeeded, and its interval is 0", r->name);
	repeat_free(r);
}

static void on_text(void *data, int fd)
{
	struct repeat *r = (struct repeat *)data;
	_cleanup_close_ int memory = fd;
	int e;

	drop_text(r);
	e = child_take_text(memory, REPEAT_TEXT_MAX, &r->text, &r->text_len);
	if (e < 0)
		note(r, "cannot take what was read: %s", strerror(-e));
}

static void start_child(struct repeat *r, int (*run)(const void *arg, int out),
                        void (*done)(void *data, int result, const void *output, size_t len))
{
	const struct repeat_job work = {.manager = r->manager, .id = &r->id, .found = &r->found};
	const struct child_job job = {
		.run = run,
		.arg = &work,
		.deadline_usec = CHILD_DEADLINE_SEC * USEC_PER_SEC,
		.done = done,
		.descriptor = on_text,
		.data = r,
	};
	int e = child_start(r->manager->loop, &job, &r->child);

	if (e < 0) {
		note(r, "cannot start a process: %s", strerror(-e));
		conclude(r);
	}
}

/* The next of the requests that a child handed over, from *at. */
static bool next_request(const struct repeat *r, size_t *at, struct ipc_message *ret)
{
	const char *text = r->text + *at;
	size_t len;

	if (*at >= r->text_len)
		return false;
	len = strnlen(text, r->text_len - *at);
	*at += len + 1;
	return ipc_message_parse(text, len, ret) == 0;
}

/* What its answer says is wrong. */
static void note_answer(struct repeat *r, const struct ipc_message *m)
{
	char detail[TROUBLE_SIZE];

	ipc_message_copy(m, "detail", detail, sizeof(detail));
	note(r, "%s", detail[0] ? detail : iscsi_err_text(own_request_error(m)));
}

/* ---- what is new ------------------------------------------------------------------------ */

static void on_login(void *data, const struct ipc_message *m)
{
	struct repeat *r = (struct repeat *)data;
	const enum iscsi_err error = own_request_error(m);

	if (m->reply == IPC_REPLY_DONE && error != ISCSI_ERR_SUCCESS &&
	    error != ISCSI_ERR_SESS_EXISTS)
		note_answer(r, m);
}

static void on_written(void *data, int result, const void *output, size_t len)
{
	struct repeat *r = (struct repeat *)data;
	struct ipc_message m;
	size_t at = 0;

	r->child = NULL;
	if (len > 0)
		note(r, "%.*s", (int)len, (const char *)output);
	if (result < 0)
		note(r, "what was found gets no records: %s", strerror(-result));
	while (result == 0 && next_request(r, &at, &m)) {
		/* nobody waits: it is answered at once */
		struct request *request = own_request_new(r->name, on_login, r);

		if (!request) {
			note(r, "no memory for a login");
			break;
		}
		verb_dispatch(r->manager, request, &m, true);
	}
	conclude(r);
}

static bool is_reached(void *data _unused_, const struct found_portal *p)
{
	return !p->silent;
}

static void use_new(struct repeat *r)
{
	found_sort(&r->found, is_reached, NULL);
	if (r->found.count > 0)
		start_child(r, repeat_write, on_written);
	else
		conclude(r);
}

/* ---- asking ----------------------------------------------------------------------------- */

/* One that was asked for is answered.  The rest from the loop: whoever answers is at work. */
static void answered(struct repeat *r)
{
	if (--r->unanswered == 0)
		then(r, r->answered, 0);
}

/* Make room for so many; what comes of them is looked at by done(), when all are answered. */
static int begin_asks(struct repeat *r, size_t count, void (*done)(struct repeat *r))
{
	free(r->asks);
	r->asks_count = 0;
	r->asks = (struct ask *)calloc(count + 1, sizeof(*r->asks));
	if (!r->asks)
		return -ENOMEM;
	/* so that none is the last one before all are made */
	r->unanswered = 1;
	r->answered = done;
	return 0;
}

/* NULL: no memory. */
static struct request *add_ask(struct repeat *r, size_t place,
                               void (*told)(void *data, const struct ipc_message *m))
{
	struct ask *a = &r->asks[r->asks_count];

	a->repeat = r;
	a->place = place;
	a->request = own_request_new(r->name, told, a);
	if (a->request) {
		r->asks_count++;
		r->unanswered++;
	} else {
		note(r, "no memory for a request");
	}
	return a->request;
}

static void on_probed(void *data, const struct ipc_message *m)
{
	struct ask *a = (struct ask *)data;
	struct repeat *r = a->repeat;

	if (m->reply != IPC_REPLY_DONE)
		return;
	a->request = NULL;
	r->found.all[a->place].silent = own_request_error(m) != ISCSI_ERR_SUCCESS;
	answered(r);
}

/* Whether the new ones take connections. */
static void probe_new(struct repeat *r)
{
	int e = begin_asks(r, r->found.count, use_new);

	if (e < 0) {
		note(r, "cannot probe portals: %s", strerror(-e));
		conclude(r);
		return;
	}
	for (size_t i = 0; i < r->found.count; i++) {
		const struct iscsi_db_node_id *id = &r->found.all[i].id;
		const struct found_iface *iface = found_whole(&r->found, id->iface);
		struct portal portal = {.port = id->port, .tpgt = id->tpgt};
		struct request *request = iface ? add_ask(r, i, on_probed) : NULL;

		snprintf(portal.host, sizeof(portal.host), "%s", id->address);
		if (request)
			probe_start(r->manager, &portal, iface->record, request);
	}
	answered(r);
}

static bool is_wanted(void *data, const struct found_portal *p)
{
	const struct repeat *r = (const struct repeat *)data;

	return found_whole(&r->found, p->id.iface) &&
	       iscsi_db_discovery_takes(r->source, p->id.address, p->id.tpgt);
}

static bool is_new(void *data _unused_, const struct found_portal *p)
{
	return !p->taken;
}

static void use_answers(struct repeat *r)
{
	for (size_t i = 0; i < r->found.ifaces_count; i++)
		r->succeeded |= r->found.ifaces[i].whole;
	found_sort(&r->found, is_wanted, r);
	repeat_compare(r->manager, r->name, &r->found);
	found_sort(&r->found, is_new, NULL);
	if (iscsi_db_record_get_bool(r->source, "discovery.sendtargets.filter.reachable"))
		probe_new(r);
	else
		use_new(r);
}

static void take_item(struct repeat *r, struct found_iface *iface, const struct ipc_message *m)
{
	const char *name = iscsi_db_record_get(iface->record, "iface.iscsi_ifacename");
	struct iscsi_db_node_id id = {0};
	struct portal portal;
	char refused[TROUBLE_SIZE];
	int e;

	ipc_message_copy(m, "refused", refused, sizeof(refused));
	if (refused[0]) {
		iface->lacks = true;
		note(r, "%s", refused);
		return;
	}
	e = ipc_message_get_target(m, id.target, &portal);
	if (e == 0) {
		snprintf(id.address, sizeof(id.address), "%s", portal.host);
		snprintf(id.iface, sizeof(id.iface), "%s", name);
		id.port = portal.port;
		id.tpgt = portal.tpgt;
		e = found_add(&r->found, &id);
	}
	if (e == -EFBIG)
		note(r, "it finds more than %d portals, and is not used", FOUND_MAX);
	else if (e < 0)
		note(r, "what it finds cannot be used: %s", strerror(-e));
	iface->whole = iface->whole && e == 0;
}

static void on_answer(void *data, const struct ipc_message *m)
{
	struct ask *a = (struct ask *)data;
	struct repeat *r = a->repeat;
	struct found_iface *iface = &r->found.ifaces[a->place];

	if (m->reply == IPC_REPLY_ITEM)
		take_item(r, iface, m);
	if (m->reply != IPC_REPLY_DONE)
		return;
	a->request = NULL;
	if (own_request_error(m) != ISCSI_ERR_SUCCESS) {
		iface->whole = false;
		note_answer(r, m);
	}
	answered(r);
}

/* Discover through the interface that the request names. */
static int ask(struct repeat *r, const struct ipc_message *m)
{
	struct found_iface *iface = &r->found.ifaces[r->found.ifaces_count];
	struct request *request;
	int e = iscsi_db_record_parse(ISCSI_DB_IFACE, m->text, m->len, NULL, NULL, &iface->record);

	if (e < 0)
		return e;
	iface->whole = true;
	request = add_ask(r, r->found.ifaces_count++, on_answer);
	if (request)
		verb_dispatch(r->manager, request, m, true);
	else
		iface->whole = false;
	return 0;
}

uint64_t repeat_interval_usec(const struct iscsi_db_record *source)
{
	const char *key = iscsi_db_record_kind(source) == ISCSI_DB_ISNS
	                          ? "discovery.isns.discoveryd_poll_inval"
	                          : "discovery.sendtargets.discoveryd_poll_inval";
	int64_t sec = iscsi_db_record_get_int(source, key, REPEAT_INTERVAL_SEC);

	return (uint64_t)(sec < 0 ? REPEAT_INTERVAL_SEC : sec) * USEC_PER_SEC;
}

/* The record itself, which every request has. */
static int take_source(struct repeat *r, const struct ipc_message *m)
{
	int e = iscsi_db_record_parse(r->id.kind, m->text, m->len, NULL, NULL, &r->source);

	if (e == 0)
		r->interval_usec = repeat_interval_usec(r->source);
	return e;
}

static void ask_all(struct repeat *r)
{
	struct ipc_message m;
	size_t count = 0, at = 0;
	int e;

	while (next_request(r, &at, &m))
		count++;
	e = begin_asks(r, count, use_answers);
	r->found.ifaces = (struct found_iface *)calloc(count + 1, sizeof(*r->found.ifaces));
	if (!r->found.ifaces)
		e = -ENOMEM;
	for (at = 0; e == 0 && next_request(r, &at, &m);) {
		if (!r->source)
			e = take_source(r, &m);
		if (e == 0)
			e = ask(r, &m);
	}
	drop_text(r);
	if (e == 0 && !r->source)
		e = -EBADMSG;
	if (e < 0) {
		note(r, "cannot begin: %s", strerror(-e));
		conclude(r);
	} else {
		answered(r);
	}
}

static void on_requests(void *data, int result, const void *output, size_t len)
{
	struct repeat *r = (struct repeat *)data;

	r->child = NULL;
	if (result == -ENOENT) {
		log_notice("discovery %s is not repeated any more: its record does not say so",
		           r->name);
		repeat_free(r);
		return;
	}
	if (len > 0)
		note(r, "%.*s", (int)len, (const char *)output);
	if (result < 0) {
		note(r, "its record cannot be read: %s", strerror(-result));
		conclude(r);
	} else {
		ask_all(r);
	}
}

static void begin(struct repeat *r)
{
	if (r->list->busy == REPEATS_AT_ONCE) {
		then(r, begin, USEC_PER_SEC);
		return;
	}
	r->list->busy++;
	r->busy = true;
	start_child(r, repeat_ask, on_requests);
}

static void on_timer(void *data)
{
	struct repeat *r = (struct repeat *)data;

	r->next(r);
}

int repeat_new(struct manager *m, const struct iscsi_db_discovery_id *id, struct repeat_list *list)
{
	struct repeat *r = (struct repeat *)calloc(1, sizeof(*r));
	int e = r ? loop_add_timer(m->loop, on_timer, r, &r->timer) : -ENOMEM;

	if (e < 0) {
		free(r);
		return e;
	}
	r->manager = m;
	r->id = *id;
	r->interval_usec = REPEAT_INTERVAL_SEC * USEC_PER_SEC;
	snprintf(r->name, sizeof(r->name), "%s/%s,%u",
	         id->kind == ISCSI_DB_ISNS ? "isns" : "send_targets", id->address, id->port);
	r->list = list;
	list_append(&list->all, &r->node);
	log_info("discovery %s is repeated, as its record says", r->name);
	then(r, begin, 0);
	return 0;
}
