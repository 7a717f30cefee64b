/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer: the process that reads what targets send, so that the daemon's privileged one never
 * does.  The manager starts it with its end of the pair and nothing else (peer_start.c); it
 * ends when the manager hangs up.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "iscsid/peer/engine.h"
#include "iscsid/peer/jail.h"
#include "iscsid/peermsg.h"

/*
 * What it uses stays in memory: the disk with the swap may be the one to recover.  Only when all
 * that it may have can be locked (peer_start.c): else it would run out of memory sooner.
 */
static void lock_memory(void)
{
	struct rlimit all, locked;

	if (getrlimit(RLIMIT_DATA, &all) == 0 && getrlimit(RLIMIT_MEMLOCK, &locked) == 0 &&
	    locked.rlim_cur > all.rlim_cur)
		mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

int main(void)
{
	struct report report = {.control = PEER_CONTROL_FD};
	struct engine *engine;
	int r = engine_new(PEER_CONTROL_FD, &engine);

	if (r < 0) {
		report_failed(&report, "cannot make its event loop", -r);
		return EXIT_FAILURE;
	}
	prctl(PR_SET_NAME, "iscsid-peer"); /* the memory file's would be shown */
	lock_memory();
	r = jail_enter();
	if (r < 0) {
		report_failed(&report, "cannot enter its jail", -r);
		return EXIT_FAILURE;
	}
	r = engine_run(engine);
	if (r < 0)
		report_failed(&report, "cannot go on", -r);
	engine_free(engine);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
