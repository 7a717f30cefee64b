/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/repeat_sessions.h"

#include <string.h>

#include "iscsid/own_request.h"
#include "iscsid/repeat.h"
#include "iscsid/safe_logout.h"
#include "lib/base/log.h"

enum { DETAIL_SIZE = 1024 };

static void on_parted(void *data, const struct ipc_message *m)
{
	struct session *s = (struct session *)data;
	const enum iscsi_err error = own_request_error(m);
	char detail[DETAIL_SIZE];

	/* when the daemon ends, all are answered */
	if (m->reply != IPC_REPLY_DONE || (error == ISCSI_ERR_SUCCESS && s->state != SESSION_GONE))
		return;
	ipc_message_copy(m, "detail", detail, sizeof(detail));
	if (error == ISCSI_ERR_SUCCESS)
		log_notice("session %u %s: logged out, as discovery %s does not find it any more",
		           s->sid, s->id.target_name, s->id.asker);
	else if (s->missed == REPEAT_ABSENCES)
		log_warning("session %u %s: discovery %s does not find it any more; it stays "
		            "logged in: %s",
		            s->sid, s->id.target_name, s->id.asker, detail);
}

static bool boots(const struct session *s)
{
	const char *startup = s->record ? iscsi_db_record_get(s->record, "node.startup") : NULL;

	return startup && strcmp(startup, "onboot") == 0;
}

static void miss(struct session *s)
{
	struct request *request;

	/* while it is being looked at, that is not over */
	if (s->check || s->sid == 0 || boots(s))
		return;
	if (s->missed < UINT32_MAX)
		s->missed++;
	if (s->missed < REPEAT_ABSENCES)
		return;
	request = own_request_new(s->id.asker, on_parted, s);
	if (request)
		safe_logout(s, request);
}

void repeat_compare(struct manager *m, const char *name, const struct found *found)
{
	if (m->strangers)
		manager_adopt(m);
	list_for_each (n, &m->sessions) {
		struct session *s = list_entry(n, struct session, node);
		const struct found_iface *iface;
		struct found_portal *p;

		if (s->state & SESSION_LEAVING)
			continue;
		p = found_of_session(found, s);
		if (p)
			p->taken = true;
		if (strcmp(s->id.asker, name) != 0)
			continue;
		iface = found_whole(found, s->id.iface_name);
		if (p)
			s->missed = 0;
		else if (iface && !iface->lacks)
			miss(s);
	}
}
