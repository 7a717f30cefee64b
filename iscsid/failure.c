/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/failure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/cursor.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/kv.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"

enum { FAILURE_FILE_MAX = 8192, NAME_SIZE = 17 };

/* A text has max 0, a number its largest value. */
static const struct field {
	const char *key;
	size_t offset, size;
	uint64_t max;
} fields[] = {
#define FIELD(key, member, max)                                                                    \
	{                                                                                          \
		key, offsetof(struct failure, member), sizeof(((struct failure *)NULL)->member),   \
			max                                                                        \
	}
	FIELD("target", target_name, 0),     FIELD("address", address, 0),
	FIELD("port", port, UINT16_MAX),     FIELD("iface", iface_name, 0),
	FIELD("when", when_sec, INT64_MAX),  FIELD("attempt", attempt, UINT32_MAX),
	FIELD("given_up", given_up, 1),      FIELD("error", error, UINT16_MAX),
	FIELD("status", status, UINT16_MAX), FIELD("text", text, 0),
#undef FIELD
};

static uint64_t get_number(const struct field *f, const struct failure *from)
{
	const uint8_t *at = (const uint8_t *)from + f->offset;
	uint64_t u64 = 0;
	uint32_t u32 = 0;
	uint16_t u16 = 0;

	switch (f->size) {
	case sizeof(u64): memcpy(&u64, at, sizeof(u64)); return u64;
	case sizeof(u32): memcpy(&u32, at, sizeof(u32)); return u32;
	case sizeof(u16): memcpy(&u16, at, sizeof(u16)); return u16;
	}
	return *at;
}

static void set_number(const struct field *f, uint64_t value, struct failure *to)
{
	uint8_t *at = (uint8_t *)to + f->offset;
	const uint32_t u32 = (uint32_t)value;
	const uint16_t u16 = (uint16_t)value;

	switch (f->size) {
	case sizeof(value): memcpy(at, &value, sizeof(value)); return;
	case sizeof(u32): memcpy(at, &u32, sizeof(u32)); return;
	case sizeof(u16): memcpy(at, &u16, sizeof(u16)); return;
	}
	*at = (uint8_t)value;
}

static int take_field(const struct field *f, const struct kv *kv, struct failure *to)
{
	int64_t v;
	int r;

	if (f->max == 0)
		return kv_value_copy(kv, (char *)to + f->offset, f->size);
	r = num_parse(kv->value, kv->value_len, 0, (int64_t)f->max, &v);
	if (r == 0)
		set_number(f, (uint64_t)v, to);
	return r;
}

/* A line each: what would end it must not be part of a text. */
static void put_text(struct writer *w, const char *key, const char *text)
{
	char tidy[sizeof(((struct failure *)NULL)->text)];

	snprintf(tidy, sizeof(tidy), "%s", text);
	for (char *c = tidy; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	kv_put(w, KV_NEWLINE, key, tidy);
}

/* Names and addresses of a record together may be longer than a file's name. */
static void file_name(const struct failure *f, char dst[static NAME_SIZE])
{
	uint64_t h = HASH_START;

	h = hash_text(h, f->target_name);
	h = hash_text(h, f->address);
	h = hash_text(h, f->iface_name);
	h = hash_bytes(h, &f->port, sizeof(f->port));
	snprintf(dst, NAME_SIZE, "%016llx", (unsigned long long)h);
}

int failure_save(const char *folder, const struct failure *failure)
{
	_cleanup_close_ int dir = -1;
	struct writer w = writer_make(FAILURE_FILE_MAX);
	char name[NAME_SIZE];
	int r = file_make_folders(AT_FDCWD, folder, 0700);

	if (r == 0) {
		dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = dir < 0 ? -errno : 0;
	}
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(fields); i++) {
		const struct field *f = &fields[i];

		if (f->max == 0)
			put_text(&w, f->key, (const char *)failure + f->offset);
		else
			kv_putf(&w, KV_NEWLINE, f->key, "%llu",
			        (unsigned long long)get_number(f, failure));
	}
	if (r == 0)
		r = writer_status(&w);
	file_name(failure, name);
	if (r == 0)
		r = file_replace(dir, name, w.data, w.len, 0600, false);
	writer_done(&w);
	return r;
}

static int parse(const char *text, size_t len, struct failure *ret)
{
	struct kv_reader reader = kv_reader_make(KV_NEWLINE, text, len);
	struct failure f = {0};
	unsigned int seen = 0;
	struct kv kv;
	int r;

	while ((r = kv_next(&reader, &kv)) == 1) {
		for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
			if (!kv_key_is(&kv, fields[i].key))
				continue;
			if (take_field(&fields[i], &kv, &f) < 0)
				return -EBADMSG;
			seen |= 1u << i;
		}
	}
	if (r < 0 || seen != (1u << ARRAY_LEN(fields)) - 1)
		return -EBADMSG;
	*ret = f;
	return 0;
}

static int load(const char *folder, const char *name, struct failure *ret)
{
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX];
	size_t len;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = file_read(AT_FDCWD, path, FAILURE_FILE_MAX, &text, &len);
	return r < 0 ? r : parse(text, len, ret);
}

int failure_load(const char *folder, const struct failure *key, struct failure *ret)
{
	struct failure f;
	char name[NAME_SIZE];
	int r;

	file_name(key, name);
	r = load(folder, name, &f);
	if (r < 0)
		return r;
	/* two records may have one hash */
	if (strcmp(f.target_name, key->target_name) != 0 || strcmp(f.address, key->address) != 0 ||
	    strcmp(f.iface_name, key->iface_name) != 0 || f.port != key->port)
		return -ENOENT;
	*ret = f;
	return 0;
}

int failure_walk(const char *folder, failure_told told, void *data)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	struct failure f;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] != '.' && load(folder, entry->d_name, &f) == 0)
			told(data, &f);
	}
	closedir(dir);
	return 0;
}

void failure_remove(const char *folder, const struct failure *key)
{
	char path[PATH_MAX], name[NAME_SIZE];

	file_name(key, name);
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path))
		unlink(path);
}
