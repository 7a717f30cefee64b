/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What repeated discoveries need of the database.  It may be on a disk that waits for this daemon,
 * so each of these runs in a child (child.h) and hands over what it has to say as one text
 * (child_give_text()); what it says beside that is a sentence for the log.
 */
#ifndef ISCSID_REPEAT_CHILD_H
#define ISCSID_REPEAT_CHILD_H

#include "iscsid/child.h"
#include "iscsid/manager.h"
#include "iscsid/repeat_found.h"

/* Discovery records that are repeated. */
enum { REPEATS_MAX = 1024 };

/* Bytes of a text. */
enum { REPEAT_TEXT_MAX = 8 * 1024 * 1024 };

/* What they are given. */
struct repeat_job {
	const struct manager *manager;
	const struct iscsi_db_discovery_id *id; /* but for repeat_list() */
	const struct found *found;              /* for repeat_write() */
};

/*
 * The text: the struct iscsi_db_discovery_id of each record that asks to be repeated.  -ENOSPC:
 * there are more; what was handed over counts.
 */
int repeat_list(const void *job, int out);

/*
 * The text: requests to discover (lib/ipc/message.h), one for each interface, each with a NUL
 * behind it.  -ENOENT: the record is gone, or does not ask to be repeated.
 */
int repeat_ask(const void *job, int out);

/*
 * Give records to what was found and has none.  The text: requests to log in by the records of all
 * that was found, in the same form.  What does not fit is left out.
 */
int repeat_write(const void *job, int out);

#endif
