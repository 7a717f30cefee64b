/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/select.h"

#include <netdb.h>
#include <string.h>

#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "lib/ipc/error.h"

static void cleanup_addrinfo(struct addrinfo **list)
{
	if (*list)
		freeaddrinfo(*list);
}

static bool same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET) {
		const struct sockaddr_in *x = (const struct sockaddr_in *)(const void *)a;
		const struct sockaddr_in *y = (const struct sockaddr_in *)(const void *)b;

		return x->sin_addr.s_addr == y->sin_addr.s_addr;
	}
	if (a->sa_family == AF_INET6) {
		const struct sockaddr_in6 *x = (const struct sockaddr_in6 *)(const void *)a;
		const struct sockaddr_in6 *y = (const struct sockaddr_in6 *)(const void *)b;

		return memcmp(&x->sin6_addr, &y->sin6_addr, sizeof(x->sin6_addr)) == 0 &&
		       x->sin6_scope_id == y->sin6_scope_id;
	}
	return false;
}

static bool is_literal(const char *host)
{
	struct sockaddr_storage address;
	socklen_t len;

	return addr_from_literal(host, 0, &address, &len) == 0;
}

static struct addrinfo *resolve(const char *host)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;

	if (getaddrinfo(host, NULL, &hints, &list) != 0)
		return NULL;
	return list;
}

/* The host of -p, for comparing it with many: a name is looked up once, and only if needed. */
struct wanted_host {
	struct addrinfo *addresses; /* owned; NULL: not looked up, or it does not resolve */
	bool resolved;
	enum match match;
	/* borrowed */
	const char *text;
};

static void wanted_host_done(struct wanted_host *w)
{
	cleanup_addrinfo(&w->addresses);
}

static bool is_among(const struct sockaddr *address, const struct addrinfo *list)
{
	for (; list; list = list->ai_next) {
		if (same_address(address, list->ai_addr))
			return true;
	}
	return false;
}

/* Whether two hosts have an address in common; names that do not resolve have none. */
static bool resolves_to_same(struct wanted_host *w, const char *host)
{
	_cleanup_(cleanup_addrinfo) struct addrinfo *list = NULL;
	struct sockaddr_storage literal;
	socklen_t len;

	if (!w->resolved)
		w->addresses = resolve(w->text);
	w->resolved = true;
	if (!w->addresses)
		return false;
	if (addr_from_literal(host, 0, &literal, &len) == 0)
		return is_among((const struct sockaddr *)&literal, w->addresses);
	list = resolve(host);
	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		if (is_among(a->ai_addr, w->addresses))
			return true;
	}
	return false;
}

static bool host_matches(struct wanted_host *w, const char *host)
{
	if (host_equal(w->text, host))
		return true;
	if (w->match == MATCH_TEXT || (is_literal(w->text) && is_literal(host)))
		return false;
	return resolves_to_same(w, host);
}

int select_nodes(struct cli *cli, enum match match, struct iscsi_db_node_id **ret,
                 size_t *ret_count)
{
	const struct options *o = &cli->opts;
	const struct iscsi_db_selection selection = {
		.target = o->target,
		.port = o->portal_text ? o->portal.port : 0,
		.iface = o->iface_count > 0 ? o->ifaces[0] : NULL,
	};
	_cleanup_(wanted_host_done) struct wanted_host wanted = {.text = o->portal.host,
	                                                         .match = match};
	struct iscsi_db_node_id *ids;
	size_t count, kept = 0;
	int r;

	r = iscsi_db_nodes(cli->db, &selection, report_problem, NULL, &ids, &count);
	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	for (size_t i = 0; i < count; i++) {
		if (!o->portal_text || host_matches(&wanted, ids[i].address))
			ids[kept++] = ids[i];
	}
	if (kept == 0) {
		free(ids);
		return ISCSI_ERR_NO_OBJS_FOUND;
	}
	*ret = ids;
	*ret_count = kept;
	return ISCSI_ERR_SUCCESS;
}

int select_session_nodes(struct cli *cli, const struct host_session *s,
                         struct iscsi_db_node_id **ret, size_t *ret_count)
{
	const struct iscsi_db_selection same = {.target = s->target_name,
	                                        .address = s->persistent_address,
	                                        .port = (uint16_t)s->persistent_port,
	                                        .iface = s->iface_name[0] ? s->iface_name : NULL};
	struct iscsi_db_node_id *ids;
	size_t count;
	int r = iscsi_db_nodes(cli->db, &same, report_problem, NULL, &ids, &count);

	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	if (count == 0) {
		free(ids);
		return ISCSI_ERR_NO_OBJS_FOUND;
	}
	*ret = ids;
	*ret_count = count;
	return ISCSI_ERR_SUCCESS;
}

int select_try_read(struct cli *cli, const struct iscsi_db_node_id *id,
                    struct iscsi_db_record **ret)
{
	char what[sizeof(*id) + 32];

	snprintf(what, sizeof(what), "record of %s at %s,%d", id->target, id->address, id->port);
	return iscsi_db_node_read(cli->db, id, report_problem, what, ret);
}

struct iscsi_db_record *select_read(struct cli *cli, const struct iscsi_db_node_id *id)
{
	struct iscsi_db_record *record = NULL;

	return select_try_read(cli, id, &record) < 0 ? NULL : record;
}

struct iscsi_db_record *select_session_record(struct cli *cli, const struct host_session *s)
{
	_cleanup_free_ struct iscsi_db_node_id *ids = NULL;
	struct iscsi_db_record *record = NULL;
	size_t count = 0;

	if (select_session_nodes(cli, s, &ids, &count) != ISCSI_ERR_SUCCESS)
		return NULL;
	for (size_t i = 0; i < count && !record; i++)
		record = select_read(cli, &ids[i]);
	return record;
}

bool select_session(struct cli *cli, const struct host_session *s)
{
	const struct options *o = &cli->opts;
	_cleanup_(wanted_host_done) struct wanted_host wanted = {.text = o->portal.host,
	                                                         .match = MATCH_NAME};

	if (o->target && strcmp(o->target, s->target_name) != 0)
		return false;
	if (o->iface_count > 0 && strcmp(o->ifaces[0], s->iface_name) != 0)
		return false;
	if (!o->portal_text)
		return true;
	return o->portal.port == s->persistent_port && host_matches(&wanted, s->persistent_address);
}

int select_host(const struct cli *cli, int *ret_host_no)
{
	const char *text = cli->opts.host ? cli->opts.host : "0";

	if (strchr(text, ':')) {
		if (host_by_hwaddress(cli->paths.sysfs, text, ret_host_no) == 0)
			return ISCSI_ERR_SUCCESS;
		report("Could not match MAC to host.");
		return ISCSI_ERR_INVAL;
	}
	if (num_int(text, 0, INT32_MAX, ret_host_no) < 0) {
		report("option '-H' takes a host number or a MAC, not '%s'.", text);
		return ISCSI_ERR_INVAL;
	}
	return ISCSI_ERR_SUCCESS;
}

bool session_is_of(const struct host_session *s, const struct iscsi_db_node_id *id)
{
	return strcmp(s->target_name, id->target) == 0 && s->persistent_port == id->port &&
	       host_equal(s->persistent_address, id->address) &&
	       (strcmp(s->iface_name, id->iface) == 0 || s->iface_name[0] == '\0');
}

unsigned int sessions_of(const struct cli *cli, const struct iscsi_db_node_id *id)
{
	unsigned int n = 0;

	for (size_t i = 0; i < cli->session_count; i++)
		n += session_is_of(&cli->sessions[i], id);
	return n;
}
