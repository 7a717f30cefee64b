/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/json_objects.h"

#include <string.h>

#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "lib/ipc/error.h"

static void put_portal(struct json in, const char *key, const char *address, int port)
{
	struct json portal = json_add_object(in, key);

	json_add_text(portal, "address", address);
	json_add_number(portal, "port", port);
}

void json_put_portal(struct json in, const char *address, int port)
{
	put_portal(in, "portal", address, port);
}

void json_put_node(struct json in, const struct iscsi_db_node_id *id)
{
	json_add_text(in, "target", id->target);
	json_put_portal(in, id->address, id->port);
	json_add_number(in, "tpgt", id->tpgt);
	json_add_text(in, "iface", id->iface);
}

void json_put_nodes(struct json list, const struct iscsi_db_node_id *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_put_node(json_add_object(list, NULL), &ids[i]);
}

void json_put_source(struct json in, const struct iscsi_db_discovery_id *id)
{
	json_add_text(in, "type", id->kind == ISCSI_DB_ISNS ? "isns" : "sendtargets");
	json_put_portal(in, id->address, id->port);
}

static void put_member(void *data, const char *key, const char *value,
                       enum iscsi_db_value_type type)
{
	struct json_members *m = data;

	switch (type) {
	case ISCSI_DB_VALUE_SECRET: json_members_secret(m, key, value); break;
	case ISCSI_DB_VALUE_NUMBER: json_members_decimal(m, key, value); break;
	case ISCSI_DB_VALUE_TEXT: json_members_text(m, key, value); break;
	}
}

void json_put_record(struct json in, const char *key, const struct iscsi_db_record *record)
{
	struct json_members members = json_members_of(in);

	iscsi_db_record_walk(record, put_member, &members);
	json_add_members(in, key, &members);
}

static void put_value(void *data, const char *key, const char *value, enum iscsi_db_value_type type)
{
	const struct json *in = data;

	switch (type) {
	case ISCSI_DB_VALUE_SECRET: json_add_secret(*in, key, value); break;
	case ISCSI_DB_VALUE_NUMBER: json_add_decimal(*in, key, value); break;
	case ISCSI_DB_VALUE_TEXT: json_add_text(*in, key, value); break;
	}
}

void json_put_boot(struct json in, const struct boot_path *path)
{
	boot_walk(path, put_value, &in);
}

/* A number that sysfs may lack: then null. */
static void put_number(struct json in, const char *key, int number)
{
	if (number >= 0)
		json_add_number(in, key, number);
	else
		json_add_text(in, key, NULL);
}

static void put_choice(struct json in, const char *key, int value, const char *on, const char *off)
{
	const char *text = value ? on : off;

	json_add_text(in, key, value < 0 ? NULL : text);
}

static void put_states(struct json in, const struct host_session *s,
                       const struct daemon_state *states, size_t count)
{
	struct json o = json_add_object(in, "state");
	const struct daemon_state *daemon = NULL;

	for (size_t i = 0; i < count && !daemon; i++) {
		if (states[i].sid == s->sid)
			daemon = &states[i];
	}
	json_add_text(o, "session", s->session_state);
	json_add_text(o, "connection", daemon ? daemon->connection : NULL);
	json_add_text(o, "iscsid", daemon ? daemon->state : NULL);
}

static void put_iface(struct json in, const struct host_session *s)
{
	struct json o = json_add_object(in, "interface");

	json_add_text(o, "transport", s->transport);
	json_add_text(o, "initiator_name", s->initiator_name);
	json_add_text(o, "address", s->local_address);
	json_add_text(o, "hwaddress", s->hwaddress);
	json_add_text(o, "netdev", s->netdev);
}

static void put_timeouts(struct json in, const struct host_session *s)
{
	struct json o = json_add_object(in, "timeouts");
	int seconds;

	if (num_int(s->recovery_tmo, 0, INT32_MAX, &seconds) == 0)
		json_add_number(o, "recovery", seconds);
	else
		json_add_text(o, "recovery", s->recovery_tmo);
	put_number(o, "target_reset", s->tgt_reset_tmo);
	put_number(o, "lun_reset", s->lu_reset_tmo);
	put_number(o, "abort", s->abort_tmo);
}

static void put_chap(struct json in, const struct host_session *s)
{
	struct json o = json_add_object(in, "chap");

	json_add_text(o, "username", s->username);
	json_add_bool(o, "password_set", s->password[0] != '\0');
	json_add_text(o, "username_in", s->username_in);
	json_add_bool(o, "password_in_set", s->password_in[0] != '\0');
}

/* The keys of RFC 7143 section 13, and the length that is sent at most. */
static void put_negotiated(struct json in, const struct host_session *s)
{
	struct json o = json_add_object(in, "negotiated");

	put_choice(o, "HeaderDigest", s->header_digest, "CRC32C", "None");
	put_choice(o, "DataDigest", s->data_digest, "CRC32C", "None");
	put_number(o, "MaxRecvDataSegmentLength", s->max_recv_dlength);
	put_number(o, "MaxXmitDataSegmentLength", s->max_xmit_dlength);
	put_number(o, "FirstBurstLength", s->first_burst_len);
	put_number(o, "MaxBurstLength", s->max_burst_len);
	put_choice(o, "ImmediateData", s->immediate_data, "Yes", "No");
	put_choice(o, "InitialR2T", s->initial_r2t, "Yes", "No");
	put_number(o, "MaxOutstandingR2T", s->max_outstanding_r2t);
}

static void put_luns(struct json in, const struct cli *cli, const struct host_session *s)
{
	_cleanup_free_ struct host_lun *luns = NULL;
	struct json list = json_add_list(in, "luns");
	size_t count = 0;

	if (host_session_luns(cli->paths.sysfs, s, &luns, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		struct json o = json_add_object(list, NULL);

		json_add_number(o, "channel", luns[i].channel);
		json_add_number(o, "id", luns[i].id);
		json_add_unsigned(o, "lun", luns[i].lun);
		json_add_text(o, "disk", luns[i].disk);
		json_add_text(o, "state", luns[i].state);
	}
}

static void put_host(struct json in, const struct cli *cli, const struct host_session *s)
{
	struct json o = json_add_object(in, "host");
	char state[32] = "";

	host_state(cli->paths.sysfs, s->host_no, state, sizeof(state));
	put_number(o, "number", s->host_no);
	json_add_text(o, "state", state);
}

void json_put_session(struct json in, const struct cli *cli, const struct host_session *s,
                      int level, const struct daemon_state *states, size_t state_count)
{
	json_add_number(in, "sid", s->sid);
	json_add_text(in, "target", s->target_name);
	json_put_portal(in, s->persistent_address, s->persistent_port);
	put_number(in, "tpgt", s->tpgt);
	json_add_text(in, "iface", s->iface_name);
	json_add_text(in, "transport", s->transport);
	json_add_bool(in, "flash", !s->has_creator);
	if (level >= 1) {
		put_portal(in, "current_portal", s->address, s->port);
		put_iface(in, s);
		put_states(in, s, states, state_count);
	}
	if (level >= 2) {
		put_timeouts(in, s);
		put_chap(in, s);
		put_negotiated(in, s);
	}
	if (level >= 3) {
		put_host(in, cli, s);
		put_luns(in, cli, s);
	}
}

static void put_host_iface(struct json in, const struct host_iface *i)
{
	json_add_text(in, "name", i->name);
	json_add_text(in, "address", i->address);
	if (i->version == 4) {
		json_add_text(in, "gateway", i->gateway);
		json_add_text(in, "subnet", i->subnet);
		json_add_text(in, "bootproto", i->bootproto);
	} else {
		json_add_text(in, "address_autocfg", i->address_autocfg);
		json_add_text(in, "link_local", i->link_local);
		json_add_text(in, "link_local_autocfg", i->link_local_autocfg);
		json_add_text(in, "router", i->router);
	}
	put_number(in, "port", i->port);
	put_number(in, "mtu", i->mtu);
	put_number(in, "vlan_id", i->vlan_id);
	put_number(in, "vlan_priority", i->vlan_priority);
}

void json_put_host(struct json in, const struct cli *cli, const struct host_listing *host)
{
	const struct host_info *h = &host->info;
	const int level = cli->opts.print_level;
	struct json list;

	json_add_number(in, "number", h->host_no);
	json_add_text(in, "transport", h->transport);
	json_add_text(in, "initiator_name", h->initiator_name);
	json_add_text(in, "address", h->address);
	json_add_text(in, "hwaddress", h->hwaddress);
	json_add_text(in, "netdev", h->netdev);
	if (level < 1)
		return;
	json_add_text(in, "state", h->state);
	json_add_text(in, "port_state", h->port_state);
	json_add_text(in, "port_speed", h->port_speed);
	list = json_add_list(in, "interfaces");
	for (size_t i = 0; i < host->iface_count; i++)
		put_host_iface(json_add_object(list, NULL), &host->ifaces[i]);
	if (level < 2)
		return;
	/* a session's levels are one behind: its own list has no host to show */
	list = json_add_list(in, "sessions");
	for (size_t i = 0; i < host->session_count; i++)
		json_put_session(json_add_object(list, NULL), cli, &host->sessions[i], level - 1,
		                 host->states, host->state_count);
}

void json_put_error(struct json in, int number)
{
	struct json o;

	if (number == ISCSI_ERR_SUCCESS) {
		json_add_text(in, "error", NULL);
		return;
	}
	o = json_add_object(in, "error");
	json_add_number(o, "number", number);
	json_add_text(o, "text", iscsi_err_text(number));
}
