/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the peer reports of a login, in the words of the connection's owner. */
#include "iscsid/conn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/proto/isns.h"
#include "lib/proto/login.h"

static void fill(struct conn_result *ret, enum conn_outcome outcome, int error, const char *fmt,
                 ...) _printf_(4, 5);

static void fill(struct conn_result *ret, enum conn_outcome outcome, int error, const char *fmt,
                 ...)
{
	va_list ap;

	ret->outcome = outcome;
	ret->error = error;
	va_start(ap, fmt);
	vsnprintf(ret->text, sizeof(ret->text), fmt, ap);
	va_end(ap);
}

void conn_result_of(const struct peer_done *d, const struct portal *at, struct conn_result *ret)
{
	const char *stage = login_stage_name((enum iscsi_stage)d->stage);
	const char *error = d->error ? strerror(d->error) : "";
	enum conn_outcome outcome = CONN_OUTCOME_INTERNAL;
	char portal[PORTAL_TEXT_SIZE];

	conn_portal_text(at, portal);
	*ret = (struct conn_result){
		.chap_algorithm = d->chap_algorithm,
		.stage = (enum iscsi_stage)d->stage,
		.done = d,
	};
	switch ((enum peer_outcome)d->outcome) {
	case PEER_OUTCOME_DONE: fill(ret, CONN_OUTCOME_LOGGED_IN, 0, "logged in"); return;
	case PEER_OUTCOME_REDIRECTED:
		fill(ret, CONN_OUTCOME_REDIRECTED, 0, "%s redirects to %s", portal, d->address);
		return;
	case PEER_OUTCOME_REFUSED:
		ret->status_class = d->status_class;
		ret->status_detail = d->status_detail;
		fill(ret, CONN_OUTCOME_REFUSED, 0, "%s refused the login in %s: %s", portal, stage,
		     d->text);
		return;
	case PEER_OUTCOME_CLOSED:
		fill(ret, CONN_OUTCOME_CLOSED, d->error, "%s closed the connection in %s%s%s",
		     portal, stage, d->error ? ": " : "", error);
		return;
	case PEER_OUTCOME_AUTH_FAILED: outcome = CONN_OUTCOME_AUTH_FAILED; break;
	case PEER_OUTCOME_PROTOCOL: outcome = CONN_OUTCOME_PROTOCOL; break;
	case PEER_OUTCOME_INTERNAL:
	case PEER_OUTCOME_ANSWERED:
	case PEER_OUTCOME_ISNS_REFUSED: break;
	}
	fill(ret, outcome, d->error, "login to %s failed in %s: %s", portal, stage, d->text);
}

void conn_result_of_query(const struct peer_done *d, const struct portal *at,
                          struct conn_result *ret)
{
	const char *error = d->error ? strerror(d->error) : "";
	enum conn_outcome outcome = CONN_OUTCOME_INTERNAL;
	char portal[PORTAL_TEXT_SIZE];

	conn_portal_text(at, portal);
	*ret = (struct conn_result){
		.isns_function = d->isns_function,
		.isns_status = d->isns_status,
		.done = d,
	};
	switch ((enum peer_outcome)d->outcome) {
	case PEER_OUTCOME_ANSWERED: fill(ret, CONN_OUTCOME_ANSWERED, 0, "answered"); return;
	case PEER_OUTCOME_ISNS_REFUSED:
		fill(ret, CONN_OUTCOME_ISNS_REFUSED, 0, "%s refused the %s with status %u: %s",
		     portal, d->isns_function == ISNS_DEV_ATTR_REG ? "registration" : "query",
		     d->isns_status, isns_status_text(d->isns_status));
		return;
	case PEER_OUTCOME_CLOSED:
		fill(ret, CONN_OUTCOME_CLOSED, d->error, "%s closed the connection unanswered%s%s",
		     portal, d->error ? ": " : "", error);
		return;
	case PEER_OUTCOME_PROTOCOL: outcome = CONN_OUTCOME_PROTOCOL; break;
	case PEER_OUTCOME_DONE:
	case PEER_OUTCOME_REDIRECTED:
	case PEER_OUTCOME_REFUSED:
	case PEER_OUTCOME_AUTH_FAILED:
	case PEER_OUTCOME_INTERNAL: break;
	}
	fill(ret, outcome, d->error, "query at %s failed: %s", portal, d->text);
}

int conn_redirect(const struct peer_done *d, const struct portal *at, const char *netdev,
                  struct portal *ret)
{
	struct portal to = {.port = d->port, .tpgt = PORTAL_TPGT_UNKNOWN};
	/* where the address was heard */
	const char *zone = host_zone(at->host);

	snprintf(to.host, sizeof(to.host), "%s", d->address);
	if (!host_valid(to.host) || to.port == 0)
		return -EINVAL;
	if (host_adopt(to.host, zone[0] ? zone : netdev) < 0)
		return -EXDEV;
	*ret = to;
	return 0;
}

struct conn_move conn_move(const struct peer_done *d, const struct portal *from,
                           const struct portal *to)
{
	return (struct conn_move){
		.from = from,
		.to = to,
		.for_good = d->status_detail == (ISCSI_LOGIN_MOVED_PERMANENTLY & 0xff),
	};
}

const char *conn_portal_text(const struct portal *p, char dst[static PORTAL_TEXT_SIZE])
{
	const bool v6 = strchr(p->host, ':');

	snprintf(dst, PORTAL_TEXT_SIZE, v6 ? "[%s]:%u" : "%s:%u", p->host, p->port);
	return dst;
}
