/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's counters in an answer of the daemon, whose names are in groups: "snmp.rjt_pdus".
 */
#ifndef ISCSIADM_COUNTERS_H
#define ISCSIADM_COUNTERS_H

#include "iscsiadm/print_json.h"
#include "lib/ipc/message.h"

/* The next counter whose name begins with prefix; *ret's key is the rest of the name. */
bool counters_next(struct kv_reader *pairs, const char *prefix, struct kv *ret);

/* A line for each: "\tNAME: VALUE". */
void counters_print(const struct ipc_message *m, const char *prefix);

/* The same as an object under key of the object in. */
void counters_put(struct json in, const char *key, const struct ipc_message *m, const char *prefix);

#endif
