/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nursery: the manager runs this program once (iscsid/nursery.c), and it forks the peers,
 * the processes that read what targets send, so that the daemon's privileged one never does.
 * Whatever takes files or privileges is done before the first fork: the libraries are loaded, the
 * hashes looked up, the rights given away.  A fresh peer takes one fork and no file at all.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "iscsid/nurserymsg.h"
#include "iscsid/peer/confine.h"
#include "iscsid/peer/jail.h"
#include "iscsid/peer/nursery_loop.h"
#include "iscsid/peer/memory.h"
#include "lib/base/num.h"
#include "lib/proto/digest.h"

/* Bytes. */
enum { HEAP_SPARE = 64 * 1024 };

static int prepare(const struct confinement *c, struct nursery_config *config,
                   const char **ret_what)
{
	struct jail *jail, *peer_jail;
	int r;

	/* in the peers, of whose locked memory only the end of the heap can be given back */
	mallopt(M_MXFAST, 0);
	mallopt(M_TRIM_THRESHOLD, HEAP_SPARE);
	*ret_what = "look up the hashes of CHAP";
	config->digests = digests_new();
	if (!config->digests)
		return -ENOMEM;
	*ret_what = "make its system call filters";
	r = jail_new(JAIL_NURSERY, &jail);
	if (r == 0)
		r = jail_new(JAIL_PEER, &peer_jail);
	if (r < 0)
		return r;
	config->peer_jail = peer_jail;
	r = confine(c, ret_what);
	if (r < 0)
		return r;
	malloc_trim(0);
	config->lock_memory = memory_lock_program(config->digests);
	*ret_what = "enter its jail";
	return jail_enter(jail);
}

int main(int argc, char **argv)
{
	struct confinement confinement = {.control = NURSERY_CONTROL_FD};
	struct nursery_config config = {.control = NURSERY_CONTROL_FD};
	const char *what;
	int r;

	if (argc != 4 || num_u32(argv[1], 1, UINT32_MAX, &confinement.uid) < 0 ||
	    num_u32(argv[2], 1, UINT32_MAX, &confinement.gid) < 0)
		return EXIT_FAILURE;
	confinement.run_dir = argv[3];
	prctl(PR_SET_NAME, "iscsid-nursery"); /* the memory file's would be shown */
	r = prepare(&confinement, &config, &what);
	if (r < 0)
		nursery_failed(NURSERY_CONTROL_FD, what, -r);
	else
		r = nursery_loop(&config);
	/* exit(3) would tidy up in libraries, with calls that the filter bars */
	_exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
