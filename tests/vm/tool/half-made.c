/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * half-made STEP [TARGET ADDRESS]: what another program leaves in the kernel when it dies in the
 * middle of a login: "session" alone, with a connection ("conn"), with its socket and names
 * ("bound"), or, named too, with a connection that was stopped ("stopped").  Prints the number of
 * the session.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "iscsid/nl.h"
#include "lib/base/addr.h"
#include "lib/base/macros.h"

enum { CID = 0, CMDS_MAX = 128, QUEUE_DEPTH = 32 };

static const char *const steps[] = {"session", "conn", "bound", "stopped"};

static int connected(const char *address)
{
	struct sockaddr_storage addr;
	socklen_t len;
	int fd;

	if (addr_from_literal(address, 3260, &addr, &len) < 0)
		return -1;
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, len) < 0)
		return -1;
	return fd;
}

static int create_conn(struct nl *nl, uint32_t sid)
{
	struct nl_batch *b = nl_batch_new(sid, CID);
	int r;

	if (!b)
		return -ENOMEM;
	nl_batch_create_conn(b);
	r = nl_batch_run(nl, b, NULL);
	nl_batch_free(b);
	return r;
}

static int bind_conn(struct nl *nl, uint32_t sid, const char *target, const char *address)
{
	struct nl_batch *b = nl_batch_new(sid, CID);
	int fd = connected(address), r;

	if (!b || fd < 0)
		return -EIO;
	nl_batch_bind(b, fd);
	nl_batch_param(b, NL_PARAM_TARGET_NAME, target);
	nl_batch_param(b, NL_PARAM_PERSISTENT_ADDRESS, address);
	nl_batch_param_u32(b, NL_PARAM_PERSISTENT_PORT, 3260);
	nl_batch_param(b, NL_PARAM_IFACE_NAME, "default");
	r = nl_batch_run(nl, b, NULL);
	nl_batch_free(b);
	close(fd);
	return r;
}

static int make(size_t step, const char *target, const char *address)
{
	uint32_t sid = 0, host_no;
	struct nl *nl;
	int r = nl_open(&nl);

	if (r < 0)
		return r;
	r = nl_use_transport(nl, NULL, "tcp");
	if (r == 0)
		r = nl_create_session(nl, CMDS_MAX, QUEUE_DEPTH, 1, &sid, &host_no);
	if (r == 0 && step >= 1)
		r = create_conn(nl, sid);
	if (r == 0 && step >= 2)
		r = bind_conn(nl, sid, target, address);
	if (r == 0 && step >= 3)
		r = nl_stop_conn(nl, sid, CID, NL_STOP_RECOVER);
	nl_close(nl);
	if (r == 0)
		printf("%u\n", sid);
	return r;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_LEN(steps) && argc == 4; i++) {
		if (strcmp(argv[1], steps[i]) == 0) {
			int r = make(i, argv[2], argv[3]);

			if (r < 0)
				fprintf(stderr, "half-made: %s\n", strerror(-r));
			return r < 0;
		}
	}
	fprintf(stderr, "usage: half-made session|conn|bound|stopped TARGET ADDRESS\n");
	return 2;
}
