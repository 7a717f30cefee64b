/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client may ask for: one table (verb.c). */
#ifndef ISCSID_VERB_H
#define ISCSID_VERB_H

#include <stdbool.h>
#include <stddef.h>

#include "iscsid/control.h"

/* control.h's handler; data is the manager. */
void verb_dispatch(void *data, struct request *request, const struct ipc_message *m, bool root);

/* The verbs that there are, in the order of the table; NULL behind the last one. */
const char *verb_name(size_t index);

#endif
