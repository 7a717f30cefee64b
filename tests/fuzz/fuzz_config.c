/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iscsid.conf, and the same bytes as initiatorname.iscsi.
 */
#include <string.h>
#include <sys/mman.h>

#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "libiscsi-db/iscsi-db.h"
#include "tests/fuzz/fuzz.h"

static void tell(void *data _unused_, unsigned int line _unused_, const char *text)
{
	/* what a file holds cannot steer a terminal */
	for (; *text; text++)
		MUST((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void tell_of(void *data, const char *file _unused_, unsigned int line, const char *text)
{
	tell(data, line, text);
}

static void check_config(const char *path)
{
	struct iscsi_db_config *c = NULL;

	if (iscsi_db_config_read(path, tell_of, NULL, &c) < 0)
		return;
	for (int kind = ISCSI_DB_NODE; kind <= ISCSI_DB_IFACE; kind++) {
		struct iscsi_db_record *r = iscsi_db_config_record(c, (enum iscsi_db_kind)kind);

		MUST(r && iscsi_db_record_kind(r) == (enum iscsi_db_kind)kind);
		iscsi_db_record_free(r);
	}
	iscsi_db_config_free(c);
}

static void check_name(const char *path)
{
	char name[ISCSI_NAME_SIZE], alias[256];
	const char *why;

	if (iscsi_db_initiator_name(path, tell, NULL, name, alias) == 0)
		MUST(iscsi_name_valid(name, strlen(name), &why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_close_ int fd = memfd_create("fuzz", MFD_CLOEXEC);
	char path[32];

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check_config(path);
	check_name(path);
	return 0;
}
