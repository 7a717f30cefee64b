/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options whose argument is more than a text or a number.
 */
#include "iscsiadm/option_table.h"

#include <inttypes.h>
#include <string.h>

#include "iscsiadm/devices.h"
#include "iscsiadm/migrate.h"
#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "lib/base/num.h"
#include "lib/ipc/error.h"

int option_take_operation(struct options *o, char *text)
{
	for (size_t i = 0; i < operation_count; i++) {
		if (strcmp(text, operations[i].word) == 0) {
			o->ops |= operations[i].op;
			return 0;
		}
	}
	report("can not recognize operation: '%s'", text);
	return ISCSI_ERR_INVAL;
}

int option_take_iface(struct options *o, char *text)
{
	const char *why;

	if (text[0] == '\0' || strlen(text) > 64) {
		report("Invalid iface name %s. Must be from 1 to 64 characters.", text);
		return ISCSI_ERR_INVAL;
	}
	if (!iface_name_valid(text, strlen(text), &why)) {
		report("Invalid iface name %s: %s.", text, why);
		return ISCSI_ERR_INVAL;
	}
	if (o->iface_count == ARRAY_LEN(o->ifaces)) {
		report("More than %zu -I options.", ARRAY_LEN(o->ifaces));
		return ISCSI_ERR_INVAL;
	}
	o->ifaces[o->iface_count++] = text;
	return 0;
}

int option_take_luns(struct options *o, char *text)
{
	const char *all = text;

	while (true) {
		size_t len = strcspn(text, ",");

		if (o->lun_count == ARRAY_LEN(o->luns)) {
			report("option '--lun' takes at most %zu numbers; without it all LUNs are "
			       "scanned.",
			       ARRAY_LEN(o->luns));
			return ISCSI_ERR_INVAL;
		}
		if (num_iscsi(text, len, UINT64_MAX, &o->luns[o->lun_count]) < 0) {
			report("option '--lun' takes numbers from 0 to %" PRIu64
			       " with commas between them, not '%s'.",
			       UINT64_MAX, all);
			return ISCSI_ERR_INVAL;
		}
		o->lun_count++;
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

int option_take_wait(struct options *o, char *text)
{
	if (!text) {
		o->wait_devices = DEVICES_PATIENCE_SEC;
		return 0;
	}
	if (num_int(text, 0, INT32_MAX, &o->wait_devices) == 0)
		return 0;
	report("option '--wait-devices' takes a number of seconds from 0 to %d, not '%s'.",
	       INT32_MAX, text);
	return ISCSI_ERR_INVAL;
}

int option_take_kill(struct options *o, char *text)
{
	if (num_int(text, INT32_MIN, INT32_MAX, &o->kill_priority) < 0) {
		report("option '-k' takes a number from 0 to %d, not '%s'.", INT32_MAX, text);
		return ISCSI_ERR_INVAL;
	}
	if (o->kill_priority < 0) {
		report("Invalid killiscsid priority %d Priority must be greater than or equal to "
		       "zero.",
		       o->kill_priority);
		return ISCSI_ERR_INVAL;
	}
	return 0;
}

int option_take_migrate(struct options *o, char *text)
{
	o->migrate_from = text ? text : MIGRATE_FROM_DEFAULT;
	return 0;
}

int option_take_reachable(struct options *o, char *text)
{
	o->reachable = text ? text : "Yes";
	return 0;
}

int option_take_nothing(struct options *o _unused_, char *text _unused_)
{
	return 0;
}
