/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -R: what a scan for LUNs has found, and the scan itself where no daemon runs. */
#ifndef ISCSIADM_RESCAN_H
#define ISCSIADM_RESCAN_H

#include "iscsiadm/batch.h"

/* Print what an answer to the verb "rescan" says of request i. */
void rescan_print_answer(struct batch *b, size_t i, const struct ipc_message *m);

/*
 * Scan the session s in this process, print what is found, and fill in the error of request i.  A
 * scan that has begun is not cut short by --timeout: the kernel holds whoever asks for it.
 */
void rescan_alone(struct batch *b, size_t i, const struct host_session *s);

#endif
