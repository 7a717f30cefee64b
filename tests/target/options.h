/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: everything that this program serves is said there.
 */
#ifndef TARGET_OPTIONS_H
#define TARGET_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/proto/params.h"
#include "tests/target/fault.h"
#include "tests/target/target.h"

enum { OPTIONS_PORTALS_MAX = 64, OPTIONS_FAULT_SIZE = 512 };

struct options {
	struct target *targets;
	struct portal portals[OPTIONS_PORTALS_MAX];
	size_t portal_count;
	struct iscsi_offer offer;
	struct faults faults;
	int ready_fd; /* -1: nobody waits */
	bool verbose;
	bool help;              /* --help was said: print options_usage() and do nothing else */
	uint32_t login_timeout; /* seconds */
	uint32_t ping_interval; /* seconds of silence before a NOP-In, 0 for never */
	uint32_t connections_max;
};

/*
 * Read the command line and open the media.  Returns 0 with *ret filled (release it with
 * options_done()), or -EINVAL with a sentence in ret_fault: then nothing is open.
 */
int options_parse(int argc, char **argv, struct options *ret,
                  char ret_fault[static OPTIONS_FAULT_SIZE]);
void options_done(struct options *o);

/* Text for --help. */
const char *options_usage(void);

#endif
