/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/rescan.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "iscsiadm/json_objects.h"
#include "iscsiadm/select.h"
#include "lib/base/clock.h"
#include "lib/base/macros.h"
#include "lib/host/scan.h"

/* The words of lib/host/scan.h and of the daemon (lib/ipc/message.h, verb "rescan"). */
static const struct {
	const char *change, *text;
} changes[] = {
	{"replaced", "is another disk now; it was removed and the other one added"},
	{"replaced-in-use",
         "is another disk now; it was removed, though in use, and the other one added"},
	{"removed", "is gone from the target; it was removed"},
	{"gone-in-use",
         "is gone from the target, but in use: it stays until it is not and is rescanned"},
};

static void print_change(struct batch *b, size_t i, uint64_t lun, const char *disk,
                         const char *change)
{
	struct json json;

	if (b->cli->json) {
		json = json_add_object(json_open_list(b->results[i], "changes"), NULL);
		json_add_unsigned(json, "lun", lun);
		json_add_text(json, "disk", disk);
		json_add_text(json, "change", change);
		return;
	}
	for (size_t c = 0; c < ARRAY_LEN(changes); c++) {
		if (strcmp(changes[c].change, change) == 0)
			printf("LUN %" PRIu64 " (%s) of session %s %s.\n", lun,
			       disk[0] ? disk : "no disk", b->objects[i], changes[c].text);
	}
}

void rescan_print_answer(struct batch *b, size_t i, const struct ipc_message *m)
{
	char lun[32], disk[HOST_DISK_SIZE], change[32];

	if (m->reply != IPC_REPLY_ITEM)
		return;
	ipc_message_copy(m, "lun", lun, sizeof(lun));
	ipc_message_copy(m, "disk", disk, sizeof(disk));
	ipc_message_copy(m, "change", change, sizeof(change));
	print_change(b, i, strtoull(lun, NULL, 10), disk, change);
}

/* Whose session is scanned. */
struct told {
	struct batch *b;
	size_t i;
};

static void tell(void *data, const struct scan_change *change)
{
	const struct told *told = data;

	print_change(told->b, told->i, change->lun, change->disk, scan_change_name(change->kind));
}

static struct scan_wish wish_of(const struct options *o)
{
	struct scan_luns luns = {.all = o->lun_count == 0};

	for (size_t i = 0; i < o->lun_count; i++)
		scan_luns_add(&luns, o->luns[i]);
	return (struct scan_wish){.find = luns, .reread = luns, .prune = luns};
}

static int fail(struct client_request *request, enum iscsi_err error, const char *why)
{
	request->error = error;
	request->detail = strdup(why);
	return -1;
}

/* What a scan would wait for in vain.  0, or -1 with the request filled in. */
static int check(const struct cli *cli, const struct host_session *s,
                 struct client_request *request)
{
	struct host_session now;

	if (cli->deadline_usec && clock_usec() >= cli->deadline_usec)
		return fail(request, ISCSI_ERR_REQ_TIMEDOUT, "the time of --timeout is over");
	if (host_session_read(cli->paths.sysfs, s->sid, HOST_DETAIL_STATE, &now) < 0)
		return fail(request, ISCSI_ERR_SESS_NOT_FOUND, "there is no such session");
	if (strcmp(now.session_state, "LOGGED_IN") != 0)
		return fail(request, ISCSI_ERR_SESSION_NOT_CONNECTED,
		            "it has no connection that works, and no iscsid runs to bring it back");
	return 0;
}

void rescan_alone(struct batch *b, size_t i, const struct host_session *s)
{
	struct cli *cli = b->cli;
	struct client_request *request = &b->requests[i];
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	struct told told = {.b = b, .i = i};
	struct scan scan = {
		.sysfs = cli->paths.sysfs,
		.sid = (uint32_t)s->sid,
		.host_no = (uint32_t)s->host_no,
		.wish = wish_of(&cli->opts),
		.tell = tell,
		.data = &told,
	};
	int r;

	if (check(cli, s, request) < 0)
		return;
	record = select_session_record(cli, s);
	scan.queue_depth = scan_queue_depth(
		record ? iscsi_db_record_get_int(record, "node.session.queue_depth", 0) : 0);
	r = scan_run(&scan);
	if (r == -ENOENT)
		fail(request, ISCSI_ERR_SESS_NOT_FOUND, "it has gone meanwhile");
	else if (r < 0)
		fail(request, iscsi_err_from_errno(r), strerror(-r));
}
