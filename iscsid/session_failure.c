/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a session's record could not be logged in, kept for whoever asks later (failure.h). */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "iscsid/failure.h"
#include "iscsid/session_fsm.h"
#include "lib/base/log.h"

static struct failure failure_key(const struct session *s)
{
	struct failure f = {.port = s->id.portal.port};

	snprintf(f.target_name, sizeof(f.target_name), "%s", s->id.target_name);
	snprintf(f.address, sizeof(f.address), "%s", s->id.portal.host);
	snprintf(f.iface_name, sizeof(f.iface_name), "%s", s->id.iface_name);
	return f;
}

void session_keep_failure(const struct session *s, enum iscsi_err error, bool given_up,
                          const char *text)
{
	struct failure f = failure_key(s);
	int r;

	f.when_sec = (uint64_t)time(NULL);
	f.attempt = s->attempt;
	f.given_up = given_up;
	f.error = (uint16_t)error;
	f.status = s->status;
	snprintf(f.text, sizeof(f.text), "%s", text);
	r = failure_save(s->manager->failure_folder, &f);
	if (r < 0)
		log_warning("%s: cannot keep the reason in %s: %s, ignoring", s->id.target_name,
		            s->manager->failure_folder, strerror(-r));
}

void session_forget_failure(const struct session *s)
{
	const struct failure key = failure_key(s);

	failure_remove(s->manager->failure_folder, &key);
}

enum iscsi_err session_last_failure(const struct session *s)
{
	const struct failure key = failure_key(s);
	struct failure last;

	if (failure_load(s->manager->failure_folder, &key, &last) < 0 || !last.given_up)
		return ISCSI_ERR_SUCCESS;
	return (enum iscsi_err)last.error;
}
