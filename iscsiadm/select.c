/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/select.h"

#include <netdb.h>
#include <string.h>

#include "iscsiadm/report.h"
#include "lib/base/macros.h"
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

/* Whether two hosts have an address in common; names that do not resolve have none. */
static bool resolve_to_same(const char *a, const char *b)
{
	_cleanup_(cleanup_addrinfo) struct addrinfo *as = NULL;
	_cleanup_(cleanup_addrinfo) struct addrinfo *bs = NULL;

	as = resolve(a);
	bs = as ? resolve(b) : NULL;
	for (const struct addrinfo *x = as; x; x = x->ai_next) {
		for (const struct addrinfo *y = bs; y; y = y->ai_next) {
			if (same_address(x->ai_addr, y->ai_addr))
				return true;
		}
	}
	return false;
}

static bool host_matches(const char *wanted, const char *host, enum match match)
{
	if (host_equal(wanted, host))
		return true;
	if (match == MATCH_TEXT || (is_literal(wanted) && is_literal(host)))
		return false;
	return resolve_to_same(wanted, host);
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
	struct iscsi_db_node_id *ids;
	size_t count, kept = 0;
	int r;

	r = iscsi_db_nodes(cli->db, &selection, report_problem, NULL, &ids, &count);
	if (r < 0)
		return cli_failed(r, iscsi_db_root(cli->db));
	for (size_t i = 0; i < count; i++) {
		if (!o->portal_text || host_matches(o->portal.host, ids[i].address, match))
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

struct iscsi_db_record *select_read(struct cli *cli, const struct iscsi_db_node_id *id)
{
	struct iscsi_db_record *record = NULL;
	char what[sizeof(*id) + 32];

	snprintf(what, sizeof(what), "record of %s at %s,%d", id->target, id->address, id->port);
	if (iscsi_db_node_read(cli->db, id, report_problem, what, &record) < 0)
		return NULL;
	return record;
}

bool select_session(struct cli *cli, const struct host_session *s)
{
	const struct options *o = &cli->opts;

	if (o->target && strcmp(o->target, s->target_name) != 0)
		return false;
	if (o->iface_count > 0 && strcmp(o->ifaces[0], s->iface_name) != 0)
		return false;
	if (!o->portal_text)
		return true;
	return o->portal.port == s->persistent_port &&
	       host_matches(o->portal.host, s->persistent_address, MATCH_NAME);
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
