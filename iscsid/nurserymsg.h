/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the manager and the nursery (iscsid/peer/main.c) say to each other: one fixed structure a
 * datagram, over one SOCK_SEQPACKET pair.  The nursery reads nothing but this.
 */
#ifndef ISCSID_NURSERYMSG_H
#define ISCSID_NURSERYMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The nursery's end of the pair: what its program starts with beside the standard descriptors. */
enum { NURSERY_CONTROL_FD = 3 };

enum nursery_verb {
	/* manager to nursery */
	NURSERY_START =
		1, /* fork a peer; its end of a pair as SCM_RIGHTS.  Ends one that is there */
	NURSERY_STOP = 2, /* kill the peer, if there is one */
	/* fork another nursery, a child of the manager too, that serves the end of a pair that
	   comes as SCM_RIGHTS */
	NURSERY_SPARE = 3,
	/* nursery to manager */
	NURSERY_STARTED = 16, /* number: the process id */
	NURSERY_ENDED = 17,   /* the peer was killed and reaped; number: its status of waitpid(2) */
	NURSERY_FAILED = 18,  /* number: positive errno; text: what could not be done.  id 0: the
	                         nursery itself cannot go on */
	NURSERY_SPARED = 19,  /* number: the process id of the other nursery */
};

struct nursery_message {
	uint32_t verb; /* enum nursery_verb */
	int32_t number;
	uint64_t id;    /* of the START or SPARE that this is about; the manager's choice, not 0 */
	char text[128]; /* printable, terminated */
};

/* Whether len bytes are a message that this side may get. */
static inline bool nursery_message_ok(const struct nursery_message *m, size_t len,
                                      bool from_nursery)
{
	if (len != sizeof(*m) || !memchr(m->text, '\0', sizeof(m->text)))
		return false;
	if (from_nursery)
		return m->verb >= NURSERY_STARTED && m->verb <= NURSERY_SPARED;
	return m->verb >= NURSERY_START && m->verb <= NURSERY_SPARE;
}

#endif
