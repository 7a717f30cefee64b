/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/run_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/kv.h"
#include "lib/base/num.h"

enum { STATE_FILE_MAX = 4096 };

static int take_u32(const struct kv *kv, uint32_t max, uint32_t *ret)
{
	int64_t v;
	int r = num_parse(kv->value, kv->value_len, 0, max, &v);

	if (r == 0)
		*ret = (uint32_t)v;
	return r;
}

static int take_target(const struct kv *kv, struct run_state *s)
{
	return kv_value_copy(kv, s->target_name, sizeof(s->target_name));
}

static int take_host(const struct kv *kv, struct portal *p)
{
	return kv_value_copy(kv, p->host, sizeof(p->host));
}

static int take_tcp_port(const struct kv *kv, struct portal *p)
{
	uint32_t v;
	int r = take_u32(kv, UINT16_MAX, &v);

	if (r == 0)
		p->port = (uint16_t)v;
	return r;
}

static int take_address(const struct kv *kv, struct run_state *s)
{
	return take_host(kv, &s->portal);
}

static int take_port(const struct kv *kv, struct run_state *s)
{
	return take_tcp_port(kv, &s->portal);
}

static int take_home_address(const struct kv *kv, struct run_state *s)
{
	return take_host(kv, &s->home);
}

static int take_home_port(const struct kv *kv, struct run_state *s)
{
	return take_tcp_port(kv, &s->home);
}

static int take_resolved(const struct kv *kv, struct run_state *s)
{
	return kv_value_copy(kv, s->home_address, sizeof(s->home_address));
}

static int take_iface(const struct kv *kv, struct run_state *s)
{
	return kv_value_copy(kv, s->iface_name, sizeof(s->iface_name));
}

static int take_isid(const struct kv *kv, struct run_state *s)
{
	char text[ISID_TEXT_SIZE];
	int r = kv_value_copy(kv, text, sizeof(text));

	return r < 0 ? r : isid_parse(text, s->isid);
}

static int take_tsih(const struct kv *kv, struct run_state *s)
{
	uint32_t v;
	int r = take_u32(kv, UINT16_MAX, &v);

	if (r == 0)
		s->tsih = (uint16_t)v;
	return r;
}

static int take_time2wait(const struct kv *kv, struct run_state *s)
{
	return take_u32(kv, UINT32_MAX, &s->time2wait);
}

static int take_time2retain(const struct kv *kv, struct run_state *s)
{
	return take_u32(kv, UINT32_MAX, &s->time2retain);
}

static int take_logout_timeout(const struct kv *kv, struct run_state *s)
{
	return take_u32(kv, UINT32_MAX, &s->logout_timeout);
}

static int take_scan(const struct kv *kv, struct run_state *s)
{
	uint32_t v;
	int r = take_u32(kv, 1, &v);

	if (r == 0)
		s->scan = v;
	return r;
}

static int take_asker(const struct kv *kv, struct run_state *s)
{
	return kv_value_copy(kv, s->asker, sizeof(s->asker));
}

static const struct field {
	const char *key;
	int (*take)(const struct kv *kv, struct run_state *s);
} fields[] = {
	{"target", take_target},
	{"address", take_address},
	{"port", take_port},
	{"home_address", take_home_address},
	{"home_port", take_home_port},
	{"resolved", take_resolved},
	{"iface", take_iface},
	{"isid", take_isid},
	{"tsih", take_tsih},
	{"time2wait", take_time2wait},
	{"time2retain", take_time2retain},
	{"logout_timeout", take_logout_timeout},
	{"scan", take_scan},
	{"asker", take_asker},
};

/* All but the last ones, which not every session has. */
#define NEEDED_FIELDS ((1u << (ARRAY_LEN(fields) - 1)) - 1)

static void file_name(uint32_t sid, char dst[static 16])
{
	snprintf(dst, 16, "%u", sid);
}

int run_state_save(const char *folder, uint32_t sid, const struct run_state *s)
{
	_cleanup_close_ int dir = -1;
	struct writer w = writer_make(STATE_FILE_MAX);
	char name[16], isid[ISID_TEXT_SIZE];
	int r = file_make_folders(AT_FDCWD, folder, 0700);

	if (r < 0)
		return r;
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	isid_format(s->isid, isid);
	kv_put(&w, KV_NEWLINE, "target", s->target_name);
	kv_put(&w, KV_NEWLINE, "address", s->portal.host);
	kv_putf(&w, KV_NEWLINE, "port", "%u", s->portal.port);
	kv_put(&w, KV_NEWLINE, "home_address", s->home.host);
	kv_putf(&w, KV_NEWLINE, "home_port", "%u", s->home.port);
	kv_put(&w, KV_NEWLINE, "resolved", s->home_address);
	kv_put(&w, KV_NEWLINE, "iface", s->iface_name);
	kv_put(&w, KV_NEWLINE, "isid", isid);
	kv_putf(&w, KV_NEWLINE, "tsih", "%u", s->tsih);
	kv_putf(&w, KV_NEWLINE, "time2wait", "%u", s->time2wait);
	kv_putf(&w, KV_NEWLINE, "time2retain", "%u", s->time2retain);
	kv_putf(&w, KV_NEWLINE, "logout_timeout", "%u", s->logout_timeout);
	kv_putf(&w, KV_NEWLINE, "scan", "%u", s->scan);
	if (s->asker[0])
		kv_put(&w, KV_NEWLINE, "asker", s->asker);
	file_name(sid, name);
	r = writer_status(&w);
	if (r == 0)
		r = file_replace(dir, name, w.data, w.len, 0600, false);
	writer_done(&w);
	return r;
}

int run_state_load(const char *folder, uint32_t sid, struct run_state *ret)
{
	_cleanup_free_ char *text = NULL;
	struct run_state s = {.portal.tpgt = PORTAL_TPGT_UNKNOWN, .home.tpgt = PORTAL_TPGT_UNKNOWN};
	struct kv_reader reader;
	struct kv kv;
	char path[PATH_MAX];
	unsigned int seen = 0;
	size_t len;
	int r;

	if (snprintf(path, sizeof(path), "%s/%u", folder, sid) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = file_read(AT_FDCWD, path, STATE_FILE_MAX, &text, &len);
	if (r < 0)
		return r;
	reader = kv_reader_make(KV_NEWLINE, text, len);
	while ((r = kv_next(&reader, &kv)) == 1) {
		for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
			if (!kv_key_is(&kv, fields[i].key))
				continue;
			if (fields[i].take(&kv, &s) < 0)
				return -EBADMSG;
			seen |= 1u << i;
		}
	}
	if (r < 0 || (seen & NEEDED_FIELDS) != NEEDED_FIELDS)
		return -EBADMSG;
	*ret = s;
	return 0;
}

void run_state_remove(const char *folder, uint32_t sid)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%u", folder, sid) < (int)sizeof(path))
		unlink(path);
}

void run_state_prune(const char *folder, bool (*wanted)(void *data, uint32_t sid), void *data)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	int64_t sid;

	/* what is no number is not ours, or was never finished; folders stay */
	while (dir && (e = readdir(dir))) {
		if (num_parse(e->d_name, strlen(e->d_name), 0, UINT32_MAX, &sid) < 0 ||
		    !wanted(data, (uint32_t)sid))
			unlinkat(dirfd(dir), e->d_name, 0);
	}
	if (dir)
		closedir(dir);
}
