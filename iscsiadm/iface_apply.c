/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an adapter is told of interface records: how the interface gets its addresses, and with that
 * all else that is set; nothing of one that says neither.  All goes in one request, as an adapter
 * resets its network for each, and only when every value is one.
 */
#include "iscsiadm/iface_adapter.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "iscsiadm/host_request.h"
#include "iscsiadm/rehearsal.h"
#include "iscsiadm/report.h"
#include "iscsiadm/select.h"
#include "lib/base/kv.h"
#include "lib/base/macros.h"
#include "lib/host/netparam.h"

/* IEEE 802.1Q: the tag has 3 bits of priority above 12 of ID. */
enum { VLAN_ID_MAX = 4095, VLAN_PRIORITY_MAX = 7, VLAN_PRIORITY_SHIFT = 13 };

struct telling {
	struct writer params; /* owned: lines of the request */
	size_t count;         /* of them */
	int rc;               /* of the first that cannot be told */
	int version;          /* of the interface that it is about */
	/* borrowed */
	const struct iscsi_db_record *record; /* of that interface */
};

static const char *get(const struct telling *t, const char *key)
{
	return iface_value(t->record, key);
}

/* An address that is none stands for one that is not set. */
static bool has_address(const struct telling *t, const char *key)
{
	const char *value = get(t, key);

	return value[0] && strcmp(value, "default") != 0 && strcmp(value, "0.0.0.0") != 0 &&
	       strcmp(value, "::") != 0;
}

static bool is_word(const struct telling *t, const char *key, const char *word)
{
	return strcasecmp(get(t, key), word) == 0;
}

static void refuse(struct telling *t, const char *key, const char *value, const char *allowed)
{
	report("Cannot apply %s of iface %s: '%s' is not %s.", key, get(t, "iface.iscsi_ifacename"),
	       value, allowed);
	if (t->rc == ISCSI_ERR_SUCCESS)
		t->rc = ISCSI_ERR_INVAL;
}

static void tell(struct telling *t, const char *key, const char *value)
{
	const struct host_param *p = &host_netparam(t->version, key)->param;
	const int64_t number = iscsi_db_record_get_int(t->record, "iface.iface_num", 0);
	char allowed[HOST_PARAM_ALLOWED_SIZE], name[96];
	struct host_param_value bytes;

	if (host_param_encode(p, value, &bytes) < 0) {
		refuse(t, key, value, host_param_allowed(p, allowed));
		return;
	}
	snprintf(name, sizeof(name), "ipv%d.%" PRId64 ".%s", t->version, number,
	         key + strlen("iface."));
	kv_put(&t->params, KV_NEWLINE, name, value);
	t->count++;
}

static void tell_address(struct telling *t, const char *key)
{
	if (has_address(t, key))
		tell(t, key, get(t, key));
}

static void tell_ipv4(struct telling *t)
{
	static const char bootproto[] = "iface.bootproto";

	if (is_word(t, bootproto, "dhcp")) {
		tell(t, bootproto, "dhcp");
	} else if (get(t, bootproto)[0] && !is_word(t, bootproto, "static")) {
		refuse(t, bootproto, get(t, bootproto), "static or dhcp");
	} else if (has_address(t, "iface.ipaddress")) {
		tell(t, bootproto, "static");
		tell_address(t, "iface.ipaddress");
		tell_address(t, "iface.subnet_mask");
		tell_address(t, "iface.gateway");
	}
}

static void tell_ipv6(struct telling *t)
{
	static const struct {
		const char *autocfg, *address;
	} rows[] = {
		{"iface.ipv6_autocfg", "iface.ipaddress"},
		{"iface.linklocal_autocfg", "iface.ipv6_linklocal"},
		{"iface.router_autocfg", "iface.ipv6_router"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *autocfg = get(t, rows[i].autocfg);

		if (autocfg[0] && strcmp(autocfg, "disable") != 0) {
			tell(t, rows[i].autocfg, autocfg);
		} else if (has_address(t, rows[i].address)) {
			tell(t, rows[i].autocfg, "disable");
			tell_address(t, rows[i].address);
		}
	}
}

static void tell_vlan_tag(struct telling *t)
{
	int64_t id = iscsi_db_record_get_int(t->record, "iface.vlan_id", 0);
	int64_t priority = iscsi_db_record_get_int(t->record, "iface.vlan_priority", 0);
	char tag[16];

	if (id == 0 || strcmp(get(t, "iface.vlan_state"), "disable") == 0)
		return;
	if (id < 0 || id > VLAN_ID_MAX) {
		refuse(t, "iface.vlan_id", get(t, "iface.vlan_id"), "0 to 4095");
	} else if (priority < 0 || priority > VLAN_PRIORITY_MAX) {
		refuse(t, "iface.vlan_priority", get(t, "iface.vlan_priority"), "0 to 7");
	} else {
		snprintf(tag, sizeof(tag), "%d", (int)(priority << VLAN_PRIORITY_SHIFT | id));
		tell(t, "iface.vlan_tag", tag);
	}
}

/* 0 and "" stand for what is not set. */
static bool is_set(const struct host_param *p, const char *value)
{
	return value[0] && (p->type != HOST_PARAM_NUMBER || strcmp(value, "0") != 0);
}

static void tell_rest(struct telling *t)
{
	size_t count;
	const struct host_netparam *params = host_netparams(&count);

	for (size_t i = 0; i < count; i++) {
		const struct host_param *p = &params[i].param;
		const char *value = get(t, p->key);

		if (params[i].address || (params[i].version && params[i].version != t->version))
			continue;
		if (strcmp(p->key, "iface.vlan_tag") == 0)
			tell_vlan_tag(t);
		else if (is_set(p, value))
			tell(t, p->key, value);
		else if (strcmp(p->key, "iface.port") == 0)
			tell(t, p->key, "3260");
	}
}

static void tell_record(struct telling *t, const struct iscsi_db_record *record)
{
	const size_t before = t->count;

	t->record = record;
	t->version = iface_version(record);
	if (strcmp(get(t, "iface.state"), "disable") == 0) {
		tell(t, "iface.state", "disable");
		return;
	}
	if (t->version == 4)
		tell_ipv4(t);
	else
		tell_ipv6(t);
	if (t->count > before)
		tell_rest(t);
}

/* ---- one, and all of a host ------------------------------------------------------------- */

static int could_not_apply(int rc)
{
	report("Could not apply net configuration: %s", iscsi_err_text(rc));
	return rc;
}

/* Tell the host what was put together. */
static int ask(struct cli *cli, const struct telling *t, int host_no)
{
	struct host_request r = host_request_make(cli, "ifaces", host_no);

	host_request_put_lines(&r, &t->params);
	if (host_request_run(&r) == ISCSI_ERR_SUCCESS)
		return ISCSI_ERR_SUCCESS;
	if (r.refused == -ENOSYS)
		return could_not_apply(ISCSI_ERR_OP_NOT_SUPP);
	return could_not_apply(r.refused ? ISCSI_ERR_UNKNOWN : r.rc);
}

/* The records' host is of the number, or, where that is -1, still to be found by the last. */
static int apply(struct cli *cli, struct telling *t, int host_no)
{
	int rc = t->rc;

	if (rc == ISCSI_ERR_SUCCESS && t->count == 0) {
		report("Nothing to configure.");
		return ISCSI_ERR_SUCCESS;
	}
	if (rc == ISCSI_ERR_SUCCESS && host_no < 0)
		rc = iface_host(cli, t->record, &host_no);
	return rc ? could_not_apply(rc) : ask(cli, t, host_no);
}

int iface_apply(struct cli *cli, const char *name)
{
	struct telling t = {.params = writer_make(IPC_MESSAGE_MAX)};
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	int rc;

	if (!name) {
		report("Apply requires iface.");
		return ISCSI_ERR_INVAL;
	}
	rc = iface_read(cli, name, &record);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (!iface_is_software(record))
		tell_record(&t, record);
	rc = apply(cli, &t, -1);
	writer_done(&t.params);
	if (rc == ISCSI_ERR_SUCCESS)
		print_done(cli, "%s applied.\n", name);
	return rc;
}

static bool is_of(const struct iscsi_db_record *record, const struct host_info *host)
{
	return host->hwaddress[0] &&
	       strcmp(iface_value(record, "iface.transport_name"), host->transport) == 0 &&
	       strcasecmp(iface_value(record, "iface.hwaddress"), host->hwaddress) == 0;
}

/* All stored records of the host; one that cannot be read is none. */
static int tell_all(struct cli *cli, struct telling *t, const struct host_info *host)
{
	_cleanup_free_ char(*names)[65] = NULL;
	size_t count = 0;
	int r = iscsi_db_ifaces(cli->db, &names, &count);

	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	for (size_t i = 0; i < count; i++) {
		_cleanup_record_ struct iscsi_db_record *record = NULL;

		if (iscsi_db_iface_read(cli->db, names[i], report_problem, names[i], &record) ==
		            0 &&
		    !iface_is_software(record) && is_of(record, host))
			tell_record(t, record);
	}
	return ISCSI_ERR_SUCCESS;
}

int iface_apply_all(struct cli *cli)
{
	struct telling t = {.params = writer_make(IPC_MESSAGE_MAX)};
	struct host_info host;
	int host_no, rc = select_host(cli, &host_no);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (host_read(cli->paths.sysfs, host_no, &host) < 0) {
		report("Could not match hostno %d to transport.", host_no);
		return ISCSI_ERR_TRANS_NOT_FOUND;
	}
	rc = tell_all(cli, &t, &host);
	if (rc == ISCSI_ERR_SUCCESS)
		rc = apply(cli, &t, host_no);
	writer_done(&t.params);
	if (rc == ISCSI_ERR_SUCCESS)
		print_done(cli, "Applied settings to ifaces attached to host%d.\n", host_no);
	return rc;
}
