/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child's items come as a file in memory that it hands over: a table of secrets is longer than
 * what a child may say, and belongs into no file that has a name.  An item ends in a NUL.
 */
#include "iscsid/host_act.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iscsid/child.h"
#include "lib/base/file.h"

/* As many as a client may have in its queue. */
enum { ITEMS_MAX = CONTROL_QUEUE_MAX };

struct act {
	struct list_node node;
	struct host_act what;
	struct child *child; /* NULL: it waits */
	int items;           /* descriptor; -1: there are none */
	/* borrowed */
	struct manager *manager;
	struct request *request;
};

void host_act_done(struct host_act *act)
{
	nl_params_done(&act->params);
	explicit_bzero(&act->chap, sizeof(act->chap));
}

void host_act_end_item(struct writer *items)
{
	writer_u8(items, 0);
}

/* ---- in the child ----------------------------------------------------------------------- */

static int hand_over(int out, const struct writer *items)
{
	_cleanup_close_ int fd = memfd_create("iscsid-items", MFD_CLOEXEC);
	int r = fd < 0 ? -errno : writer_status(items);

	if (r == 0)
		r = file_write(fd, items->data, items->len);
	return r < 0 ? r : child_give(out, fd);
}

static int run(const void *arg, int out)
{
	const struct host_act *act = (const struct host_act *)arg;
	struct writer items = writer_make(ITEMS_MAX);
	struct nl *nl;
	int r = nl_open(&nl);

	if (r == 0)
		r = nl_use_transport(nl, act->sysfs, act->transport);
	if (r == 0)
		r = act->run(nl, act, &items);
	if (r == 0)
		r = hand_over(out, &items);
	return r;
}

/* ---- the answer ------------------------------------------------------------------------- */

static void relay(struct request *request, const char *items, size_t len)
{
	const char *end;
	struct writer w;

	for (; (end = memchr(items, '\0', len));
	     len -= (size_t)(end + 1 - items), items = end + 1) {
		request_begin(request, IPC_REPLY_ITEM, &w);
		writer_bytes(&w, items, (size_t)(end - items));
		request_send(request, &w);
	}
}

static int relay_file(struct request *request, int fd)
{
	struct stat st;
	void *items;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0)
		return 0;
	items = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (items == MAP_FAILED)
		return -errno;
	relay(request, items, (size_t)st.st_size);
	munmap(items, (size_t)st.st_size);
	return 0;
}

static void answer(struct request *request, const struct host_act *act, int result)
{
	enum iscsi_err error = iscsi_err_from_errno(result);
	struct writer w;

	if (result < 0 && result != -EBUSY && act->failed)
		error = act->failed;
	if (result == -ETIMEDOUT) {
		request_done(
			request, ISCSI_ERR_REQ_TIMEDOUT,
			"host %u has not answered for %d s; what it was asked for it may do yet",
			act->host_no, HOST_ACT_DEADLINE_SEC);
		return;
	}
	if (result == -ECHILD) {
		request_done(request, ISCSI_ERR_CHILD_TERMINATED,
		             "the process that asked host %u ended early", act->host_no);
		return;
	}
	if (result == -EBUSY && act->careful) {
		request_done(request, ISCSI_ERR_BUSY,
		             "disks of session %u are in use, and iscsid.safe_logout is configured",
		             act->index);
		return;
	}
	request_begin(request, IPC_REPLY_DONE, &w);
	kv_putf(&w, KV_NEWLINE, "error", "%d", (int)error);
	if (result < 0) {
		kv_putf(&w, KV_NEWLINE, "iferror", "%d", result);
		kv_putf(&w, KV_NEWLINE, "detail", "host %u: %s", act->host_no, strerror(-result));
	}
	request_finish(request, &w);
}

/* ---- what is under way, and what waits -------------------------------------------------- */

static struct act *act_free(struct act *a)
{
	list_remove(&a->node);
	child_cancel(a->child);
	if (a->items >= 0)
		close(a->items);
	host_act_done(&a->what);
	free(a);
	return NULL;
}

static void begin_waiting(struct manager *m);

static void on_items(void *data, int fd)
{
	struct act *a = (struct act *)data;

	if (a->items >= 0)
		close(a->items);
	a->items = fd;
}

static void on_done(void *data, int result, const void *output _unused_, size_t len _unused_)
{
	struct act *a = (struct act *)data;
	struct manager *m = a->manager;

	a->child = NULL;
	if (result == 0)
		result = relay_file(a->request, a->items);
	answer(a->request, &a->what, result);
	act_free(a);
	begin_waiting(m);
}

static int begin(struct act *a)
{
	const struct child_job job = {
		.run = run,
		.arg = &a->what,
		.deadline_usec = HOST_ACT_DEADLINE_SEC * USEC_PER_SEC,
		.done = on_done,
		.descriptor = on_items,
		.data = a,
	};
	int r = child_start(a->manager->loop, &job, &a->child);

	host_act_done(&a->what); /* the child has its own */
	return r;
}

static void begin_waiting(struct manager *m)
{
	unsigned int under_way = 0;

	list_for_each (n, &m->host_acts) {
		struct act *a = list_entry(n, struct act, node);
		int r;

		if (++under_way > HOST_ACTS_MAX)
			return;
		if (a->child)
			continue;
		r = begin(a);
		if (r < 0) {
			answer(a->request, &a->what, r);
			act_free(a);
		}
	}
}

static void on_gone(struct request *request _unused_, void *data)
{
	struct act *a = (struct act *)data;
	struct manager *m = a->manager;

	act_free(a);
	begin_waiting(m);
}

void host_act_start(struct manager *m, const struct host_act *act, struct request *request)
{
	struct act *a = (struct act *)calloc(1, sizeof(*a));

	if (!a) {
		host_act_done(&(struct host_act){.params = act->params});
		request_done(request, ISCSI_ERR_NOMEM, "no memory for a request");
		return;
	}
	a->what = *act;
	a->items = -1;
	a->manager = m;
	a->request = request;
	request->gone = on_gone;
	request->data = a;
	list_append(&m->host_acts, &a->node);
	begin_waiting(m);
}
