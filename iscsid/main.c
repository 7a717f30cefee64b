/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iscsid: the manager process.  Start, serve, stop; what it serves is verb.c's.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iscsid/daemon.h"
#include "iscsid/log_sink.h"
#include "iscsid/loop.h"
#include "iscsid/manager.h"
#include "iscsid/notify.h"
#include "iscsid/old_door.h"
#include "iscsid/options.h"
#include "iscsid/repeat.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/ipc/channel.h"
#include "libiscsi-db/iscsi-db.h"

static void on_stop(void *data)
{
	loop_exit((struct loop *)data, 0);
}

static void on_ignored(void *data _unused_)
{
}

/* TERM stops; INT does in the foreground, where it is a key. */
static int catch_signals(struct loop *loop, bool foreground, struct loop_source *ret[static 2])
{
	int r = loop_add_signal(loop, SIGTERM, on_stop, loop, &ret[0]);

	if (r == 0)
		r = loop_add_signal(loop, SIGINT, foreground ? on_stop : on_ignored, loop, &ret[1]);
	signal(SIGPIPE, SIG_IGN);
	return r;
}

static void on_name_problem(void *data, unsigned int line, const char *text)
{
	log_warning("%s, line %u: %s", (const char *)data, line, text);
}

static void read_initiator_name(const char *path, char name[static 224], char alias[static 256])
{
	char problem_path[PATH_MAX];
	int r;

	snprintf(problem_path, sizeof(problem_path), "%s", path);
	name[0] = alias[0] = 0;
	r = iscsi_db_initiator_name(path, on_name_problem, problem_path, name, alias);
	if (r == 0)
		return;
	log_error("Warning: InitiatorName file %s does not exist or does not contain a properly "
	          "formatted InitiatorName. If using software iscsi (iscsi_tcp), nothing can be "
	          "discovered or logged in to until it has a line InitiatorName=iqn.yyyy-mm.<name> "
	          "and iscsid is started again (%s).",
	          path, strerror(-r));
}

/* At start, so that no logout reads a file that may be on a disk of iSCSI. */
static bool read_safe_logout(const char *path)
{
	struct iscsi_db_config *config;
	const char *value;
	bool safe;
	int r = iscsi_db_config_read(path, NULL, NULL, &config);

	if (r < 0) {
		log_warning("cannot read %s: %s, ignoring", path, strerror(-r));
		return false;
	}
	value = iscsi_db_config_get(config, "iscsid.safe_logout");
	safe = value && strcmp(value, "Yes") == 0;
	iscsi_db_config_free(config);
	return safe;
}

static int control_listener(const char *path)
{
	int fd = notify_listener();

	return fd == -ENOENT ? ipc_listen(path) : fd;
}

/* Everything is up: serve until told to stop.  The exit code. */
static int serve(struct manager *m, const struct options *o, int ready_fd)
{
	struct repeats *repeats = NULL;
	int r = daemon_drop(o->uid, o->gid);

	if (r < 0) {
		log_error("cannot become user %d and group %d: %s", o->uid, o->gid, strerror(-r));
		return 1;
	}
	if (!o->foreground) {
		r = daemon_ready(ready_fd);
		log_sink_open(LOG_PLACE_SYSLOG, o->debug);
		if (r < 0) {
			log_error("cannot become a daemon: %s", strerror(-r));
			return 1;
		}
	}
	log_notice("iSCSI daemon with pid=%d started!", (int)getpid());
	notify_state("READY=1\nSTATUS=Ready to process requests");
	r = repeats_new(m, &repeats);
	if (r < 0)
		log_warning("cannot repeat discoveries: %s, ignoring", strerror(-r));
	r = loop_run(m->loop);
	repeats_free(repeats);
	notify_state("STOPPING=1");
	if (r < 0) {
		log_error("the event loop failed: %s", strerror(-r));
		return 1;
	}
	log_notice("iscsid shutting down.");
	return 0;
}

/* For the one daemon of the machine, not for one with a socket of its own. */
static struct old_door *open_old_door(struct loop *loop, const struct options *o)
{
	struct old_door *door = NULL;
	int r = 0;

	if (strcmp(o->control, IPC_SOCKET_PATH) == 0)
		r = old_door_new(loop, OLD_DOOR_NAME, &door);
	if (r == -EADDRINUSE)
		log_warning(
			"another iSCSI daemon runs on this machine; stop one of them, or both log "
			"in to what one of them loses");
	else if (r < 0)
		log_warning("cannot listen for old programs: %s", strerror(-r));
	return door;
}

static int run(const struct options *o, int ready_fd)
{
	_cleanup_(cleanup_loop_free) struct loop *loop = NULL;
	_cleanup_close_ int pid_fd = -1;
	struct loop_source *signals[2] = {0};
	char name[224], alias[256], folder[PATH_MAX];
	struct manager_config config = {
		.run_dir = folder,
		.config_path = o->config,
		.initiator_name = name,
		.initiator_alias = alias,
		.safe_logout = read_safe_logout(o->config),
	};
	struct old_door *old_door = NULL;
	struct manager manager;
	const char *what;
	int r;

	config.listener = control_listener(o->control);
	if (config.listener < 0) {
		log_error("Can not bind IPC socket %s: %s", o->control, strerror(-config.listener));
		return 1;
	}
	if (o->pid_file) {
		pid_fd = daemon_pid_file(o->pid_file);
		if (pid_fd < 0) {
			log_error("cannot write the pid file %s: %s", o->pid_file,
			          strerror(-pid_fd));
			close(config.listener);
			return 1;
		}
	}
	read_initiator_name(o->initiator_name_file, name, alias);
	what = "start the event loop";
	/* the folder of the control socket holds the daemon's state as well */
	r = file_folder(o->control, folder);
	if (r == 0)
		r = loop_new(&loop);
	if (r == 0)
		r = catch_signals(loop, o->foreground, signals);
	/* before the login process is started: it inherits what helps it through recovery */
	daemon_protect();
	if (r < 0)
		close(config.listener);
	else
		r = manager_init(&manager, loop, &config, &what);
	if (r < 0) {
		log_error("cannot %s: %s", what, strerror(-r));
	} else {
		old_door = open_old_door(loop, o);
		r = serve(&manager, o, ready_fd);
		old_door_free(old_door);
		manager_done(&manager);
	}
	loop_source_free(signals[0]);
	loop_source_free(signals[1]);
	return r < 0 ? 1 : r;
}

int main(int argc, char **argv)
{
	struct options options;
	int ready_fd = -1;

	file_guard_stdio();
	switch (options_parse(argc, argv, &options)) {
	case OPTIONS_RUN: break;
	case OPTIONS_DONE: return 0;
	case OPTIONS_WRONG: return 1;
	}
	umask(077);
	log_sink_open(options.foreground ? LOG_PLACE_STDERR : LOG_PLACE_BOTH, options.debug);
	if (!options.foreground) {
		ready_fd = daemon_fork();
		if (ready_fd < 0) {
			log_error("cannot become a daemon: %s", strerror(-ready_fd));
			return 1;
		}
	}
	return run(&options, ready_fd);
}
