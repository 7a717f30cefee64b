/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/boot_record.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/macros.h"

/* The portal group tag is nothing that firmware knows; records of it have had this one ever since.
 */
#define TAG "1"

static void print(const char *key, const char *value)
{
	if (value[0])
		printf("%s = %s\n", key, value);
}

static void print_number(const char *key, int value)
{
	printf("%s = %d\n", key, value);
}

static void print_secret(const char *key, const char *value, bool show)
{
	print(key, value[0] && !show ? "********" : value);
}

void boot_print(const struct boot_path *path, bool show_secrets)
{
	const struct boot_nic *nic = &path->nic;

	puts("# BEGIN RECORD " VERSION);
	print("iface.initiatorname", path->initiator_name);
	print("iface.isid", path->isid);
	print("iface.transport_name", path->transport);
	print("iface.hwaddress", nic->hwaddress);
	print("iface.bootproto", nic->dhcp ? "DHCP" : "STATIC");
	print("iface.ipaddress", nic->address);
	if (nic->prefix_len != 0)
		print_number("iface.prefix_len", nic->prefix_len);
	print("iface.subnet_mask", nic->subnet_mask);
	print("iface.gateway", nic->gateway);
	print("iface.primary_dns", nic->primary_dns);
	print("iface.secondary_dns", nic->secondary_dns);
	if (nic->vlan >= 0)
		print_number("iface.vlan_id", nic->vlan);
	print("iface.net_ifacename", nic->netdev);
	print("node.name", path->target_name);
	print("node.conn[0].address", path->address);
	print_number("node.conn[0].port", path->port);
	print("node.session.auth.username", path->username);
	print_secret("node.session.auth.password", path->password, show_secrets);
	print("node.session.auth.username_in", path->username_in);
	print_secret("node.session.auth.password_in", path->password_in, show_secrets);
	print("node.boot_lun", path->lun);
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
