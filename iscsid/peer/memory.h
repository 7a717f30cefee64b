/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What recovery needs stays in memory: the disk with the programs, or with the swap, may be the one
 * to recover.  Nothing is locked when not all that a process may have can be locked (a low limit of
 * a user that is not root): else it would run out of memory sooner.
 */
#ifndef ISCSID_PEER_MEMORY_H
#define ISCSID_PEER_MEMORY_H

#include <stdbool.h>

#include "lib/proto/digest.h"

/*
 * In the nursery: load and lock all code and data that a peer forked later can come to.  That is
 * this program, all of the C library, and of the far larger one behind digests what computing a
 * hash uses.  Whether a peer is to lock its memory too.
 */
bool memory_lock_program(struct digests *digests);

/* The same in a nursery that was forked: locks are not inherited. */
void memory_lock_again(struct digests *digests);

/* In a peer, since locks are not inherited: what it has by now and gets later. */
void memory_lock_process(void);

#endif
