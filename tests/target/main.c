/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iscsi-testtarget: start, say when it is ready, serve until SIGTERM or SIGINT.
 * Exit status: 0 after a signal, 1 when it could not serve, 2 for a mistake in the command line.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "lib/base/log.h"
#include "lib/base/macros.h"
#include "tests/target/listener.h"
#include "tests/target/options.h"
#include "tests/target/server.h"

enum { EXIT_USAGE = 2 };

static void to_stderr(enum log_level level _unused_, const char *text)
{
	fprintf(stderr, "iscsi-testtarget: %s\n", text);
}

/* One line with the portals as they are: a port of 0 has become a real one. */
static int tell_ready(const struct server *s, int fd)
{
	struct writer w = writer_make(OPTIONS_PORTALS_MAX * PORTAL_TEXT_SIZE);
	int r = 0;

	for (const struct listener *l = s->listeners; l; l = l->next) {
		char text[PORTAL_TEXT_SIZE];
		struct portal portal;

		if (listener_address(l, -1, &portal) < 0)
			continue;
		portal.tpgt = TARGET_TPGT;
		writer_printf(&w, "%s%s", l != s->listeners ? " " : "",
		              portal_format(&portal, text));
	}
	writer_str(&w, "\n");
	if (writer_status(&w) < 0 || write(fd, w.data, w.len) != (ssize_t)w.len)
		r = -EIO;
	writer_done(&w);
	return r;
}

static int serve(struct options *o, int stop)
{
	char text[PORTAL_TEXT_SIZE];
	struct server s;
	size_t failed;
	int r = server_init(&s, o, &failed);

	if (r < 0) {
		log_error("cannot listen on %s: %s",
		          failed < o->portal_count ? portal_format(&o->portals[failed], text)
		          : o->control[0]          ? o->control
		                                   : "the portals",
		          strerror(-r));
		return r;
	}
	if (o->ready_fd >= 0 && tell_ready(&s, o->ready_fd) < 0)
		log_error("cannot write to the file %d of --ready-fd", o->ready_fd);
	r = server_run(&s, stop);
	if (r < 0)
		log_error("the event loop failed: %s", strerror(-r));
	server_done(&s);
	return r;
}

int main(int argc, char **argv)
{
	_cleanup_close_ int stop = -1;
	char fault[OPTIONS_FAULT_SIZE];
	struct options options;
	sigset_t signals;
	int r;

	log_set_sink(to_stderr);
	if (options_parse(argc, argv, &options, fault) < 0) {
		log_error("%s", fault);
		return EXIT_USAGE;
	}
	if (options.help) {
		fputs(options_usage(), stdout);
		options_done(&options);
		return EXIT_SUCCESS;
	}
	log_set_level(options.verbose ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	stop = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	r = stop < 0 ? -errno : serve(&options, stop);
	options_done(&options);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
