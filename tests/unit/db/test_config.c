/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/macros.h"
#include "libiscsi-db/iscsi-db.h"

struct told {
	unsigned int count;
	unsigned int line; /* of the last one */
	char text[1024], file[1024];
};

static void tell(void *data, unsigned int line, const char *text)
{
	struct told *t = data;

	t->count++;
	t->line = line;
	snprintf(t->text, sizeof(t->text), "%s", text);
}

static void tell_config(void *data, const char *file, unsigned int line, const char *text)
{
	struct told *t = data;

	tell(t, line, text);
	snprintf(t->file, sizeof(t->file), "%s", file);
}

static char path[] = "/tmp/test-config-XXXXXX";

static int make_file(void **state _unused_)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state _unused_)
{
	return unlink(path);
}

static void write_file(const char *text, size_t len)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static struct iscsi_db_config *config_of(const char *text, struct told *t)
{
	struct iscsi_db_config *c = NULL;

	write_file(text, strlen(text));
	assert_int_equal(iscsi_db_config_read(path, tell_config, t, &c), 0);
	return c;
}

static void a_configuration_seeds_records_of_every_kind(void **state _unused_)
{
	struct told t = {0};
	struct iscsi_db_config *c = config_of("# comment\n"
	                                      "node.startup = automatic\n"
	                                      "iface.net_ifacename=eth7\n"
	                                      "discovery.sendtargets.reopen_max =9\n"
	                                      "discovery.isns.discoveryd_poll_inval= 60\n"
	                                      "node.session.auth.chap_algs = SHA256 MD5\n"
	                                      "node.session.queue_depth = 16\n"
	                                      "some.other = key\n"
	                                      "node.session.queue_depth = 64",
	                                      &t);
	struct iscsi_db_record *node = iscsi_db_config_record(c, ISCSI_DB_NODE);
	struct iscsi_db_record *st = iscsi_db_config_record(c, ISCSI_DB_SENDTARGETS);
	struct iscsi_db_record *isns = iscsi_db_config_record(c, ISCSI_DB_ISNS);
	struct iscsi_db_record *iface = iscsi_db_config_record(c, ISCSI_DB_IFACE);

	assert_int_equal(t.count, 0);
	assert_string_equal(iscsi_db_record_get(node, "node.startup"), "automatic");
	assert_string_equal(iscsi_db_record_get(node, "iface.net_ifacename"), "eth7");
	assert_string_equal(iscsi_db_record_get(node, "node.session.auth.chap_algs"), "SHA256,MD5");
	assert_string_equal(iscsi_db_record_get(node, "node.session.queue_depth"), "64");
	assert_null(iscsi_db_record_get(node, "some.other"));
	assert_string_equal(iscsi_db_record_get(iface, "iface.net_ifacename"), "eth7");
	assert_string_equal(iscsi_db_record_get(st, "discovery.sendtargets.reopen_max"), "9");
	assert_string_equal(iscsi_db_record_get(st, "node.session.auth.chap_algs"), "SHA256,MD5");
	assert_string_equal(iscsi_db_record_get(isns, "discovery.isns.discoveryd_poll_inval"),
	                    "60");
	iscsi_db_record_free(node);
	iscsi_db_record_free(st);
	iscsi_db_record_free(isns);
	iscsi_db_record_free(iface);
	iscsi_db_config_free(c);
}

static void a_node_record_starts_from_configuration_and_interface(void **state _unused_)
{
	struct iscsi_db_node_id id = {"iqn.2001-04.com.example:x", "192.0.2.1", 3261, 7, "if1"},
				again;
	const struct iscsi_db_discovery_id source = {ISCSI_DB_ISNS, "192.0.2.9", 3205};
	struct iscsi_db_record *iface = iscsi_db_record_new(ISCSI_DB_IFACE), *node;
	struct told t = {0};
	struct iscsi_db_config *c =
		config_of("node.startup = automatic\niface.net_ifacename = eth7\n", &t);

	node = iscsi_db_config_node(c, NULL);
	assert_string_equal(iscsi_db_record_get(node, "iface.net_ifacename"), "eth7");
	iscsi_db_record_free(node);
	iscsi_db_record_set(iface, "iface.iscsi_ifacename", "if0");
	iscsi_db_record_set(iface, "iface.net_ifacename", "eth0");
	node = iscsi_db_config_node(c, iface);
	assert_string_equal(iscsi_db_record_get(node, "node.startup"), "automatic");
	assert_string_equal(iscsi_db_record_get(node, "iface.net_ifacename"), "eth0");
	assert_string_equal(iscsi_db_record_get(node, "iface.iscsi_ifacename"), "if0");
	assert_int_equal(iscsi_db_node_set_id(node, &id), 0);
	memset(&again, 0, sizeof(again));
	assert_int_equal(iscsi_db_node_id_of(node, &again), 0);
	assert_memory_equal(&again, &id, sizeof(id));
	assert_int_equal(iscsi_db_node_set_source(node, &source), 0);
	assert_string_equal(iscsi_db_record_get(node, "node.discovery_type"), "isns");
	assert_string_equal(iscsi_db_record_get(node, "node.discovery_address"), "192.0.2.9");
	assert_string_equal(iscsi_db_record_get(node, "node.discovery_port"), "3205");
	iscsi_db_record_free(node);
	iscsi_db_record_free(iface);
	iscsi_db_config_free(c);
}

static void only_a_check_tells_keys_that_nobody_knows(void **state _unused_)
{
	struct told t = {0};

	iscsi_db_config_free(config_of("node.startpu = automatic\nnode.startup = manual\n", &t));
	assert_int_equal(t.count, 0);
	assert_int_equal(iscsi_db_config_check(path, tell_config, &t), 0);
	assert_int_equal(t.count, 1);
	assert_int_equal(t.line, 1);
	assert_string_equal(t.text, "there is no key 'node.startpu'");
	assert_string_equal(t.file, path);
}

static void keys_that_find_records_are_not_seeded(void **state _unused_)
{
	struct told t = {0};
	struct iscsi_db_config *c = config_of("node.name = iqn.2001-04.com.example:x\n"
	                                      "node.conn[0].port = 4000\n"
	                                      "discovery.startup = automatic\n",
	                                      &t);
	struct iscsi_db_record *node = iscsi_db_config_record(c, ISCSI_DB_NODE);
	struct iscsi_db_record *st = iscsi_db_config_record(c, ISCSI_DB_SENDTARGETS);

	assert_string_equal(iscsi_db_record_get(node, "node.name"), "");
	assert_string_equal(iscsi_db_record_get(node, "node.conn[0].port"), "3260");
	assert_string_equal(iscsi_db_record_get(st, "discovery.startup"), "manual");
	iscsi_db_record_free(node);
	iscsi_db_record_free(st);
	iscsi_db_config_free(c);
}

static void bad_lines_are_told_and_ignored(void **state _unused_)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *told;
	} rows[] = {
		{"\nnode.startup = sometimes\n", 2,
	         "node.startup: 'sometimes' is not one of the values allowed: manual, automatic, "
	         "onboot"},
		{"node.session.queue_depth = 2000\n", 1,
	         "node.session.queue_depth: '2000' is not one of the values allowed: 1 to 1024"},
		{"node.session.queue_depth =\n", 1, "1 to 1024"},
		{"#\n#\nnode.startup manual\n", 3, "'node.startup manual' is no 'key = value'"},
		{"iscsid.safe_logout = maybe\n", 1, "iscsid.safe_logout: 'maybe'"},
		{"node.session.auth.chap_algs = FOO,MD5\n", 1, "Ignoring unknown value 'FOO'"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct told t = {0};
		struct iscsi_db_config *c = config_of(rows[i].text, &t);
		struct iscsi_db_record *node = iscsi_db_config_record(c, ISCSI_DB_NODE);

		assert_int_equal(t.count, 1);
		assert_int_equal(t.line, rows[i].line);
		assert_non_null(strstr(t.text, rows[i].told));
		assert_string_equal(iscsi_db_record_get(node, "node.startup"), "manual");
		assert_string_equal(iscsi_db_record_get(node, "node.session.queue_depth"), "32");
		iscsi_db_record_free(node);
		iscsi_db_config_free(c);
	}
}

static void keys_that_are_in_no_record_are_kept(void **state _unused_)
{
	struct told t = {0};
	struct iscsi_db_config *c =
		config_of("iscsid.startup = /bin/systemctl start iscsid.socket\n"
	                  "iscsid.safe_logout=Yes\n"
	                  "discovery.keep_records = Yes\n",
	                  &t);

	assert_string_equal(iscsi_db_config_get(c, "iscsid.startup"),
	                    "/bin/systemctl start iscsid.socket");
	assert_string_equal(iscsi_db_config_get(c, "iscsid.safe_logout"), "Yes");
	assert_string_equal(iscsi_db_config_get(c, "discovery.keep_records"), "Yes");
	assert_null(iscsi_db_config_get(c, "iscsid.ipc_auth_uid"));
	assert_null(iscsi_db_config_get(c, "node.startup"));
	iscsi_db_config_free(c);
}

static void a_missing_file_is_an_empty_one(void **state _unused_)
{
	struct iscsi_db_config *c = NULL;
	struct iscsi_db_record *r;

	assert_int_equal(iscsi_db_config_read("/nonexistent/iscsid.conf", NULL, NULL, &c), 0);
	r = iscsi_db_config_record(c, ISCSI_DB_NODE);
	assert_string_equal(iscsi_db_record_get(r, "node.startup"), "manual");
	iscsi_db_record_free(r);
	iscsi_db_config_free(c);
}

/* Files beside the main one, in the order of their names, which is not that of their making. */
static void drop_ins_count_after_the_file_in_the_order_of_their_names(void **state _unused_)
{
	static const struct {
		const char *name, *text;
	} files[] = {
		{"20-site.conf", "node.session.reopen_max = 20\nnode.startup = automatic\n"},
		{"10-host.conf", "node.session.reopen_max = 10\nnode.session.queue_depth=64"},
		{"30-note.txt", "node.session.reopen_max = 30\n"},
		{".hidden.conf", "node.session.reopen_max = 40\n"},
		{"15-bad.conf", "# a comment\nnode.startup = sometimes\n"},
	};
	char folder[128], name[sizeof(folder) + 32];
	struct iscsi_db_config *c;
	struct told t = {0};

	snprintf(folder, sizeof(folder), "%s.d", path);
	assert_int_equal(mkdir(folder, 0700), 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		FILE *f;

		snprintf(name, sizeof(name), "%s/%s", folder, files[i].name);
		f = fopen(name, "we");
		assert_non_null(f);
		fputs(files[i].text, f);
		fclose(f);
	}
	c = config_of("node.session.reopen_max = 1\nnode.session.queue_depth = 1\n", &t);
	assert_string_equal(iscsi_db_config_get(c, "node.session.reopen_max"), "20");
	assert_string_equal(iscsi_db_config_get(c, "node.session.queue_depth"), "64");
	assert_string_equal(iscsi_db_config_get(c, "node.startup"), "automatic");
	assert_int_equal(t.count, 1);
	assert_int_equal(t.line, 2);
	snprintf(name, sizeof(name), "%s/15-bad.conf", folder);
	assert_string_equal(t.file, name);
	assert_non_null(strstr(t.text, "manual, automatic, onboot"));
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(name, sizeof(name), "%s/%s", folder, files[i].name);
		assert_int_equal(unlink(name), 0);
	}
	assert_int_equal(rmdir(folder), 0);
	iscsi_db_config_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configuration_seeds_records_of_every_kind),
		cmocka_unit_test(a_node_record_starts_from_configuration_and_interface),
		cmocka_unit_test(only_a_check_tells_keys_that_nobody_knows),
		cmocka_unit_test(keys_that_find_records_are_not_seeded),
		cmocka_unit_test(bad_lines_are_told_and_ignored),
		cmocka_unit_test(keys_that_are_in_no_record_are_kept),
		cmocka_unit_test(a_missing_file_is_an_empty_one),
		cmocka_unit_test(drop_ins_count_after_the_file_in_the_order_of_their_names),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
