/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/in_use.h"

#include <errno.h>
#include <string.h>

#include "iscsiadm/batch.h"
#include "iscsiadm/report.h"
#include "lib/host/block.h"
#include "lib/ipc/error.h"

enum { USES_SIZE = 1024 };

DEFINE_CLEANUP(struct host_block, host_block_free)

static const char *reason(int error)
{
	return error == -ELIBACC ? "libmount.so.1 is not installed" : strerror(-error);
}

/* What uses a session's disks, or why that is not known; "": nothing. */
static void find_uses(struct host_block *block, int sid, const int *leaving, size_t count,
                      char dst[static USES_SIZE])
{
	struct host_uses uses;
	int r;

	dst[0] = '\0';
	/* one that is not in the kernel yet has no disks */
	if (sid <= 0)
		return;
	r = host_block_uses(block, sid, leaving, count, &uses);
	if (r < 0) {
		snprintf(dst, USES_SIZE, "cannot see by what (%s)", reason(r));
		return;
	}
	host_uses_text(&uses, dst, USES_SIZE);
	host_uses_done(&uses);
}

static void report_kept(const struct host_session *s, const char *uses)
{
	_cleanup_free_ char *object = batch_session_object(s);

	report("session %s is in use and stays: %s", object ? object : "", uses);
}

int in_use_take_out(struct cli *cli, const struct host_session **sessions, size_t *count)
{
	_cleanup_(cleanup_host_block_free) struct host_block *block = NULL;
	_cleanup_free_ int *leaving = calloc(*count + 1, sizeof(*leaving));
	size_t kept = 0, all = *count;
	char uses[USES_SIZE];
	int r = leaving ? host_block_open(cli->paths.sysfs, cli->paths.proc, &block) : -ENOMEM;

	if (r < 0) {
		report("cannot see which disks are in use (%s); nothing is logged out without "
		       "--force",
		       reason(r));
		*count = 0;
		return ISCSI_ERR_BUSY;
	}
	for (size_t i = 0; i < all; i++)
		leaving[i] = sessions[i]->sid;
	for (size_t i = 0; i < all; i++) {
		find_uses(block, sessions[i]->sid, leaving, all, uses);
		if (uses[0])
			report_kept(sessions[i], uses);
		else
			sessions[kept++] = sessions[i];
	}
	*count = kept;
	return kept == all ? ISCSI_ERR_SUCCESS : ISCSI_ERR_BUSY;
}
