/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the engines of discovery report what they find, while it comes in.
 */
#ifndef PROTO_TARGETS_H
#define PROTO_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/addr.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"

/*
 * A target at a portal.  portal NULL: it is reachable at the address that was asked.  target passed
 * iscsi_name_valid(): it may stand in a path or a record.
 */
typedef void (*targets_found)(void *data, const char *target, const struct portal *portal);

/*
 * What was left out because it must not become part of a path or record (a hostile name, an
 * unusable address): text quotes it with all but printable ASCII escaped.
 */
typedef void (*targets_refused)(void *data, const char *text);

struct targets_sink {
	targets_found found;
	targets_refused refused;
	/* borrowed */
	void *data; /* for the two */
};

/* Room for the text of a refusal. */
enum { TARGETS_REFUSED_SIZE = 512 };

void targets_refuse(const struct targets_sink *sink, const char *fmt, ...) _printf_(2, 3);

/* A name that a peer told, len bytes: put into ret with a NUL if it is valid, else refused. */
bool targets_take_name(const struct targets_sink *sink, const char *name, size_t len,
                       char ret[static ISCSI_NAME_SIZE]);

#endif
