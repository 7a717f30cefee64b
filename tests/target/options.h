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

enum { OPTIONS_PORTALS_MAX = 64, OPTIONS_FAULT_SIZE = 768, OPTIONS_PATH_SIZE = 108 };

struct options {
	struct target *targets;
	struct portal portals[OPTIONS_PORTALS_MAX];
	size_t portal_count;
	struct iscsi_offer offer;
	struct faults faults;
	struct accounts discovery;
	struct digests *digests; /* NULL until there is an account */
	struct chap_algorithms algorithms;
	enum binary_encoding encoding; /* of CHAP's binary values that we send */
	int ready_fd;                  /* -1: nobody waits */
	bool verbose;
	bool help;              /* --help was said: print options_usage() and do nothing else */
	uint32_t login_timeout; /* seconds */
	uint32_t ping_interval; /* seconds of silence before a NOP-In, 0 for never */
	uint32_t connections_max;
	uint32_t sessions_max;
	char control[OPTIONS_PATH_SIZE]; /* path of the control socket, "": none */
};

/*
 * Read the command line and open the media.  Returns 0 with *ret filled (release it with
 * options_done()), or -EINVAL with a sentence in ret_fault: then nothing is open.
 */
int options_parse(int argc, char **argv, struct options *ret,
                  char ret_fault[static OPTIONS_FAULT_SIZE]);
void options_done(struct options *o);

/*
 * Apply one option as it stands on the command line, without its dashes ("lun", "set"), while the
 * target serves; those of a target are for t.  0 or -EINVAL.
 */
int options_apply(struct options *o, struct target *t, const char *name, const char *value,
                  char ret_fault[static OPTIONS_FAULT_SIZE]);

/* ADDRESS[:PORT] of a portal that is listened on; port 0 is any that is free.  0 or -EINVAL. */
int options_parse_portal(const char *text, struct portal *ret);

/* Bytes with an optional K, M, G or T (powers of 1024).  0 or -EINVAL. */
int options_parse_size(const char *text, uint64_t *ret);

/* Text for --help. */
const char *options_usage(void);

#endif
