/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/verb_host.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "iscsid/nl_host.h"
#include "lib/host/host.h"

/* One request about a host, and the door that it goes through. */
struct host_request {
	struct nl *nl; /* owned */
	uint32_t host_no;
	/* borrowed */
	struct request *request;
	const struct ipc_message *msg;
};

/* The answer to what the kernel did or refused. */
static void finish(struct host_request *h, int result)
{
	struct writer w;
	enum iscsi_err error = iscsi_err_from_errno(result);

	nl_close(h->nl);
	request_begin(h->request, IPC_REPLY_DONE, &w);
	kv_putf(&w, KV_NEWLINE, "error", "%d", (int)error);
	if (result < 0) {
		kv_putf(&w, KV_NEWLINE, "iferror", "%d", result);
		kv_putf(&w, KV_NEWLINE, "detail", "host %u: %s", h->host_no, strerror(-result));
	}
	request_finish(h->request, &w);
}

static void refuse(struct host_request *h, const char *why)
{
	nl_close(h->nl);
	request_done(h->request, ISCSI_ERR_INVAL, "%s", why);
}

/* False: the request was answered. */
static bool begin(struct manager *m, struct request *request, const struct ipc_message *msg,
                  struct host_request *ret)
{
	struct host_request h = {.request = request, .msg = msg};
	struct host_info info;
	int host_no = -1, r;

	if (ipc_message_get_int(msg, "host", 0, INT32_MAX, -1, &host_no) < 0 || host_no < 0) {
		request_done(request, ISCSI_ERR_INVAL, "host is not a host's number");
		return false;
	}
	r = host_read(m->sysfs, host_no, &info);
	if (r < 0 || !info.transport[0]) {
		request_done(request, ISCSI_ERR_TRANS_NOT_FOUND, "there is no iSCSI host %d",
		             host_no);
		return false;
	}
	h.host_no = (uint32_t)host_no;
	r = nl_open(&h.nl);
	if (r == 0)
		r = nl_use_transport(h.nl, m->sysfs, info.transport);
	if (r < 0) {
		finish(&h, r);
		return false;
	}
	*ret = h;
	return true;
}

static bool is_op(const struct host_request *h, const char *word)
{
	struct kv kv;

	return ipc_message_get(h->msg, "op", &kv) == 1 && kv_value_is(&kv, word);
}

/* The entry that the request names; -1 when it names none. */
static int index_of(const struct host_request *h, int max)
{
	int index;

	if (ipc_message_get_int(h->msg, "index", 0, max, -1, &index) < 0)
		return -1;
	return index;
}

/* ---- CHAP ------------------------------------------------------------------------------- */

/* What an adapter has may hold anything; a line of ours ends where its text does. */
static void put_text(struct writer *w, const char *key, const char *text)
{
	kv_putf(w, KV_NEWLINE, key, "%.*s", (int)strcspn(text, "\r\n"), text);
}

static void tell_chap(void *data, const struct nl_chap *chap)
{
	const struct host_request *h = (const struct host_request *)data;
	struct writer w;
	struct kv kv;

	request_begin(h->request, IPC_REPLY_ITEM, &w);
	kv_putf(&w, KV_NEWLINE, "index", "%u", chap->index);
	kv_put(&w, KV_NEWLINE, "type", chap->in ? "in" : "out");
	put_text(&w, "username", chap->username);
	kv_put(&w, KV_NEWLINE, "password_set", chap->password[0] ? "Yes" : "No");
	if (ipc_message_get(h->msg, "secrets", &kv) == 1 && kv_value_is(&kv, "Yes"))
		put_text(&w, "password", chap->password);
	request_send(h->request, &w);
}

static void set_chap(struct host_request *h)
{
	struct nl_chap chap = {0};
	int index = index_of(h, UINT16_MAX);
	struct kv kv;

	ipc_message_copy(h->msg, "username", chap.username, sizeof(chap.username));
	ipc_message_copy(h->msg, "password", chap.password, sizeof(chap.password));
	if (index < 0) {
		refuse(h, "index is not a number of the table");
	} else if (!chap.username[0] || !chap.password[0]) {
		refuse(h, "username and password have 1 to 255 characters");
	} else {
		chap.index = (uint16_t)index;
		chap.in = ipc_message_get(h->msg, "type", &kv) == 1 && kv_value_is(&kv, "in");
		finish(h, nl_set_chap(h->nl, h->host_no, &chap));
	}
	explicit_bzero(&chap, sizeof(chap));
}

void verb_chap(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct host_request h;
	int index;

	if (!begin(m, request, msg, &h))
		return;
	index = index_of(&h, UINT16_MAX);
	if (is_op(&h, "show"))
		finish(&h, nl_get_chap(h.nl, h.host_no, tell_chap, &h));
	else if (is_op(&h, "set"))
		set_chap(&h);
	else if (is_op(&h, "delete") && index >= 0)
		finish(&h, nl_delete_chap(h.nl, h.host_no, (uint16_t)index));
	else
		refuse(&h, "op is not show, set or delete of an index");
}

/* ---- targets in flash memory ------------------------------------------------------------ */

static void new_flashnode(struct host_request *h)
{
	char type[8] = "";
	uint32_t index = 0;
	struct writer w;
	int r;

	ipc_message_copy(h->msg, "portal_type", type, sizeof(type));
	if (strcmp(type, "ipv4") != 0 && strcmp(type, "ipv6") != 0) {
		refuse(h, "portal_type is neither ipv4 nor ipv6");
		return;
	}
	r = nl_new_flashnode(h->nl, h->host_no, type, &index);
	if (r == 0) {
		request_begin(h->request, IPC_REPLY_ITEM, &w);
		kv_putf(&w, KV_NEWLINE, "index", "%u", index);
		request_send(h->request, &w);
	}
	finish(h, r);
}

void verb_flashnode(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	static const struct {
		const char *op;
		enum nl_command command;
	} commands[] = {{"delete", NL_COMMAND_DEL_FLASHNODE},
	                {"login", NL_COMMAND_LOGIN_FLASHNODE},
	                {"logout", NL_COMMAND_LOGOUT_FLASHNODE}};
	struct host_request h;
	int index;

	if (!begin(m, request, msg, &h))
		return;
	if (is_op(&h, "new")) {
		new_flashnode(&h);
		return;
	}
	index = index_of(&h, INT_MAX);
	for (size_t i = 0; index >= 0 && i < ARRAY_LEN(commands); i++) {
		if (!is_op(&h, commands[i].op))
			continue;
		finish(&h, nl_flashnode(h.nl, commands[i].command, h.host_no, (uint32_t)index));
		return;
	}
	refuse(&h, "op is not new, or delete, login or logout of an index");
}

/* ---- counters --------------------------------------------------------------------------- */

void verb_host_stats(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct host_request h;
	struct writer w;
	int r;

	if (!begin(m, request, msg, &h))
		return;
	request_begin(request, IPC_REPLY_ITEM, &w);
	r = nl_get_host_stats(h.nl, h.host_no, verb_put_counter, &w);
	if (r == 0)
		request_send(request, &w);
	else
		writer_done(&w);
	finish(&h, r);
}
