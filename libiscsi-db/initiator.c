/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * initiatorname.iscsi: the name that targets know this machine by, read, and written where there is
 * none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cursor.h"
#include "lib/base/file.h"
#include "lib/base/kv.h"
#include "lib/base/macros.h"
#include "lib/base/name.h"
#include "libiscsi-db/schema.h"

#define INITIATOR_PATH SYSCONFDIR "/iscsi/initiatorname.iscsi"

static const char made_comment[] =
	"# The name that iSCSI targets know this machine by.  No two machines may have the same.\n";

enum {
	INITIATOR_SIZE_MAX = 1 << 16,
	ALIAS_SIZE = 256,
};

int iscsi_db_initiator_name(const char *path, iscsi_db_problem problem, void *data,
                            char ret_name[ISCSI_NAME_SIZE], char ret_alias[ALIAS_SIZE])
{
	char name[ISCSI_NAME_SIZE] = "", alias[ALIAS_SIZE] = "";
	_cleanup_free_ char *text = NULL;
	struct kv_reader in;
	const char *why;
	struct kv kv;
	size_t len;
	int r;

	r = file_read(AT_FDCWD, path ? path : INITIATOR_PATH, INITIATOR_SIZE_MAX, &text, &len);
	if (r < 0)
		return r;
	in = kv_reader_make(KV_NEWLINE, text, len);
	while ((r = kv_next(&in, &kv)) != 0) {
		if (r < 0) {
			schema_tell(problem, data, in.line, "'%.*s' is no 'key = value'",
			            (int)MIN(kv.key_len, 80), kv.key);
		} else if (kv_key_is(&kv, "InitiatorName")) {
			if (kv.value_len == 0)
				continue;
			if (!iscsi_name_valid(kv.value, kv.value_len, &why)) {
				schema_tell(problem, data, in.line,
				            "'%.*s' cannot be the InitiatorName: %s",
				            (int)MIN(kv.value_len, 2 * ISCSI_NAME_MAX), kv.value,
				            why);
				return -EINVAL;
			}
			kv_value_copy(&kv, name, sizeof(name));
		} else if (kv_key_is(&kv, "InitiatorAlias") &&
		           kv_value_copy(&kv, alias, sizeof(alias)) < 0) {
			schema_tell(problem, data, in.line,
			            "the InitiatorAlias is longer than %d bytes and is ignored",
			            ALIAS_SIZE - 1);
		}
	}
	if (name[0] == '\0')
		return -ENOENT;
	strcpy(ret_name, name);
	strcpy(ret_alias, alias);
	return 0;
}

/* What the file says about its name. */
struct name_file {
	bool has_name;        /* a line InitiatorName= with something behind it */
	bool wants_name;      /* a line GenerateName=yes */
	struct writer others; /* all lines but these two and our comment */
};

static void look_through(const char *text, size_t len, struct name_file *ret)
{
	const char *end = text + len;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = newline ? (size_t)(newline - text) : (size_t)(end - text);
		struct kv_reader in = kv_reader_make(KV_NEWLINE, text, n);
		struct kv kv;
		bool pair = kv_next(&in, &kv) == 1;

		if (pair && kv_key_is(&kv, "InitiatorName"))
			ret->has_name |= kv.value_len > 0;
		else if (pair && kv_key_is(&kv, "GenerateName"))
			ret->wants_name |= kv_value_is(&kv, "yes");
		else if (n + 1 != strlen(made_comment) || memcmp(text, made_comment, n) != 0)
			writer_printf(&ret->others, "%.*s\n", (int)n, text);
		text += newline ? n + 1 : n;
	}
}

static int replace_file(const char *path, const struct name_file *file, const char *name)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int dirfd = -1;
	const char *base = strrchr(path, '/');
	struct writer w = writer_make(2 * INITIATOR_SIZE_MAX);
	char folder[PATH_MAX];
	int r = file_folder(path, folder);

	if (r == 0)
		r = file_make_folders(AT_FDCWD, folder, 0755);
	if (r < 0)
		return r;
	dirfd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return -errno;
	writer_bytes(&w, file->others.data, file->others.len);
	writer_printf(&w, "%sInitiatorName=%s\n", made_comment, name);
	r = writer_take_str(&w, &text);
	if (r < 0)
		return r;
	return file_replace(dirfd, base ? base + 1 : path, text, strlen(text), 0600, true);
}

int iscsi_db_initiator_name_write(const char *path, const char *name)
{
	struct name_file file = {.others = writer_make(INITIATOR_SIZE_MAX)};
	_cleanup_free_ char *text = NULL;
	const char *why;
	size_t len = 0;
	int r;

	if (!iscsi_name_valid(name, strlen(name), &why))
		return -EINVAL;
	if (!path)
		path = INITIATOR_PATH;
	r = file_read(AT_FDCWD, path, INITIATOR_SIZE_MAX, &text, &len);
	if (r < 0 && r != -ENOENT)
		return r;
	if (text)
		look_through(text, len, &file);
	/* a name that is there was chosen, even a wrong one; asking for one leaves nothing to lose
	 */
	if (file.has_name && !file.wants_name) {
		writer_done(&file.others);
		return 0;
	}
	r = writer_status(&file.others);
	if (r == 0)
		r = replace_file(path, &file, name);
	writer_done(&file.others);
	return r < 0 ? r : 1;
}
