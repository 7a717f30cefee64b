/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Misbehaviour on command: a filter that every outgoing PDU passes.  Nothing else in the target
 * knows of it.
 */
#ifndef TARGET_FAULT_H
#define TARGET_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/proto/pdu.h"

struct fault_row;

/* What was asked for on the command line; row NULL: behave. */
struct fault {
	const struct fault_row *row;
	uint8_t opcode; /* PDUs that it meets */
	bool any_opcode;
	uint64_t number;
};

/*
 * Parse "NAME[=N][@WHEN]", WHEN one of login, text, logout, scsi, all.  Returns 0 or -EINVAL with
 * what was expected in ret_why (why_size bytes).
 */
int fault_parse(const char *text, struct fault *ret, char *ret_why, size_t why_size);

/*
 * Append what goes out instead of pdu to w.  sent is how many bytes the connection has sent
 * before.  Returns true when the connection is to be closed behind it.
 */
bool fault_apply(const struct fault *f, const struct pdu *pdu, uint64_t sent, struct writer *w);

#endif
