/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/iface_adapter.h"

#include <string.h>
#include <strings.h>

#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/ipc/error.h"

const char *iface_value(const struct iscsi_db_record *record, const char *key)
{
	const char *value = iscsi_db_record_get(record, key);

	return value ? value : "";
}

int iface_read(struct cli *cli, const char *name, struct iscsi_db_record **ret)
{
	int r = iscsi_db_iface_read(cli->db, name, report_problem, (void *)(uintptr_t)name, ret);

	if (r == 0)
		return ISCSI_ERR_SUCCESS;
	report("Could not read iface %s (%d).", name, ISCSI_ERR_IDBM);
	return ISCSI_ERR_IDBM;
}

static bool is_software(const char *transport)
{
	return strcmp(transport, "tcp") == 0 || strcmp(transport, "iser") == 0;
}

bool iface_is_software(const struct iscsi_db_record *record)
{
	return is_software(iface_value(record, "iface.transport_name"));
}

/* "default" has been written for what is not set. */
static bool is_given(const char *value)
{
	return value[0] && strcasecmp(value, "default") != 0;
}

/* An address tells; without one the name does, which is then one that open-iscsi made. */
int iface_version(const struct iscsi_db_record *record)
{
	const char *address = iface_value(record, "iface.ipaddress");
	const char *name = iface_value(record, "iface.iscsi_ifacename");

	if (!is_given(address))
		return strstr(name, "ipv6") ? 6 : 4;
	if (strcasecmp(iface_value(record, "iface.bootproto"), "dhcp") == 0)
		return 4;
	return strchr(address, '.') ? 4 : 6;
}

/* What a record says of its host, and where a host has the same. */
static const struct host_key {
	const char *key;
	size_t offset;
} host_keys[] = {
	{"iface.hwaddress", offsetof(struct host_info, hwaddress)},
	{"iface.net_ifacename", offsetof(struct host_info, netdev)},
	{"iface.ipaddress", offsetof(struct host_info, address)},
};

static const struct host_key *host_key_of(const struct iscsi_db_record *record)
{
	for (size_t i = 0; i < ARRAY_LEN(host_keys); i++) {
		if (is_given(iface_value(record, host_keys[i].key)))
			return &host_keys[i];
	}
	return NULL;
}

int iface_host(const struct cli *cli, const struct iscsi_db_record *record, int *ret_host_no)
{
	const char *transport = iface_value(record, "iface.transport_name");
	const char *name = iface_value(record, "iface.iscsi_ifacename");
	const struct host_key *key = host_key_of(record);
	_cleanup_free_ struct host_info *hosts = NULL;
	size_t count = 0;
	int r;

	if (!key) {
		report("Can't find the host of iface %s: it has no iface.hwaddress.", name);
		return ISCSI_ERR_TRANS_NOT_FOUND;
	}
	r = host_list(cli->paths.sysfs, &hosts, &count);
	if (r < 0)
		return cli_failed(r, "hosts");
	for (size_t i = 0; i < count; i++) {
		const char *value = (const char *)&hosts[i] + key->offset;

		if (strcmp(hosts[i].transport, transport) != 0 ||
		    strcasecmp(value, iface_value(record, key->key)) != 0)
			continue;
		*ret_host_no = hosts[i].host_no;
		return ISCSI_ERR_SUCCESS;
	}
	report("Can't find the host of iface %s: none of transport %s has the %s %s.", name,
	       transport, key->key + strlen("iface."), iface_value(record, key->key));
	return ISCSI_ERR_TRANS_NOT_FOUND;
}
