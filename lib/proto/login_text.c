/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of a login, apart from its engine: whoever only speaks of logins needs no hashes.
 */
#include "lib/base/macros.h"
#include "lib/proto/iscsi.h"
#include "lib/proto/login.h"

const char *login_stage_name(enum iscsi_stage stage)
{
	switch (stage) {
	case ISCSI_STAGE_SECURITY: return "security negotiation";
	case ISCSI_STAGE_OPERATIONAL: return "operational negotiation";
	case ISCSI_STAGE_FULL_FEATURE: break;
	}
	return "full feature phase";
}

static const struct {
	uint16_t status; /* 11.13.5 */
	const char *text;
} status_texts[] = {
	{ISCSI_LOGIN_SUCCESS, "success"},
	{ISCSI_LOGIN_MOVED_TEMPORARILY, "target moved temporarily"},
	{ISCSI_LOGIN_MOVED_PERMANENTLY, "target moved permanently"},
	{ISCSI_LOGIN_INITIATOR_ERROR, "initiator error"},
	{ISCSI_LOGIN_AUTH_FAILED, "authentication failed"},
	{ISCSI_LOGIN_FORBIDDEN, "authorization failed: this initiator may not use the target"},
	{ISCSI_LOGIN_NOT_FOUND, "target not found"},
	{ISCSI_LOGIN_REMOVED, "target removed"},
	{ISCSI_LOGIN_VERSION, "unsupported protocol version"},
	{ISCSI_LOGIN_TOO_MANY_CONNECTIONS, "too many connections"},
	{ISCSI_LOGIN_MISSING_PARAMETER, "missing parameter"},
	{ISCSI_LOGIN_CANNOT_INCLUDE, "connection cannot be included in the session"},
	{ISCSI_LOGIN_SESSION_TYPE, "session type not supported"},
	{ISCSI_LOGIN_NO_SESSION, "session does not exist"},
	{ISCSI_LOGIN_INVALID_DURING_LOGIN, "invalid request during login"},
	{ISCSI_LOGIN_TARGET_ERROR, "target error"},
	{ISCSI_LOGIN_UNAVAILABLE, "service unavailable"},
	{ISCSI_LOGIN_OUT_OF_RESOURCES, "target out of resources"},
};

const char *login_status_text(uint8_t status_class, uint8_t status_detail)
{
	/* a detail that is not known counts as the class alone, 11.13.5 */
	static const char *const classes[] = {"success", "redirection", "initiator error",
	                                      "target error"};

	for (size_t i = 0; i < ARRAY_LEN(status_texts); i++)
		if (status_texts[i].status == (status_class << 8 | status_detail))
			return status_texts[i].text;
	return status_class < ARRAY_LEN(classes) ? classes[status_class] : "unknown status class";
}
