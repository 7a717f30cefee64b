/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/boot_record.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/macros.h"

/* The portal group tag is nothing that firmware knows; records of it have had this one ever since.
 */
#define TAG "1"

struct walk {
	iscsi_db_value tell;
	void *data;
};

static void tell_typed(const struct walk *w, const char *key, const char *value,
                       enum iscsi_db_value_type type)
{
	if (value[0])
		w->tell(w->data, key, value, type);
}

static void tell(const struct walk *w, const char *key, const char *value)
{
	tell_typed(w, key, value, ISCSI_DB_VALUE_TEXT);
}

static void tell_number(const struct walk *w, const char *key, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	tell_typed(w, key, text, ISCSI_DB_VALUE_NUMBER);
}

void boot_walk(const struct boot_path *path, iscsi_db_value to, void *data)
{
	const struct boot_nic *nic = &path->nic;
	const struct walk w = {to, data};

	tell(&w, "iface.initiatorname", path->initiator_name);
	tell(&w, "iface.isid", path->isid);
	tell(&w, "iface.transport_name", path->transport);
	tell(&w, "iface.hwaddress", nic->hwaddress);
	tell(&w, "iface.bootproto", nic->dhcp ? "DHCP" : "STATIC");
	tell(&w, "iface.ipaddress", nic->address);
	if (nic->prefix_len != 0)
		tell_number(&w, "iface.prefix_len", nic->prefix_len);
	tell(&w, "iface.subnet_mask", nic->subnet_mask);
	tell(&w, "iface.gateway", nic->gateway);
	tell(&w, "iface.primary_dns", nic->primary_dns);
	tell(&w, "iface.secondary_dns", nic->secondary_dns);
	if (nic->vlan >= 0)
		tell_number(&w, "iface.vlan_id", nic->vlan);
	tell(&w, "iface.net_ifacename", nic->netdev);
	tell(&w, "node.name", path->target_name);
	tell(&w, "node.conn[0].address", path->address);
	tell_number(&w, "node.conn[0].port", path->port);
	tell(&w, "node.session.auth.username", path->username);
	tell_typed(&w, "node.session.auth.password", path->password, ISCSI_DB_VALUE_SECRET);
	tell(&w, "node.session.auth.username_in", path->username_in);
	tell_typed(&w, "node.session.auth.password_in", path->password_in, ISCSI_DB_VALUE_SECRET);
	tell(&w, "node.boot_lun", path->lun);
}

static void print(void *data, const char *key, const char *value, enum iscsi_db_value_type type)
{
	const bool *show_secrets = data;

	printf("%s = %s\n", key,
	       type == ISCSI_DB_VALUE_SECRET && !*show_secrets ? "********" : value);
}

void boot_print(const struct boot_path *path, bool show_secrets)
{
	puts("# BEGIN RECORD " VERSION);
	boot_walk(path, print, &show_secrets);
	puts("# END RECORD");
}

struct pair {
	const char *key, *value;
};

/* An empty text is what the record has anyway. */
static int put(struct iscsi_db_record *record, const struct pair *pairs, size_t count)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		if (pairs[i].value[0])
			r = iscsi_db_record_set(record, pairs[i].key, pairs[i].value);
	}
	return r;
}

int boot_record_patience(struct iscsi_db_record *record)
{
	static const struct pair pairs[] = {
		{"node.session.initial_login_retry_max", "30"},
		{"node.conn[0].timeo.noop_out_interval", "0"},
		{"node.conn[0].timeo.noop_out_timeout", "0"},
	};

	return put(record, pairs, ARRAY_LEN(pairs));
}

/* An adapter that logs in by itself is found by its hardware address. */
static int put_adapter(struct iscsi_db_record *record, const struct boot_path *path)
{
	char iface[48];
	const struct pair pairs[] = {
		{"iface.iscsi_ifacename", iface},
		{"iface.transport_name", path->transport},
		{"iface.hwaddress", path->nic.hwaddress},
		{"iface.ipaddress", path->nic.address},
		{"iface.subnet_mask", path->nic.subnet_mask},
		{"iface.gateway", path->nic.gateway},
	};

	snprintf(iface, sizeof(iface), "%s.%s", path->transport, path->nic.hwaddress);
	return put(record, pairs, ARRAY_LEN(pairs));
}

int boot_record_put(struct iscsi_db_record *record, const struct boot_path *path)
{
	bool adapter = strcmp(path->transport, "tcp") != 0 && path->nic.hwaddress[0];
	char port[8];
	const struct pair pairs[] = {
		{"node.name", path->target_name},
		{"node.tpgt", TAG},
		{"node.startup", "onboot"},
		{"node.conn[0].startup", "onboot"},
		{"node.conn[0].address", path->address},
		{"node.conn[0].port", port},
		{"node.discovery_type", "fw"},
		{"iface.initiatorname", path->initiator_name},
		{"node.session.auth.authmethod", path->username[0] ? "CHAP" : ""},
		{"node.session.auth.username", path->username},
		{"node.session.auth.password", path->password},
		{"node.session.auth.username_in", path->username_in},
		{"node.session.auth.password_in", path->password_in},
	};
	int r;

	snprintf(port, sizeof(port), "%u", path->port);
	r = put(record, pairs, ARRAY_LEN(pairs));
	return r == 0 && adapter ? put_adapter(record, path) : r;
}
