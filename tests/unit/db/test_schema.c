/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The schema table against the keys and defaults of open-iscsi's records, typed from its
 * documentation and from records it made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "libiscsi-db/schema.h"

struct expected {
	const char *key, *value;
};

static const struct expected node_defaults[] = {
	{"node.name", ""},
	{"node.tpgt", "-1"},
	{"node.startup", "manual"},
	{"node.leading_login", "No"},
	{"iface.iscsi_ifacename", "default"},
	{"iface.net_ifacename", ""},
	{"iface.ipaddress", ""},
	{"iface.prefix_len", "0"},
	{"iface.hwaddress", ""},
	{"iface.transport_name", "tcp"},
	{"iface.initiatorname", ""},
	{"iface.vlan_id", "0"},
	{"iface.mtu", "0"},
	{"iface.bootproto", ""},
	{"iface.ipv6_autocfg", ""},
	{"iface.hop_limit", "0"},
	{"iface.discovery_logout", ""},
	{"node.discovery_address", ""},
	{"node.discovery_port", "0"},
	{"node.discovery_type", "static"},
	{"node.session.initial_cmdsn", "0"},
	{"node.session.initial_login_retry_max", "4"},
	{"node.session.xmit_thread_priority", "-20"},
	{"node.session.cmds_max", "128"},
	{"node.session.queue_depth", "32"},
	{"node.session.nr_sessions", "1"},
	{"node.session.auth.authmethod", "None"},
	{"node.session.auth.username", ""},
	{"node.session.auth.password", ""},
	{"node.session.auth.username_in", ""},
	{"node.session.auth.password_in", ""},
	{"node.session.auth.chap_algs", "MD5"},
	{"node.session.timeo.replacement_timeout", "120"},
	{"node.session.err_timeo.abort_timeout", "15"},
	{"node.session.err_timeo.lu_reset_timeout", "30"},
	{"node.session.err_timeo.tgt_reset_timeout", "30"},
	{"node.session.err_timeo.host_reset_timeout", "60"},
	{"node.session.iscsi.FastAbort", "Yes"},
	{"node.session.iscsi.InitialR2T", "No"},
	{"node.session.iscsi.ImmediateData", "Yes"},
	{"node.session.iscsi.FirstBurstLength", "262144"},
	{"node.session.iscsi.MaxBurstLength", "16776192"},
	{"node.session.iscsi.DefaultTime2Retain", "0"},
	{"node.session.iscsi.DefaultTime2Wait", "2"},
	{"node.session.iscsi.MaxConnections", "1"},
	{"node.session.iscsi.MaxOutstandingR2T", "1"},
	{"node.session.iscsi.ERL", "0"},
	{"node.session.scan", "auto"},
	{"node.session.reopen_max", "0"},
	{"node.session.sess_reopen_log_freq", "1"},
	{"node.conn[0].address", ""},
	{"node.conn[0].port", "3260"},
	{"node.conn[0].startup", "manual"},
	{"node.conn[0].tcp.window_size", "524288"},
	{"node.conn[0].tcp.type_of_service", "0"},
	{"node.conn[0].tcp.congestion_control", ""},
	{"node.conn[0].timeo.logout_timeout", "15"},
	{"node.conn[0].timeo.login_timeout", "30"},
	{"node.conn[0].timeo.auth_timeout", "45"},
	{"node.conn[0].timeo.noop_out_interval", "5"},
	{"node.conn[0].timeo.noop_out_timeout", "5"},
	{"node.conn[0].iscsi.MaxXmitDataSegmentLength", "0"},
	{"node.conn[0].iscsi.MaxRecvDataSegmentLength", "262144"},
	{"node.conn[0].iscsi.HeaderDigest", "None"},
	{"node.conn[0].iscsi.DataDigest", "None"},
	{"node.conn[0].iscsi.IFMarker", "No"},
	{"node.conn[0].iscsi.OFMarker", "No"},
};

static const struct expected sendtargets_defaults[] = {
	{"discovery.startup", "manual"},
	{"discovery.type", "sendtargets"},
	{"discovery.sendtargets.address", ""},
	{"discovery.sendtargets.port", "3260"},
	{"discovery.sendtargets.auth.authmethod", "None"},
	{"discovery.sendtargets.auth.username", ""},
	{"discovery.sendtargets.auth.password", ""},
	{"discovery.sendtargets.auth.username_in", ""},
	{"discovery.sendtargets.auth.password_in", ""},
	{"node.session.auth.chap_algs", "MD5"},
	{"discovery.sendtargets.timeo.login_timeout", "15"},
	{"discovery.sendtargets.use_discoveryd", "No"},
	{"discovery.sendtargets.discoveryd_poll_inval", "30"},
	{"discovery.sendtargets.reopen_max", "5"},
	{"discovery.sendtargets.timeo.auth_timeout", "45"},
	{"discovery.sendtargets.timeo.active_timeout", "30"},
	{"discovery.sendtargets.iscsi.MaxRecvDataSegmentLength", "32768"},
};

static const struct expected isns_defaults[] = {
	{"discovery.startup", "manual"},         {"discovery.type", "isns"},
	{"discovery.sendtargets.address", ""},   {"discovery.sendtargets.port", "3205"},
	{"discovery.isns.use_discoveryd", "No"}, {"discovery.isns.discoveryd_poll_inval", "-1"},
};

static void expect_defaults(enum iscsi_db_kind kind, const struct expected *rows, size_t count)
{
	struct iscsi_db_record *r = iscsi_db_record_new(kind);

	for (size_t i = 0; i < count; i++) {
		assert_non_null(iscsi_db_record_get(r, rows[i].key));
		assert_string_equal(iscsi_db_record_get(r, rows[i].key), rows[i].value);
	}
	iscsi_db_record_free(r);
}

static void built_in_defaults_are_those_of_open_iscsi(void **state _unused_)
{
	expect_defaults(ISCSI_DB_NODE, node_defaults, ARRAY_LEN(node_defaults));
	expect_defaults(ISCSI_DB_SENDTARGETS, sendtargets_defaults,
	                ARRAY_LEN(sendtargets_defaults));
	expect_defaults(ISCSI_DB_ISNS, isns_defaults, ARRAY_LEN(isns_defaults));
}

static void every_row_is_complete_and_takes_its_own_defaults(void **state _unused_)
{
	for (size_t i = 0; i < schema_count; i++) {
		const struct schema_row *row = &schema_rows[i];
		const char *values[] = {row->def, row->conf};

		assert_int_equal(row->name_len, strlen(row->name));
		assert_true(row->kinds != 0);
		assert_non_null(row->allowed);
		assert_non_null(row->doc);
		assert_int_equal(row->doc[strlen(row->doc) - 1], '.');
		for (size_t k = 0; k < ARRAY_LEN(values); k++) {
			char *text;

			if (!values[k])
				continue;
			assert_int_equal(schema_value(row, values[k], strlen(values[k]), NULL, NULL,
			                              0, &text),
			                 0);
			assert_string_equal(text, values[k]);
			free(text);
		}
		/* no second row for the same key of the same kind */
		for (size_t k = i + 1; k < schema_count; k++)
			assert_false((schema_rows[k].kinds & row->kinds) &&
			             strcmp(schema_rows[k].name, row->name) == 0);
	}
}

static void a_key_is_found_from_everywhere(void **state _unused_)
{
	for (size_t i = 0; i < schema_count; i++) {
		const struct schema_row *row = &schema_rows[i];

		for (size_t hint = 0; hint <= schema_count; hint += 7)
			assert_int_equal(schema_find(row->kinds, row->name, row->name_len, hint),
			                 i);
	}
	assert_true(schema_find(SCHEMA_NODE, "node.nam", 8, 0) < 0);
	assert_true(schema_find(SCHEMA_NODE, "node.name2", 10, 0) < 0);
	assert_true(schema_find(SCHEMA_IFACE, "node.name", 9, 0) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_in_defaults_are_those_of_open_iscsi),
		cmocka_unit_test(every_row_is_complete_and_takes_its_own_defaults),
		cmocka_unit_test(a_key_is_found_from_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
