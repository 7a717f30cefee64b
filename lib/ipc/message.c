/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message heads.  The first line decides whether the rest may be read at all; every line must be
 * a pair, so that a torn or foreign datagram is refused as a whole and never half understood.
 */
#include "lib/ipc/message.h"

#include <errno.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/base/num.h"

static const char *const reply_words[] = {
	[IPC_REPLY_PROGRESS] = "progress",
	[IPC_REPLY_ITEM] = "item",
	[IPC_REPLY_DONE] = "done",
};

static int parse_u32(const struct kv *kv, uint32_t *ret)
{
	int64_t v;

	if (num_parse(kv->value, kv->value_len, 0, UINT32_MAX, &v) < 0)
		return -EBADMSG;
	*ret = (uint32_t)v;
	return 0;
}

static int parse_verb(const struct kv *kv, struct ipc_message *m)
{
	if (kv->value_len == 0 || kv_value_copy(kv, m->verb, sizeof(m->verb)) < 0)
		return -EBADMSG;
	return 0;
}

static int parse_reply(const struct kv *kv, struct ipc_message *m)
{
	for (size_t i = IPC_REPLY_PROGRESS; i < ARRAY_LEN(reply_words); i++)
		if (kv_value_is(kv, reply_words[i])) {
			m->reply = (enum ipc_reply)i;
			return 0;
		}
	return -EBADMSG;
}

/* Reads proto=, which must be the first line and is all that every version agrees on. */
static int parse_proto(struct kv_reader *r, uint32_t *ret)
{
	struct kv kv;

	if (kv_next(r, &kv) != 1 || !kv_key_is(&kv, "proto"))
		return -EBADMSG;
	return parse_u32(&kv, ret);
}

struct kv_reader ipc_message_pairs(const struct ipc_message *m)
{
	return kv_reader_make(KV_NEWLINE, m->text, m->len);
}

int ipc_message_get(const struct ipc_message *m, const char *key, struct kv *ret)
{
	struct kv_reader r = ipc_message_pairs(m);
	struct kv kv;

	while (kv_next(&r, &kv) == 1)
		if (kv_key_is(&kv, key)) {
			*ret = kv;
			return 1;
		}
	return 0;
}

int ipc_message_get_text(const struct ipc_message *m, const char *key, struct kv *ret)
{
	const char *end = m->text + m->len, *newline;
	struct kv kv;

	if (ipc_message_get(m, key, &kv) != 1)
		return 0;
	newline = memchr(kv.value, '\n', (size_t)(end - kv.value));
	kv.value_len = (size_t)((newline ? newline : end) - kv.value);
	*ret = kv;
	return 1;
}

int ipc_message_parse(const char *text, size_t len, struct ipc_message *ret)
{
	struct kv_reader r = kv_reader_make(KV_NEWLINE, text, len);
	struct ipc_message m = {.text = text, .len = len};
	bool has_verb = false, has_reply = false, has_id = false;
	struct kv kv;
	int more, bad = 0;

	if (memchr(text, '\0', len) || parse_proto(&r, &m.proto) < 0) {
		ret->id = 0;
		return -EBADMSG;
	}
	if (m.proto != IPC_PROTO) {
		/* another version may spell everything but proto and id differently */
		if (ipc_message_get(&m, "id", &kv))
			parse_u32(&kv, &m.id);
		*ret = m;
		return -EPROTONOSUPPORT;
	}
	while (bad == 0 && (more = kv_next(&r, &kv)) != 0) {
		if (more < 0) {
			bad = more;
		} else if (kv_key_is(&kv, "id") && !has_id) {
			bad = parse_u32(&kv, &m.id);
			has_id = true;
		} else if (kv_key_is(&kv, "verb") && !has_verb) {
			bad = parse_verb(&kv, &m);
			has_verb = true;
		} else if (kv_key_is(&kv, "reply") && !has_reply) {
			bad = parse_reply(&kv, &m);
			has_reply = true;
		}
	}
	if (bad < 0 || !has_id || has_verb == has_reply) {
		ret->id = m.id;
		return -EBADMSG;
	}
	*ret = m;
	return 0;
}

bool ipc_message_is(const struct ipc_message *m, const char *key, const char *text)
{
	struct kv kv;

	return ipc_message_get(m, key, &kv) == 1 && kv_value_is(&kv, text);
}

void ipc_message_copy(const struct ipc_message *m, const char *key, char *dst, size_t size)
{
	struct kv kv;

	if (ipc_message_get(m, key, &kv) != 1 || kv_value_copy(&kv, dst, size) < 0)
		dst[0] = '\0';
}

int ipc_message_get_int(const struct ipc_message *m, const char *key, int min, int max, int def,
                        int *ret)
{
	struct kv kv;
	int64_t v = def;

	if (ipc_message_get(m, key, &kv)) {
		int r = num_parse(kv.value, kv.value_len, min, max, &v);

		if (r < 0)
			return r;
	}
	*ret = (int)v;
	return 0;
}

int ipc_message_get_target(const struct ipc_message *m, char ret_name[static ISCSI_NAME_SIZE],
                           struct portal *ret_portal)
{
	struct portal portal;
	struct kv target, address;
	const char *why;
	int port, tpgt;

	if (ipc_message_get(m, "target", &target) != 1 ||
	    ipc_message_get(m, "address", &address) != 1 ||
	    ipc_message_get_int(m, "port", 1, UINT16_MAX, ISCSI_PORT, &port) < 0 ||
	    ipc_message_get_int(m, "tpgt", PORTAL_TPGT_UNKNOWN, UINT16_MAX, PORTAL_TPGT_UNKNOWN,
	                        &tpgt) < 0 ||
	    !iscsi_name_valid(target.value, target.value_len, &why) ||
	    kv_value_copy(&address, portal.host, sizeof(portal.host)) < 0 ||
	    !host_valid(portal.host) || kv_value_copy(&target, ret_name, ISCSI_NAME_SIZE) < 0)
		return -EBADMSG;
	portal.port = (uint16_t)port;
	portal.tpgt = tpgt;
	*ret_portal = portal;
	return 0;
}

void ipc_request_begin(struct writer *w, const char *verb, uint32_t id)
{
	kv_putf(w, KV_NEWLINE, "proto", "%d", IPC_PROTO);
	kv_put(w, KV_NEWLINE, "verb", verb);
	kv_putf(w, KV_NEWLINE, "id", "%u", id);
}

void ipc_reply_begin(struct writer *w, enum ipc_reply reply, uint32_t id)
{
	kv_putf(w, KV_NEWLINE, "proto", "%d", IPC_PROTO);
	kv_put(w, KV_NEWLINE, "reply", reply_words[reply]);
	kv_putf(w, KV_NEWLINE, "id", "%u", id);
}
