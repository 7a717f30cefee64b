/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Initiator session identifiers (RFC 7143 section 11.12.5).  To a target, the initiator's name and
 * the ISID are an initiator port, and its own name and the portal group's tag a target port.
 * Between two ports there is one session: whoever logs in as the same initiator port once more
 * ends the first one (6.3.5, reinstatement).  On the other hand a port that keeps its name keeps
 * what a target holds for it, such as persistent reservations, so that section 10.1.1 asks for few
 * of them ("conservative reuse").  Hence an ISID comes from the initiator's name, the interface and
 * a slot, and a session takes the lowest slot that is free at its portal group: the sessions to
 * different portal groups, or targets, share slot 0; a second portal of the same group, and
 * a second session of the same record, have slot 1.  Nothing else counts, neither time nor chance:
 * after a restart of the machine the same logins get the same ISIDs.  A session keeps its ISID for
 * life (run_state.h), also when the daemon starts anew.
 */
#ifndef ISCSID_ISID_H
#define ISCSID_ISID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ISID_SIZE = 6, ISID_TEXT_SIZE = 2 * ISID_SIZE + 1 };

struct isid_key {
	const char *initiator_name;
	const char *iface_name;
	bool discovery; /* a discovery is no session's rival */
	unsigned int slot;
};

/* Type 00 (OUI format), OUI 00023d, and a qualifier from the key. */
void isid_choose(const struct isid_key *key, uint8_t ret[static ISID_SIZE]);

/* As hexadecimal digits, and back: 0 or -EINVAL. */
void isid_format(const uint8_t isid[static ISID_SIZE], char dst[static ISID_TEXT_SIZE]);
int isid_parse(const char *text, uint8_t ret[static ISID_SIZE]);

#endif
