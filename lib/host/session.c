/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table says which attribute fills which member at which detail.  A session is read by its
 * names alone, without a look into its folders: the connection of session 7 is connection7:0 (the
 * kernel's software transports have no other), its host stands in the link of its class entry.  The
 * flat list, which is asked for most, costs four attributes of two system calls each.
 */
#include "lib/host/session.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "lib/host/host.h"
#include "lib/host/sysfs.h"

#define SESSIONS   "class/iscsi_session"
#define TRANSPORTS "class/iscsi_transport"

enum { PATH_SIZE = 512 };

enum object {
	OBJECT_SESSION,
	OBJECT_CONNECTION,
	OBJECT_HOST,
};

enum type {
	TYPE_TEXT,
	TYPE_INT, /* -1 when it is not there */
	TYPE_SN,  /* exp_statsn */
};

#define MEMBER(m) offsetof(struct host_session, m), sizeof(((struct host_session *)NULL)->m)

static const struct attribute {
	enum host_detail detail;
	enum object object;
	enum type type;
	const char *name;
	size_t offset, size;
} attributes[] = {
	/* the first one also tells whether the session is there */
	{HOST_DETAIL_LIST, OBJECT_SESSION, TYPE_TEXT, "targetname", MEMBER(target_name)},
	{HOST_DETAIL_LIST, OBJECT_SESSION, TYPE_INT, "tpgt", MEMBER(tpgt)},
	{HOST_DETAIL_LIST, OBJECT_CONNECTION, TYPE_TEXT, "persistent_address",
         MEMBER(persistent_address)},
	{HOST_DETAIL_LIST, OBJECT_CONNECTION, TYPE_INT, "persistent_port", MEMBER(persistent_port)},

	{HOST_DETAIL_IDENTITY, OBJECT_SESSION, TYPE_TEXT, "ifacename", MEMBER(iface_name)},

	{HOST_DETAIL_STATE, OBJECT_SESSION, TYPE_TEXT, "initiatorname", MEMBER(initiator_name)},
	{HOST_DETAIL_STATE, OBJECT_SESSION, TYPE_TEXT, "state", MEMBER(session_state)},
	{HOST_DETAIL_STATE, OBJECT_SESSION, TYPE_TEXT, "target_state", MEMBER(target_state)},
	{HOST_DETAIL_STATE, OBJECT_CONNECTION, TYPE_TEXT, "state", MEMBER(conn_state)},

	{HOST_DETAIL_ADDRESS, OBJECT_CONNECTION, TYPE_TEXT, "address", MEMBER(address)},
	{HOST_DETAIL_ADDRESS, OBJECT_CONNECTION, TYPE_INT, "port", MEMBER(port)},
	{HOST_DETAIL_ADDRESS, OBJECT_HOST, TYPE_TEXT, "ipaddress", MEMBER(local_address)},
	{HOST_DETAIL_ADDRESS, OBJECT_HOST, TYPE_TEXT, "netdev", MEMBER(netdev)},
	{HOST_DETAIL_ADDRESS, OBJECT_HOST, TYPE_TEXT, "hwaddress", MEMBER(hwaddress)},

	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_TEXT, "recovery_tmo", MEMBER(recovery_tmo)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_INT, "tgt_reset_tmo", MEMBER(tgt_reset_tmo)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_INT, "lu_reset_tmo", MEMBER(lu_reset_tmo)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_INT, "abort_tmo", MEMBER(abort_tmo)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_TEXT, "username", MEMBER(username)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_TEXT, "password", MEMBER(password)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_TEXT, "username_in", MEMBER(username_in)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_TEXT, "password_in", MEMBER(password_in)},
	{HOST_DETAIL_PARAMS, OBJECT_CONNECTION, TYPE_INT, "header_digest", MEMBER(header_digest)},
	{HOST_DETAIL_PARAMS, OBJECT_CONNECTION, TYPE_INT, "data_digest", MEMBER(data_digest)},
	{HOST_DETAIL_PARAMS, OBJECT_CONNECTION, TYPE_INT, "max_recv_dlength",
         MEMBER(max_recv_dlength)},
	{HOST_DETAIL_PARAMS, OBJECT_CONNECTION, TYPE_INT, "max_xmit_dlength",
         MEMBER(max_xmit_dlength)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_INT, "first_burst_len", MEMBER(first_burst_len)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_INT, "max_burst_len", MEMBER(max_burst_len)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_INT, "immediate_data", MEMBER(immediate_data)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_INT, "initial_r2t", MEMBER(initial_r2t)},
	{HOST_DETAIL_PARAMS, OBJECT_SESSION, TYPE_INT, "max_outstanding_r2t",
         MEMBER(max_outstanding_r2t)},
	{HOST_DETAIL_PARAMS, OBJECT_CONNECTION, TYPE_SN, "exp_statsn", MEMBER(exp_statsn)},
};

/* What is the same for all sessions of one pass. */
struct pass {
	struct sysfs_reader reader;
	/* the only transport that is loaded, which then is every session's; "" when there are more
	 */
	char transport[HOST_TRANSPORT_SIZE];
};

/* Where an attribute lies below /sys. */
static void attribute_path(const struct attribute *a, const struct host_session *s,
                           char dst[static PATH_SIZE])
{
	switch (a->object) {
	case OBJECT_SESSION:
		snprintf(dst, PATH_SIZE, SESSIONS "/session%d/%s", s->sid, a->name);
		return;
	case OBJECT_CONNECTION:
		snprintf(dst, PATH_SIZE, "class/iscsi_connection/connection%d:0/%s", s->sid,
		         a->name);
		return;
	case OBJECT_HOST:
		snprintf(dst, PATH_SIZE, "class/iscsi_host/host%d/%s", s->host_no, a->name);
		return;
	}
}

static int read_attribute(struct pass *p, const struct attribute *a, struct host_session *s)
{
	char path[PATH_SIZE], text[32];
	uint8_t *member = (uint8_t *)s + a->offset;
	int v = -1, r = 0;

	attribute_path(a, s, path);
	switch (a->type) {
	case TYPE_TEXT:
		r = (int)MIN(sysfs_read_text(&p->reader, path, (char *)member, a->size), 0);
		break;
	case TYPE_INT:
		r = sysfs_read_int(&p->reader, path, -1, &v);
		memcpy(member, &v, sizeof(v));
		break;
	case TYPE_SN:
		r = (int)sysfs_read_text(&p->reader, path, text, sizeof(text));
		s->exp_statsn_valid = r > 0 && num_u32(text, 0, UINT32_MAX, &s->exp_statsn) == 0;
		break;
	}
	return r;
}

/* ".../host3/session7/iscsi_session/session7": the number behind the last "/host". */
static int read_host_no(const struct pass *p, int sid, int *ret)
{
	char path[PATH_SIZE], target[PATH_MAX], *part, *next, *save = NULL;
	ssize_t n;
	int host_no = -1;

	snprintf(path, sizeof(path), SESSIONS "/session%d", sid);
	n = readlinkat(p->reader.root, path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	for (part = strtok_r(target, "/", &save); part; part = next) {
		int v;

		next = strtok_r(NULL, "/", &save);
		if (next && strncmp(next, "session", 7) == 0 &&
		    sysfs_number_behind(part, "host", &v))
			host_no = v;
	}
	*ret = host_no;
	return 0;
}

static void read_transport(struct pass *p, struct host_session *s)
{
	if (p->transport[0])
		strcpy(s->transport, p->transport);
	else
		host_transport(&p->reader, s->host_no, s->transport);
}

/* The transports in software make no session by themselves, and need not be asked. */
static void read_creator(struct pass *p, struct host_session *s)
{
	char path[PATH_SIZE];
	int port_id;

	s->has_creator = strcmp(s->transport, "tcp") == 0 || strcmp(s->transport, "iser") == 0;
	if (s->has_creator)
		return;
	snprintf(path, sizeof(path), SESSIONS "/session%d/creator", s->sid);
	sysfs_read_int(&p->reader, path, -1, &port_id);
	s->has_creator = port_id != -1;
}

/* 0, -ENOENT when the session has gone, or the reader's exhaustion. */
static int read_session(struct pass *p, int sid, enum host_detail detail, struct host_session *ret)
{
	struct host_session s = {.sid = sid, .host_no = -1};
	int r = 0;

	if (detail >= HOST_DETAIL_IDENTITY || !p->transport[0])
		r = read_host_no(p, sid, &s.host_no);
	for (size_t i = 0; i < ARRAY_LEN(attributes) && r == 0; i++) {
		int missing = 0;

		if (attributes[i].detail <= detail)
			missing = read_attribute(p, &attributes[i], &s);
		if (i == 0)
			r = missing;
		if (p->reader.exhausted < 0)
			r = p->reader.exhausted;
	}
	if (r < 0)
		return p->reader.exhausted < 0 ? r : -ENOENT;
	read_transport(p, &s);
	read_creator(p, &s);
	*ret = s;
	return 0;
}

/* Asks once for the transports, so that no session has to be asked for its own. */
static void find_only_transport(struct pass *p)
{
	_cleanup_folder_ struct folder all = {0};

	sysfs_read_folder(&p->reader, TRANSPORTS, &all);
	if (all.count == 1 && strlen(all.entries[0].name) < sizeof(p->transport))
		strcpy(p->transport, all.entries[0].name);
}

static int pass_init(struct pass *p, const char *sysfs)
{
	*p = (struct pass){0};
	return sysfs_reader_init(&p->reader, sysfs);
}

static int compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* All sids in ascending order. */
static int list_sids(struct pass *p, int **ret, size_t *ret_count)
{
	_cleanup_folder_ struct folder all = {0};
	_cleanup_free_ int *sids = NULL;
	size_t count = 0;
	int r = sysfs_read_folder(&p->reader, SESSIONS, &all);

	if (r < 0 && r != -ENOENT)
		return r;
	if (all.count > 0) {
		sids = calloc(all.count, sizeof(*sids));
		if (!sids)
			return -ENOMEM;
	}
	for (size_t i = 0; i < all.count; i++)
		count += sysfs_number_behind(all.entries[i].name, "session", &sids[count]);
	if (count > 0)
		qsort(sids, count, sizeof(*sids), compare_ints);
	*ret = take_ptr(sids);
	*ret_count = count;
	return 0;
}

static int read_sessions(struct pass *p, enum host_detail detail, struct host_session **ret,
                         size_t *ret_count)
{
	_cleanup_free_ int *sids = NULL;
	_cleanup_free_ struct host_session *sessions = NULL;
	size_t count = 0, listed = 0;
	int r = list_sids(p, &sids, &listed);

	if (r < 0)
		return r;
	if (listed > 0) {
		sessions = calloc(listed, sizeof(*sessions));
		if (!sessions)
			return -ENOMEM;
		find_only_transport(p);
	}
	for (size_t i = 0; i < listed; i++) {
		r = read_session(p, sids[i], detail, &sessions[count]);
		if (r == 0)
			count++;
		else if (r != -ENOENT)
			return r;
	}
	*ret = count > 0 ? take_ptr(sessions) : NULL;
	*ret_count = count;
	return 0;
}

int host_sessions(const char *sysfs, enum host_detail detail, struct host_session **ret,
                  size_t *ret_count)
{
	struct pass p;
	int r = pass_init(&p, sysfs);

	if (r < 0)
		return r;
	r = read_sessions(&p, detail, ret, ret_count);
	sysfs_reader_done(&p.reader);
	return r;
}

int host_session_read(const char *sysfs, int sid, enum host_detail detail, struct host_session *ret)
{
	struct pass p;
	int r = pass_init(&p, sysfs);

	if (r < 0)
		return r;
	r = read_session(&p, sid, detail, ret);
	sysfs_reader_done(&p.reader);
	return r;
}

int host_session_target_state(const char *sysfs, int sid,
                              char ret_state[static HOST_TARGET_STATE_SIZE])
{
	char path[PATH_SIZE], state[HOST_TARGET_STATE_SIZE], name[HOST_TEXT_SIZE];
	struct sysfs_reader reader;
	int r = sysfs_reader_init(&reader, sysfs);

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), SESSIONS "/session%d/target_state", sid);
	r = (int)MIN(sysfs_read_text(&reader, path, state, sizeof(state)), 0);
	if (r == -ENOENT) {
		/* kernels before 6.3 may lack it */
		snprintf(path, sizeof(path), SESSIONS "/session%d/targetname", sid);
		r = (int)MIN(sysfs_read_text(&reader, path, name, sizeof(name)), 0);
	}
	sysfs_reader_done(&reader);
	if (r == 0)
		strcpy(ret_state, state);
	return r;
}

int host_state(const char *sysfs, int host_no, char *dst, size_t size)
{
	struct sysfs_reader reader;
	char path[PATH_SIZE];
	int r = sysfs_reader_init(&reader, sysfs);

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "class/scsi_host/host%d/state", host_no);
	r = (int)sysfs_read_text(&reader, path, dst, size);
	sysfs_reader_done(&reader);
	return r;
}

int host_by_hwaddress(const char *sysfs, const char *hwaddress, int *ret_host_no)
{
	_cleanup_folder_ struct folder hosts = {0};
	struct sysfs_reader reader;
	int host_no, r = -ENOENT;

	if (sysfs_reader_init(&reader, sysfs) < 0)
		return -ENOENT;
	sysfs_read_folder(&reader, "class/iscsi_host", &hosts);
	for (size_t i = 0; i < hosts.count && r < 0; i++) {
		char path[PATH_SIZE], text[HOST_TEXT_SIZE];

		if (!sysfs_number_behind(hosts.entries[i].name, "host", &host_no))
			continue;
		snprintf(path, sizeof(path), "class/iscsi_host/host%d/hwaddress", host_no);
		if (sysfs_read_text(&reader, path, text, sizeof(text)) <= 0 ||
		    strcasecmp(text, hwaddress) != 0)
			continue;
		*ret_host_no = host_no;
		r = 0;
	}
	sysfs_reader_done(&reader);
	return r;
}

void host_transport_version(const char *sysfs, char *dst, size_t size)
{
	struct sysfs_reader reader;

	dst[0] = '\0';
	if (sysfs_reader_init(&reader, sysfs) < 0)
		return;
	sysfs_read_text(&reader, "module/scsi_transport_iscsi/version", dst, size);
	sysfs_reader_done(&reader);
}

int host_sid_from_text(const char *sysfs, const char *text, int *ret_sid)
{
	_cleanup_free_ char *path = NULL, *root = NULL;
	char *part, *save = NULL;
	struct stat st;
	int sid = -1, v;

	if (text[0] && strspn(text, "0123456789") == strlen(text))
		return num_int(text, 1, INT32_MAX, ret_sid) < 0 ? -EINVAL : 0;
	path = realpath(text, NULL);
	root = realpath(sysfs ? sysfs : "/sys", NULL);
	if (!path || !root)
		return errno == ENOTDIR ? -ENOTDIR : -ENOENT;
	if (stat(path, &st) < 0)
		return -ENOENT;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (strncmp(path, root, strlen(root)) != 0 || path[strlen(root)] != '/')
		return -EINVAL;
	for (part = strtok_r(path + strlen(root), "/", &save); part;
	     part = strtok_r(NULL, "/", &save))
		if (sysfs_number_behind(part, "session", &v))
			sid = v;
	if (sid < 0)
		return -EINVAL;
	*ret_sid = sid;
	return 0;
}
