/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record of the kind that the first byte chooses: what is taken and written is taken again
 * without complaint, and written the same.
 */
#include <string.h>

#include "lib/base/macros.h"
#include "libiscsi-db/iscsi-db.h"
#include "tests/fuzz/fuzz.h"

static void tell(void *data, unsigned int line _unused_, const char *text)
{
	unsigned int *count = data;

	(*count)++;
	/* what a file holds cannot steer a terminal */
	for (; *text; text++)
		MUST((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void check_again(const struct iscsi_db_record *r)
{
	_cleanup_free_ char *text = iscsi_db_record_text(r, ISCSI_DB_FORM_FILE), *again = NULL;
	struct iscsi_db_record *copy = NULL;
	unsigned int problems = 0;

	if (!text)
		return;
	MUST(iscsi_db_record_parse(iscsi_db_record_kind(r), text, strlen(text), tell, &problems,
	                           &copy) == 0);
	MUST(problems == 0);
	again = iscsi_db_record_text(copy, ISCSI_DB_FORM_FILE);
	MUST(again && strcmp(text, again) == 0);
	iscsi_db_record_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *shown = NULL;
	struct iscsi_db_record *r = NULL;
	struct iscsi_db_node_id id;
	unsigned int problems = 0;
	enum iscsi_db_kind kind;

	if (size < 1)
		return 0;
	kind = (enum iscsi_db_kind)(data[0] % (ISCSI_DB_IFACE + 1));
	if (iscsi_db_record_parse(kind, (const char *)data + 1, size - 1, tell, &problems, &r) < 0)
		return 0;
	check_again(r);
	shown = iscsi_db_record_text(r, ISCSI_DB_FORM_SHOW);
	if (iscsi_db_node_id_of(r, &id) == 0)
		MUST(!strchr(id.target, '/') && !strchr(id.address, '/') && !strchr(id.iface, '/'));
	iscsi_db_record_free(r);
	return 0;
}
