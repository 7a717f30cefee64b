/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/login_request.h"

#include <errno.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/ipc/message.h"

int login_request(const struct iscsi_db_record *record, bool wait, bool fail_fast,
                  struct client_request *ret)
{
	_cleanup_free_ char *text = iscsi_db_record_text(record, ISCSI_DB_FORM_FILE);
	struct writer w = writer_make(IPC_MESSAGE_MAX);

	if (!text)
		return -ENOMEM;
	kv_put(&w, KV_NEWLINE, "wait", wait ? "Yes" : "No");
	if (fail_fast)
		kv_put(&w, KV_NEWLINE, "fail_fast", "Yes");
	writer_str(&w, text);
	explicit_bzero(text, strlen(text));
	ret->verb = "login";
	return client_body_take(ret, &w);
}
