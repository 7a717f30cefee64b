/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Persistent reservations in a file: a line a fact, in the toolkit's own key=value grammar.
 *     generation=7
 *     key=0x0123456789abcdef PORT      (a registration; oldest first)
 *     type=5 PORT                      (the reservation and its holder, "-" for all registrants)
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/kv.h"
#include "lib/base/num.h"
#include "tests/target/pr.h"

enum { FILE_MAX = 1 << 20, FILE_MODE = 0600 };

#define NO_HOLDER "-"

/* Replace the file at path, which may be in any folder. */
static int replace(const char *path, const struct writer *w)
{
	const char *slash = strrchr(path, '/');
	_cleanup_close_ int fd = -1;
	char folder[PATH_MAX];
	int r = file_folder(path, folder);

	if (r < 0)
		return r;
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return file_replace(fd, slash ? slash + 1 : path, w->data, w->len, FILE_MODE, true);
}

static int save(const struct pr *pr, struct writer *w)
{
	for (const struct pr_registration *r = pr->registrations; r && pr->aptpl; r = r->next)
		kv_putf(w, KV_NEWLINE, "key", "0x%016" PRIx64 " %s", r->key, r->port);
	if (pr->aptpl && pr->type != PR_NONE)
		kv_putf(w, KV_NEWLINE, "type", "%d %s", pr->type,
		        pr->holder ? pr->holder->port : NO_HOLDER);
	if (pr->aptpl)
		kv_putf(w, KV_NEWLINE, "generation", "%" PRIu32, pr->generation);
	if (writer_status(w) < 0)
		return writer_status(w);
	return replace(pr->state, w);
}

int pr_save(const struct pr *pr)
{
	struct writer w = writer_make(FILE_MAX);
	int r = pr->state ? save(pr, &w) : 0;

	writer_done(&w);
	return r;
}

/* Cut "FIRST REST" in two; value is changed. */
static char *split(char *value)
{
	char *rest = strchr(value, ' ');

	if (!rest || rest[1] == '\0')
		return NULL;
	*rest = '\0';
	return rest + 1;
}

static int load_key(struct pr *pr, char *value)
{
	char *port = split(value);
	uint64_t key;

	if (!port || num_iscsi(value, strlen(value), UINT64_MAX, &key) < 0 || pr_find(pr, port))
		return -EBADMSG;
	return pr_register(pr, port, key);
}

static int load_type(struct pr *pr, char *value)
{
	char *port = split(value);
	struct pr_registration *r;
	uint32_t type;

	if (!port || num_u32(value, 0, UINT8_MAX, &type) < 0 || !pr_type_valid((uint8_t)type) ||
	    !pr->registrations)
		return -EBADMSG;
	r = pr_find(pr, port);
	if (!r && !pr_type_of_all_registrants(type))
		return -EBADMSG;
	pr_reserve(pr, r, type);
	return 0;
}

static int load_generation(struct pr *pr, char *value)
{
	return num_u32(value, 0, UINT32_MAX, &pr->generation) < 0 ? -EBADMSG : 0;
}

static const struct {
	const char *key;
	int (*load)(struct pr *pr, char *value);
} facts[] = {
	{"key", load_key},
	{"type", load_type},
	{"generation", load_generation},
};

static int load_fact(struct pr *pr, const struct kv *kv)
{
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		_cleanup_free_ char *value = NULL;

		if (!kv_key_is(kv, facts[i].key))
			continue;
		value = kv_value_dup(kv);
		return value ? facts[i].load(pr, value) : -ENOMEM;
	}
	return -EBADMSG;
}

static int load(struct pr *pr, const char *text, size_t len)
{
	struct kv_reader reader = kv_reader_make(KV_NEWLINE, text, len);
	struct kv kv;
	int r;

	while ((r = kv_next(&reader, &kv)) > 0) {
		r = load_fact(pr, &kv);
		if (r < 0)
			return r;
	}
	pr->aptpl = pr->registrations;
	return r;
}

int pr_load(struct pr *pr, const char *path)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r = file_read(AT_FDCWD, path, FILE_MAX, &text, &len);

	pr->state = strdup(path);
	if (!pr->state)
		return -ENOMEM;
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : load(pr, text, len);
}
