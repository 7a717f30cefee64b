/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsistart/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iscsid/loop.h"
#include "iscsid/manager.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/macros.h"
#include "lib/ipc/channel.h"
#include "libiscsi-db/iscsi-db.h"

/* What a daemon that nobody asks any more may take to end. */
enum { END_MSEC = 3000 };

/* How often another one's daemon may come or go between a look and a call. */
enum { OPEN_TRIES = 8 };

static void on_term(void *data)
{
	loop_exit((struct loop *)data, 0);
}

/* The child's work. */
static int serve(int listener, const char *control, const char *config_path)
{
	_cleanup_(cleanup_loop_free) struct loop *loop = NULL;
	char name[ISCSI_NAME_SIZE] = "", alias[256] = "", folder[PATH_MAX];
	struct manager_config config = {
		.listener = listener,
		.run_dir = folder,
		.config_path = config_path,
		.initiator_name = name,
		.initiator_alias = alias,
		.ends_when_idle = true,
	};
	const char *what = "start the event loop";
	struct loop_source *term = NULL;
	struct manager manager;
	int r;

	/* for boot disks whose firmware has no name for us */
	iscsi_db_initiator_name(NULL, NULL, NULL, name, alias);
	signal(SIGPIPE, SIG_IGN);
	/* the folder of the control socket holds the state as well: the system's daemon looks there
	 */
	r = file_folder(control, folder);
	if (r == 0)
		r = loop_new(&loop);
	if (r == 0)
		r = loop_add_signal(loop, SIGTERM, on_term, loop, &term);
	if (r == 0)
		r = manager_init(&manager, loop, &config, &what);
	else
		close(listener);
	if (r == 0) {
		loop_run(loop);
		manager_done(&manager);
	} else {
		log_error("cannot %s: %s", what, strerror(-r));
	}
	/* the socket's file stays: by now it may be the next one's */
	loop_source_free(term);
	return r < 0;
}

/* Fork the daemon.  The descriptor that tells its end, or a negative errno; listener is used up. */
static int start(int listener, struct client *client, const char *control, const char *config)
{
	int ends[2], null;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		int error = -errno;

		close(listener);
		return error;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		/* what is the client's end here would keep the daemon from seeing it go */
		client_close(client);
		close(ends[0]);
		setsid();
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null >= 0) {
			dup2(null, STDIN_FILENO);
			dup2(null, STDOUT_FILENO);
			close(null);
		}
		_exit(serve(listener, control, config));
	}
	close(listener);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -EAGAIN;
	}
	return ends[0];
}

/* Listen, unless another one does by now: then 0 and no daemon of ours. */
static int open_ours(struct boot_daemon *d, const char *control, const char *config)
{
	int r, listener = ipc_listen(control);

	if (listener < 0)
		return listener == -EADDRINUSE ? 0 : listener;
	/* ahead of the fork: the daemon is never without a client before it is done */
	r = client_connect(control, NULL, &d->client);
	if (r < 0) {
		close(listener);
		return r;
	}
	r = d->alive = start(listener, d->client, control, config);
	return r < 0 ? r : 0;
}

int boot_daemon_open(struct boot_daemon *d, const char *control, const char *config)
{
	struct boot_daemon opened = {.alive = -1};
	int r = 0;

	/* several that start at the same time share the daemon of one of them */
	for (int i = 0; i < OPEN_TRIES && !opened.client && r == 0; i++) {
		r = client_connect(control, NULL, &opened.client);
		if (r == -ECONNREFUSED || r == -ENOENT)
			r = open_ours(&opened, control, config);
	}
	if (r == 0 && !opened.client)
		r = -EADDRINUSE;
	if (r < 0) {
		client_close(opened.client);
		return r;
	}
	*d = opened;
	return 0;
}

void boot_daemon_close(struct boot_daemon *d)
{
	struct pollfd p = {.fd = d->alive, .events = POLLIN};

	d->client = client_close(d->client);
	if (d->alive < 0)
		return;
	poll(&p, 1, END_MSEC);
	close(d->alive);
	d->alive = -1;
}
