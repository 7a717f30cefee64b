/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings of -n and -v, given to a record.
 */
#ifndef ISCSIADM_SETTINGS_H
#define ISCSIADM_SETTINGS_H

#include "iscsiadm/cli.h"

/* Whether an update has what it needs: one pair at least, and no half of one. */
bool settings_given(const struct options *o);

/*
 * Give a record the settings of -n and -v, all or none of them: after a failure the record is
 * not to be written.  also: one more line for a value that is no value ("Unknown parameter %s."),
 * as node mode has it.  What is wrong is said on stderr, without the value of a secret.  Exit code.
 */
int settings_apply(const struct options *o, struct iscsi_db_record *record, bool also);

#endif
