/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/settings.h"

#include <errno.h>

#include "iscsiadm/report.h"
#include "lib/ipc/error.h"

bool settings_given(const struct options *o)
{
	return o->setting_count > 0 && !o->name && !o->value;
}

static int report_setting(const struct iscsi_db_record *record, const struct setting *s, int error,
                          bool also)
{
	enum iscsi_db_kind kind = iscsi_db_record_kind(record);
	const char *allowed = iscsi_db_key_allowed(kind, s->name);
	const char *value = iscsi_db_key_secret(kind, s->name) ? "********" : s->value;

	switch (error) {
	case -ENOENT: report("Cannot modify %s. Invalid param name.", s->name); break;
	case -EPERM:
		report("Cannot modify %s. It is used to look up the record and cannot be changed.",
		       s->name);
		break;
	case -ERANGE:
		report("value '%s' for parameter name '%s' is out of range (%s)", value, s->name,
		       allowed ? allowed : "?");
		break;
	case -ENOMEM: return cli_failed(error, s->name);
	default:
		report("unknown value format '%s' for parameter name '%s'", value, s->name);
		if (also)
			report("Unknown parameter %s.", s->name);
		break;
	}
	return ISCSI_ERR_INVAL;
}

/* A word of a list that is dropped. */
static void report_word(void *data _unused_, unsigned int line _unused_, const char *text)
{
	report("%s", text);
}

int settings_apply(const struct options *o, struct iscsi_db_record *record, bool also)
{
	enum iscsi_db_kind kind = iscsi_db_record_kind(record);

	for (size_t i = 0; i < o->setting_count; i++) {
		const struct setting *s = &o->settings[i];
		int r = iscsi_db_record_update(record, s->name, s->value);

		if (r == 0 || r == -EINVAL)
			iscsi_db_value_check(kind, s->name, s->value, report_word, NULL);
		if (r < 0)
			return report_setting(record, s, r, also);
	}
	return ISCSI_ERR_SUCCESS;
}
