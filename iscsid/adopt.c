/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/adopt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iscsid/auth.h"
#include "lib/base/log.h"
#include "lib/base/macros.h"

bool adopt_healthy(const struct host_session *host)
{
	if (strcmp(host->session_state, "LOGGED_IN") != 0)
		return false;
	/* an older kernel does not show the state of connections, but whether there is one */
	return host->conn_state[0] ? strcmp(host->conn_state, "up") == 0
	                           : host->persistent_address[0];
}

bool adopt_unscanned(const struct host_session *host)
{
	return strcmp(host->target_state, "ALLOCATED") == 0;
}

bool adopt_unfinished(const struct host_session *host)
{
	return strcmp(host->session_state, "FREE") == 0 && adopt_unscanned(host);
}

bool adopt_half_made(const struct host_session *host, bool foreign)
{
	/* ours is kept track of before it is named; it may also be one that timed out */
	if (foreign && adopt_unfinished(host))
		return true;
	/* whoever makes one names its target in the same breath */
	if (!host->target_name[0] || !host->persistent_address[0])
		return !adopt_healthy(host);
	/* named, but down: it was stopped for good, and the kernel logs in over it no more */
	return strcmp(host->conn_state, "down") == 0 ||
	       strcmp(host->target_state, "UNBINDING") == 0 ||
	       strcmp(host->target_state, "UNBOUND") == 0;
}

bool adopt_identity(const char *state_folder, const struct host_session *host,
                    struct run_state *ret)
{
	const uint32_t sid = (uint32_t)host->sid;
	/* open-iscsi's ISIDs: its OUI 00:02:3d, then the number of the session */
	const uint8_t isid[ISID_SIZE] = {
		0x00, 0x02, 0x3d, (uint8_t)(sid >> 16), (uint8_t)(sid >> 8), (uint8_t)sid};

	/* a file of another session that had this number is worth nothing */
	if (run_state_load(state_folder, sid, ret) == 0 &&
	    (!host->target_name[0] || strcmp(ret->target_name, host->target_name) == 0)) {
		ret->portal.tpgt = host->tpgt;
		return true;
	}
	*ret = (struct run_state){.logout_timeout = RUN_STATE_LOGOUT_TIMEOUT};
	snprintf(ret->target_name, sizeof(ret->target_name), "%.*s", ISCSI_NAME_MAX,
	         host->target_name);
	snprintf(ret->iface_name, sizeof(ret->iface_name), "%.64s", host->iface_name);
	snprintf(ret->portal.host, sizeof(ret->portal.host), "%s", host->persistent_address);
	ret->portal.port = host->persistent_port > 0 ? (uint16_t)host->persistent_port : 0;
	ret->portal.tpgt = host->tpgt;
	ret->home = ret->portal;
	memcpy(ret->isid, isid, sizeof(isid));
	return false;
}

static struct iscsi_db_record *from_database(struct iscsi_db *db, const struct run_state *id)
{
	const struct iscsi_db_selection selection = {
		.target = id->target_name,
		.address = id->portal.host,
		.port = id->portal.port,
		.iface = id->iface_name[0] ? id->iface_name : NULL,
	};
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	struct iscsi_db_record *record = NULL;
	size_t count = 0;

	if (iscsi_db_nodes(db, &selection, NULL, NULL, &ids, &count) == 0 && count > 0)
		iscsi_db_node_read(db, &ids[0], NULL, NULL, &record);
	return record;
}

/* An empty text is what the record has anyway. */
static int set(struct iscsi_db_record *r, const char *key, const char *value)
{
	return value[0] ? iscsi_db_record_set(r, key, value) : 0;
}

/* The credentials that the session was logged in with, which the kernel keeps. */
static int set_credentials(struct iscsi_db_record *r, const char *sysfs,
                           const struct host_session *host)
{
	struct host_session all;
	int error = 0;

	if (host_session_read(sysfs, host->sid, HOST_DETAIL_PARAMS, &all) < 0)
		all = *host;
	if (all.username[0] && (set(r, "node.session.auth.authmethod", "CHAP") < 0 ||
	                        set(r, "node.session.auth.username", all.username) < 0 ||
	                        set(r, "node.session.auth.password", all.password) < 0 ||
	                        set(r, "node.session.auth.username_in", all.username_in) < 0 ||
	                        set(r, "node.session.auth.password_in", all.password_in) < 0))
		error = -ENOMEM;
	explicit_bzero(&all, sizeof(all));
	return error;
}

static struct iscsi_db_record *from_kernel(const char *sysfs, const struct host_session *host,
                                           const struct run_state *id)
{
	struct iscsi_db_record *r = iscsi_db_record_new(ISCSI_DB_NODE);
	char port[8];

	if (!r || !id->target_name[0] || !id->portal.host[0] || id->portal.port == 0)
		return iscsi_db_record_free(r);
	snprintf(port, sizeof(port), "%u", id->portal.port);
	if (set(r, "node.name", id->target_name) < 0 ||
	    set(r, "node.conn[0].address", id->portal.host) < 0 ||
	    set(r, "node.conn[0].port", port) < 0 ||
	    set(r, "iface.iscsi_ifacename", id->iface_name) < 0 ||
	    set_credentials(r, sysfs, host) < 0)
		return iscsi_db_record_free(r);
	return r;
}

struct iscsi_db_record *adopt_record(struct iscsi_db *db, const char *sysfs,
                                     const struct host_session *host, const struct run_state *id)
{
	struct iscsi_db_record *r = db ? from_database(db, id) : NULL;
	char why[AUTH_WHY_SIZE];

	if (!r)
		r = from_kernel(sysfs, host, id);
	/* recovery may not wait for a file */
	if (r && auth_resolve(r, why) < 0) {
		log_warning("session %d %s: %s; its login's secrets are used again", host->sid,
		            id->target_name, why);
		if (set_credentials(r, sysfs, host) < 0)
			r = iscsi_db_record_free(r);
	}
	/* under another name it would be another session for the target */
	if (r && set(r, "iface.initiatorname", host->initiator_name) < 0)
		r = iscsi_db_record_free(r);
	return r;
}
