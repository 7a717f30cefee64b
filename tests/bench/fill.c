/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fill DB RECORDS: writes what a discovery of that many targets would, twice, and prints how long
 * each time took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/macros.h"
#include "libiscsi-db/iscsi-db.h"

static double now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void check(int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "fill: %s failed: %d\n", what, r);
	exit(EXIT_FAILURE);
}

static void write_source(struct iscsi_db *db, const struct iscsi_db_config *config)
{
	struct iscsi_db_record *r = iscsi_db_config_record(config, ISCSI_DB_SENDTARGETS);

	check(r ? iscsi_db_record_set(r, "discovery.sendtargets.address", "127.0.0.1") : -1, "set");
	check(iscsi_db_discovery_write(db, r), "write");
	iscsi_db_record_free(r);
}

static void write_node(struct iscsi_db *db, const struct iscsi_db_config *config, int number)
{
	char name[64];
	const struct {
		const char *key, *value;
	} rows[] = {
		{"node.name", name},
		{"node.tpgt", "1"},
		{"node.conn[0].address", "127.0.0.1"},
		{"node.discovery_address", "127.0.0.1"},
		{"node.discovery_port", "3260"},
		{"node.discovery_type", "send_targets"},
	};
	struct iscsi_db_record *r = iscsi_db_config_record(config, ISCSI_DB_NODE);

	snprintf(name, sizeof(name), "iqn.2001-04.com.example:storage.disk%05d", number);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check(r ? iscsi_db_record_set(r, rows[i].key, rows[i].value) : -1, "set");
	check(iscsi_db_node_write(db, r), "write");
	iscsi_db_record_free(r);
}

int main(int argc, char **argv)
{
	int records = argc == 3 ? atoi(argv[2]) : 0;
	struct iscsi_db_config *config;
	struct iscsi_db *db;

	if (records <= 0) {
		fputs("usage: fill DB RECORDS\n", stderr);
		return EXIT_FAILURE;
	}
	check(iscsi_db_config_read("etc/iscsid.conf", NULL, NULL, &config), "config");
	check(iscsi_db_open(argv[1], &db), "open");
	for (int turn = 0; turn < 2; turn++) {
		double begin = now_msec();

		check(iscsi_db_batch_begin(db), "begin");
		write_source(db, config);
		for (int i = 0; i < records; i++)
			write_node(db, config, i);
		check(iscsi_db_batch_end(db), "end");
		printf("%-34s %12s %12.1f\n",
		       turn == 0 ? "write what a discovery found" : "the same again, unchanged", "",
		       now_msec() - begin);
	}
	iscsi_db_close(db);
	iscsi_db_config_free(config);
	return EXIT_SUCCESS;
}
