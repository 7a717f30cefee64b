/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iscsistart: logs in before there is a system, from the initial RAM disk.  It is the daemon's code
 * and the command line's in one program, so that an image needs no other.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "iscsiadm/boot_record.h"
#include "iscsistart/login.h"
#include "iscsistart/network.h"
#include "iscsistart/options.h"
#include "iscsistart/say.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/ipc/error.h"

static void to_stderr(enum log_level level _unused_, const char *text)
{
	say("%s", text);
}

static void say_left_out(void *data _unused_, const char *text)
{
	say("firmware: %s", text);
}

/* What is said, on stdout as ever, where firmware has nothing for the first thing asked for. */
static const char *nothing_for(const struct options *o)
{
	if (o->network)
		return "Could not setup fw entries.";
	return o->print ? "Could not get list of targets from firmware."
	                : "Could not get boot entry.";
}

static int by_firmware(const struct options *o)
{
	struct boot_path *paths = NULL;
	size_t count = 0;
	int rc = 0;

	if (boot_paths(o->sysfs, say_left_out, NULL, &paths, &count) < 0) {
		say("%s", iscsi_err_text(ISCSI_ERR_NOMEM));
		return ISCSI_ERR_NOMEM;
	}
	if (count == 0) {
		puts(nothing_for(o));
		return ISCSI_ERR_NO_OBJS_FOUND;
	}
	if (o->network)
		rc = network_setup(paths, count);
	for (size_t i = 0; o->print && i < count; i++)
		boot_print(&paths[i], o->show_secrets);
	if (o->connect) {
		say("version %s", VERSION);
		rc = login_by_firmware(o, paths, count);
	}
	boot_paths_free(paths, count);
	return rc;
}

int main(int argc, char **argv)
{
	struct options options;
	int rc;

	file_guard_stdio();
	umask(S_IRWXG | S_IRWXO);
	log_set_sink(to_stderr);
	log_set_level(LOG_LEVEL_NOTICE);
	switch (options_parse(argc, argv, &options)) {
	case OPTIONS_RUN: break;
	case OPTIONS_DONE: return 0;
	case OPTIONS_WRONG: return ISCSI_ERR_INVAL;
	}
	if (options.debug > 0)
		log_set_level(LOG_LEVEL_DEBUG);
	if (options.connect || options.network || options.print) {
		rc = by_firmware(&options);
	} else {
		say("version %s", VERSION);
		rc = login_by_options(&options);
	}
	options_done(&options);
	if (fflush(stdout) != 0 && rc == 0)
		rc = 1;
	return rc;
}
