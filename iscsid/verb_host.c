/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/verb_host.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "iscsid/host_act.h"
#include "lib/base/num.h"
#include "lib/host/block.h"
#include "lib/host/flashnode.h"
#include "lib/host/netparam.h"

static void refuse(struct request *request, struct host_act *act, const char *why)
{
	host_act_done(act);
	request_done(request, ISCSI_ERR_INVAL, "%s", why);
}

static struct host_act act_make(const struct manager *m, int host_no, const char *transport)
{
	struct host_act act = {.host_no = (uint32_t)host_no,
	                       .params = nl_params_make(),
	                       .sysfs = m->sysfs,
	                       .proc = m->proc};

	snprintf(act.transport, sizeof(act.transport), "%s", transport);
	return act;
}

/* False: the request was answered. */
static bool begin(struct manager *m, struct request *request, const struct ipc_message *msg,
                  struct host_act *ret)
{
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
	*ret = act_make(m, host_no, info.transport);
	return true;
}

static bool get_number(const struct ipc_message *msg, const char *key, int max, uint32_t *ret)
{
	int number;

	if (ipc_message_get_int(msg, key, 0, max, -1, &number) < 0 || number < 0)
		return false;
	*ret = (uint32_t)number;
	return true;
}

/* ---- CHAP ------------------------------------------------------------------------------- */

/* What an adapter has may hold anything; a line of ours ends where its text does. */
static void put_text(struct writer *w, const char *key, const char *text)
{
	kv_putf(w, KV_NEWLINE, key, "%.*s", (int)strcspn(text, "\r\n"), text);
}

struct chap_teller {
	struct writer *items;
	bool secrets;
};

static void tell_chap(void *data, const struct nl_chap *chap)
{
	const struct chap_teller *t = (const struct chap_teller *)data;

	kv_putf(t->items, KV_NEWLINE, "index", "%u", chap->index);
	kv_put(t->items, KV_NEWLINE, "type", chap->in ? "in" : "out");
	put_text(t->items, "username", chap->username);
	kv_put(t->items, KV_NEWLINE, "password_set", chap->password[0] ? "Yes" : "No");
	if (t->secrets)
		put_text(t->items, "password", chap->password);
	host_act_end_item(t->items);
}

static int run_show_chap(struct nl *nl, const struct host_act *act, struct writer *items)
{
	struct chap_teller teller = {.items = items, .secrets = act->secrets};

	return nl_get_chap(nl, act->host_no, tell_chap, &teller);
}

static int run_set_chap(struct nl *nl, const struct host_act *act, struct writer *items _unused_)
{
	return nl_set_chap(nl, act->host_no, &act->chap);
}

static int run_delete_chap(struct nl *nl, const struct host_act *act, struct writer *items _unused_)
{
	return nl_delete_chap(nl, act->host_no, (uint16_t)act->index);
}

/* NULL, or what is wrong. */
static const char *parse_chap(const struct ipc_message *msg, struct host_act *act)
{
	struct nl_chap *chap = &act->chap;

	if (ipc_message_is(msg, "op", "show")) {
		act->secrets = ipc_message_is(msg, "secrets", "Yes");
		act->run = run_show_chap;
		return NULL;
	}
	if (!ipc_message_is(msg, "op", "set") && !ipc_message_is(msg, "op", "delete"))
		return "op is not show, set or delete";
	if (!get_number(msg, "index", UINT16_MAX, &act->index))
		return "index is not a number of the table";
	if (ipc_message_is(msg, "op", "delete")) {
		act->run = run_delete_chap;
		return NULL;
	}
	chap->index = (uint16_t)act->index;
	chap->in = ipc_message_is(msg, "type", "in");
	ipc_message_copy(msg, "username", chap->username, sizeof(chap->username));
	ipc_message_copy(msg, "password", chap->password, sizeof(chap->password));
	act->run = run_set_chap;
	return chap->username[0] && chap->password[0]
	               ? NULL
	               : "username and password have 1 to 255 characters";
}

void verb_chap(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct host_act act;
	const char *why;

	if (!begin(m, request, msg, &act))
		return;
	why = parse_chap(msg, &act);
	if (why)
		refuse(request, &act, why);
	else
		host_act_start(m, &act, request);
	explicit_bzero(&act.chap, sizeof(act.chap));
}

/* ---- parameters ------------------------------------------------------------------------- */

/* Text and value of a pair, as bytes for the kernel.  NULL, or what is wrong. */
static const char *encode(const struct host_param *p, const struct kv *kv,
                          struct host_param_value *ret)
{
	char text[HOST_PARAM_TEXT_MAX + 1];
	int r = kv_value_copy(kv, text, sizeof(text));

	if (r == 0)
		r = host_param_encode(p, text, ret);
	explicit_bzero(text, sizeof(text)); /* it may be a secret */
	return r < 0 ? "has a value that it cannot have" : NULL;
}

/* What is wrong with the parameter of one pair, of which act takes note; NULL: nothing. */
typedef const char *(*take_param)(struct host_act *act, const char *key, const struct kv *kv);

enum { WHY_SIZE = 160 };

/* All pairs whose key starts so.  NULL, or what is wrong, which may be in why. */
static const char *parse_params(const struct ipc_message *msg, const char *prefix, take_param take,
                                struct host_act *act, char why[static WHY_SIZE])
{
	struct kv_reader pairs = ipc_message_pairs(msg);
	struct kv kv;

	while (kv_next(&pairs, &kv) > 0) {
		const char *wrong;
		char key[64];

		if (kv.key_len < strlen(prefix) || memcmp(kv.key, prefix, strlen(prefix)) != 0)
			continue;
		snprintf(key, sizeof(key), "%.*s", (int)kv.key_len, kv.key);
		wrong = take(act, key, &kv);
		if (!wrong)
			continue;
		snprintf(why, WHY_SIZE, "%s %s", key, wrong);
		return why;
	}
	return act->params.count > 0 ? NULL : "no parameter is given";
}

/* ---- targets in flash memory ------------------------------------------------------------ */

static int run_flashnode(struct nl *nl, const struct host_act *act, struct writer *items _unused_)
{
	return nl_flashnode(nl, act->command, act->host_no, act->index);
}

static int run_new_flashnode(struct nl *nl, const struct host_act *act, struct writer *items)
{
	uint32_t index = 0;
	int r = nl_new_flashnode(nl, act->host_no, act->portal_type, &index);

	if (r == 0) {
		kv_putf(items, KV_NEWLINE, "index", "%u", index);
		host_act_end_item(items);
	}
	return r;
}

static int run_update_flashnode(struct nl *nl, const struct host_act *act,
                                struct writer *items _unused_)
{
	return nl_set_flashnode(nl, act->host_no, act->index, &act->params);
}

static const char *take_flashnode(struct host_act *act, const char *key, const struct kv *kv)
{
	const struct host_param *p = host_flashnode_param(key);
	struct host_param_value value;
	const char *why = p ? encode(p, kv, &value) : "is not known";

	if (why)
		return why;
	nl_params_add(&act->params, p->number, value.bytes, value.len, value.room);
	explicit_bzero(&value, sizeof(value));
	return NULL;
}

/* NULL, or what is wrong. */
static const char *parse_flashnode(const struct ipc_message *msg, struct host_act *act,
                                   char why[static WHY_SIZE])
{
	static const struct {
		const char *op;
		enum nl_command command;
	} commands[] = {{"delete", NL_COMMAND_DEL_FLASHNODE},
	                {"login", NL_COMMAND_LOGIN_FLASHNODE},
	                {"logout", NL_COMMAND_LOGOUT_FLASHNODE}};

	if (ipc_message_is(msg, "op", "new")) {
		act->run = run_new_flashnode;
		ipc_message_copy(msg, "portal_type", act->portal_type, sizeof(act->portal_type));
		return strcmp(act->portal_type, "ipv4") == 0 ||
		                       strcmp(act->portal_type, "ipv6") == 0
		               ? NULL
		               : "portal_type is neither ipv4 nor ipv6";
	}
	if (!get_number(msg, "index", INT_MAX, &act->index))
		return "op is not new, and index is not a number";
	if (ipc_message_is(msg, "op", "update")) {
		act->run = run_update_flashnode;
		return parse_params(msg, "flashnode.", take_flashnode, act, why);
	}
	act->run = run_flashnode;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		act->command = commands[i].command;
		if (ipc_message_is(msg, "op", commands[i].op))
			return NULL;
	}
	return "op is not new, update, delete, login or logout";
}

void verb_flashnode(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	char text[WHY_SIZE];
	struct host_act act;
	const char *why;

	if (!begin(m, request, msg, &act))
		return;
	why = parse_flashnode(msg, &act, text);
	if (why)
		refuse(request, &act, why);
	else
		host_act_start(m, &act, request);
}

/* ---- interfaces ------------------------------------------------------------------------- */

/* "ipv4.0" and what follows, for the kernel; *ret_rest is behind its dot.  False: it is none. */
static bool parse_iface(const char *text, struct nl_iface *ret, const char **ret_rest)
{
	const char *number = text + strlen("ipv4."), *dot;
	int64_t value;

	if (strncmp(text, "ipv4.", strlen("ipv4.")) == 0)
		ret->type = NL_IFACE_IPV4;
	else if (strncmp(text, "ipv6.", strlen("ipv6.")) == 0)
		ret->type = NL_IFACE_IPV6;
	else
		return false;
	dot = number + strcspn(number, ".");
	if (num_parse(number, (size_t)(dot - number), 0, UINT32_MAX, &value) < 0)
		return false;
	ret->number = (uint32_t)value;
	*ret_rest = *dot ? dot + 1 : dot;
	return true;
}

/* "ipv4.0.mtu": the record's key, behind the interface that it is for */
static const char *take_iface(struct host_act *act, const char *key, const struct kv *kv)
{
	const struct host_netparam *p = NULL;
	struct host_param_value value;
	char record_key[80];
	struct nl_iface iface;
	const char *name, *why;

	if (parse_iface(key, &iface, &name)) {
		snprintf(record_key, sizeof(record_key), "iface.%s", name);
		p = host_netparam(iface.type == NL_IFACE_IPV4 ? 4 : 6, record_key);
	}
	why = p ? encode(&p->param, kv, &value) : "is not known";
	if (why)
		return why;
	nl_params_add_iface(&act->params, &iface, p->iscsi, p->param.number, value.bytes, value.len,
	                    value.room);
	return NULL;
}

static int run_ifaces(struct nl *nl, const struct host_act *act, struct writer *items _unused_)
{
	return nl_set_ifaces(nl, act->host_no, &act->params);
}

void verb_ifaces(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	char text[WHY_SIZE];
	struct host_act act;
	const char *why;

	if (!begin(m, request, msg, &act))
		return;
	act.run = run_ifaces;
	why = parse_params(msg, "ipv", take_iface, &act, text);
	if (why)
		refuse(request, &act, why);
	else
		host_act_start(m, &act, request);
}

/* ---- pings ------------------------------------------------------------------------------ */

/* Without an item nothing was heard of the packet. */
static int run_ping(struct nl *nl, const struct host_act *act, struct writer *items)
{
	uint32_t status;
	int r = nl_ping(nl, act->host_no, &act->ping, PING_TIMEOUT_SEC * USEC_PER_SEC, &status);

	if (r == -ETIME)
		return 0;
	if (r == 0) {
		kv_putf(items, KV_NEWLINE, "status", "%u", status);
		host_act_end_item(items);
	}
	return r;
}

/* NULL, or what is wrong. */
static const char *parse_ping(const struct ipc_message *msg, struct nl_ping *ping)
{
	char text[PORTAL_HOST_SIZE];
	const char *rest;

	ipc_message_copy(msg, "iface", text, sizeof(text));
	if (!parse_iface(text, &ping->iface, &rest) || *rest)
		return "iface is not an interface's version and number";
	ipc_message_copy(msg, "address", text, sizeof(text));
	if (addr_from_literal(text, 0, &ping->to, &ping->to_len) < 0)
		return "address is not a literal address";
	if (!get_number(msg, "size", INT_MAX, &ping->size) || ping->size == 0)
		return "size is not a number of bytes";
	return NULL;
}

void verb_ping(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	static uint32_t last_id;
	struct host_act act;
	const char *why;

	if (!begin(m, request, msg, &act))
		return;
	act.run = run_ping;
	/* the ids of other programs' pings come to us as well */
	act.ping.id = (uint32_t)getpid() << 16 | (++last_id & UINT16_MAX);
	why = parse_ping(msg, &act.ping);
	if (why)
		refuse(request, &act, why);
	else
		host_act_start(m, &act, request);
}

/* ---- sessions of a driver's own --------------------------------------------------------- */

/* -EBUSY while the disks of a session are in use. */
static int look_at_disks(const struct host_act *act)
{
	struct host_block *block;
	struct host_uses uses;
	int r = host_block_open(act->sysfs, act->proc, &block);

	if (r < 0)
		return r;
	r = host_block_uses(block, (int)act->index, NULL, 0, &uses);
	if (r == 0) {
		r = uses.count > 0 ? -EBUSY : 0;
		host_uses_done(&uses);
	}
	host_block_free(block);
	return r;
}

static int run_logout(struct nl *nl, const struct host_act *act, struct writer *items _unused_)
{
	int r = act->careful ? look_at_disks(act) : 0;

	return r ? r : nl_flashnode(nl, NL_COMMAND_LOGOUT_FLASHNODE_SID, act->host_no, act->index);
}

bool verb_host_logout(struct manager *m, struct request *request, const struct ipc_message *msg,
                      bool careful)
{
	struct host_session session;
	struct host_act act;
	uint32_t sid;

	if (!get_number(msg, "sid", INT_MAX, &sid) ||
	    host_session_read(m->sysfs, (int)sid, HOST_DETAIL_LIST, &session) < 0 ||
	    session.has_creator || !session.transport[0] || session.host_no < 0)
		return false;
	act = act_make(m, session.host_no, session.transport);
	act.index = sid;
	act.careful = careful;
	act.failed = ISCSI_ERR_LOGOUT;
	act.run = run_logout;
	host_act_start(m, &act, request);
	return true;
}

/* ---- counters --------------------------------------------------------------------------- */

static int run_stats(struct nl *nl, const struct host_act *act, struct writer *items)
{
	int r = nl_get_host_stats(nl, act->host_no, verb_put_counter, items);

	if (r == 0)
		host_act_end_item(items);
	return r;
}

void verb_host_stats(struct manager *m, struct request *request, const struct ipc_message *msg)
{
	struct host_act act;

	if (!begin(m, request, msg, &act))
		return;
	act.run = run_stats;
	host_act_start(m, &act, request);
}
