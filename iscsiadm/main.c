/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iscsiadm: the mode table, and from the command line to the handler of its mode.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iscsiadm/cli.h"
#include "iscsiadm/client.h"
#include "iscsiadm/complete.h"
#include "iscsiadm/daemon.h"
#include "iscsiadm/json_objects.h"
#include "iscsiadm/migrate.h"
#include "iscsiadm/rehearsal.h"
#include "iscsiadm/report.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/ipc/error.h"

enum { DISCOVERY_OPS = RECORD_OPS | OP_NONPERSISTENT };

/* clang-format off */
static const struct mode modes[] = {
	{"discoverydb", "DSIPdmntplovJ", DISCOVERY_OPS, NULL, mode_discoverydb,
	 .doc = "keep discovery records and use them",
	 .usage = "[-d debug_level] [-P printlevel] [-t type -p ip:port -I ifaceN ... [-Dl]] | "
	          "[[-p ip:port -t type] [-o operation] [-n name] [-v value] [-lD]]"},
	{"discovery", "DSIPdmntplovJ", DISCOVERY_OPS, "Invalid operation.", mode_discovery,
	 .doc = "ask a portal or an iSNS server for targets",
	 .usage = "[-d debug_level] [-P printlevel] [-t type -p ip:port -I ifaceN ... [-l]] | "
	          "[[-p ip:port] [-l | -D]]"},
	{"node", "RsPIdmlSonvupTULWJ", RECORD_OPS, "operation is not supported.", mode_node,
	 .doc = "keep node records, log in and out",
	 .usage = "[-d debug_level] [-P printlevel] [-L all,manual,automatic,onboot] [-W] "
	          "[-U all,manual,automatic] [-S] [[-T targetname -p ip:port -I ifaceN] "
	          "[-l | -u | -R | -s]] [[-o operation] [-n name] [-v value]]"},
	{"session", "PiRdrmusonSvJ", RECORD_OPS, "operation is not supported.", mode_session,
	 .doc = "list sessions, change them, log out",
	 .usage = "[-d debug_level] [-P printlevel] [-r sessionid | sysfsdir [-R | -u | -s] "
	          "[-o operation] [-n name] [-v value]]"},
	{"iface", "HIdnvmPoCabciJ", RECORD_OPS | OP_APPLY | OP_APPLYALL,
	 "operation is not supported.", mode_iface,
	 .doc = "keep interface records",
	 .usage = "[-d debug_level] [-P printlevel] [-I ifacename | -H hostno|MAC] "
	          "[[-o operation] [-n name] [-v value]] | "
	          "[-C ping [-a ip] [-b packetsize] [-c count] [-i interval]]"},
	{"fw", "dmlWnvSJ", 0, NULL, mode_fw,
	 .doc = "what firmware boots from: show it, log in to it",
	 .usage = "[-d debug_level] [-l] [-W] [[-n name] [-v value]]"},
	{"host", "CHdmPotnvxASJ", RECORD_OPS | OP_LOGIN | OP_LOGOUT, NULL, mode_host,
	 .doc = "list SCSI hosts, ask adapters",
	 .usage = "[-P printlevel] [-H hostno|MAC] [[-C chap [-x chap_tbl_idx]] | "
	          "[-C flashnode [-A portal_type] [-x flashnode_idx]] | [-C stats]] "
	          "[[-o operation] [-n name] [-v value]]"},
	{"monitor", "dmJ", 0, "operation is not supported.", mode_monitor, .ours = true,
	 .doc = "print what happens to sessions as it happens",
	 .usage = "[-d debug_level] [--json]"},
	{"metrics", "dm", 0, "operation is not supported.", mode_metrics, .ours = true,
	 .doc = "print sessions and counters as OpenMetrics text",
	 .usage = "[-d debug_level]"},
	{"doctor", "dmJ", 0, "operation is not supported.", mode_doctor, .ours = true,
	 .doc = "look for what is wrong, and say what to do",
	 .usage = "[-d debug_level] [--json]"},
	{0},
};
/* clang-format on */

static void interrupted(int number _unused_)
{
	static const char text[] = "iscsiadm: caught SIGINT, exiting...\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(ISCSI_ERR_UNKNOWN);
	_exit(ISCSI_ERR_UNKNOWN);
}

/* What is beyond the deadline by so much does not wait for the daemon, but for a lock or a disk. */
enum { ALARM_GRACE_SEC = 2 };

static void timed_out(int number _unused_)
{
	static const char text[] = "iscsiadm: the time of --timeout is up, exiting...\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(ISCSI_ERR_REQ_TIMEDOUT);
	_exit(ISCSI_ERR_REQ_TIMEDOUT);
}

static void start_clock(struct cli *cli)
{
	const struct sigaction on_alarm = {.sa_handler = timed_out};

	if (cli->opts.timeout == 0)
		return;
	cli->deadline_usec = clock_usec() + (uint64_t)cli->opts.timeout * USEC_PER_SEC;
	sigaction(SIGALRM, &on_alarm, NULL);
	alarm((unsigned int)cli->opts.timeout + ALARM_GRACE_SEC);
}

/* --json: one document, which tells about the run as a whole as well. */
static int begin_json(struct cli *cli)
{
	const char *why = "";
	struct json root;
	int r;

	if (!cli->opts.json)
		return ISCSI_ERR_SUCCESS;
	r = json_document_new(&cli->json, &why);
	if (r < 0) {
		report("--json: %s%s%s", strerror(-r), why[0] ? ": " : "", why);
		return (int)iscsi_err_from_errno(r);
	}
	root = json_root(cli->json);
	json_add_number(root, "schema", JSON_SCHEMA);
	json_add_text(root, "version", VERSION);
	json_add_text(root, "mode", cli->opts.mode->name);
	return ISCSI_ERR_SUCCESS;
}

static int end_json(struct cli *cli, int rc)
{
	if (!cli->json)
		return rc;
	json_put_error(json_root(cli->json), rc);
	if (json_document_write(cli->json, JSON_PRETTY, stdout) < 0) {
		report("%s", iscsi_err_text(ISCSI_ERR_NOMEM));
		rc = first_error(rc, ISCSI_ERR_NOMEM);
	}
	cli->json = json_document_free(cli->json);
	return rc;
}

static int run(struct cli *cli)
{
	int rc;

	if (!cli->opts.mode && !cli->opts.migrate_from)
		return daemon_stop(cli);
	rc = begin_json(cli);
	if (rc == 0)
		rc = cli_init(cli);
	if (rc == 0) {
		rehearsal_begin(cli);
		rc = cli->opts.mode ? cli->opts.mode->run(cli) : migrate(cli);
		rehearsal_end(cli);
	}
	return end_json(cli, rc);
}

/* Lists may be long: they are written in large pieces, unless somebody watches. */
static void buffer_output(void)
{
	static char buffer[1 << 16];

	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

/* What was lost before, when a part was written out, counts as well. */
static int end_output(int rc)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return rc;
	report("could not write to standard output");
	return first_error(rc, ISCSI_ERR_UNKNOWN);
}

int main(int argc, char **argv)
{
	static char name[] = "iscsiadm";
	const struct sigaction on_interrupt = {.sa_handler = interrupted};
	struct cli cli = {0};
	int rc;

	file_guard_stdio();
	buffer_output();
	if (argc > 0)
		argv[0] = name; /* what getopt_long() starts its messages with */
	umask(S_IRWXG | S_IRWXO);
	sigaction(SIGINT, &on_interrupt, NULL);
	if (argc > 1 && strcmp(argv[1], "--complete") == 0)
		return end_output(complete(modes, argc - 2, argv + 2));
	if (options_parse(argc, argv, modes, &cli.opts, &rc) < 0)
		return end_output(rc);
	report_init(cli.opts.debug);
	cli.paths = (struct paths){.db = cli.opts.db,
	                           .sysfs = cli.opts.sysfs,
	                           .proc = cli.opts.proc,
	                           .control = cli.opts.control,
	                           .config = cli.opts.config};
	start_clock(&cli);
	rc = run(&cli);
	cli_done(&cli);
	options_done(&cli.opts);
	return end_output(rc);
}
