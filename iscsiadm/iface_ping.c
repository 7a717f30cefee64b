/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pings: one request each, so that what became of a packet is said when it is known.  Those of
 * software iSCSI would be the machine's own, and are refused one by one, as callers know it.
 */
#include "iscsiadm/iface_adapter.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "iscsiadm/host_request.h"
#include "iscsiadm/json_objects.h"
#include "iscsiadm/print_json.h"
#include "iscsiadm/report.h"
#include "lib/base/addr.h"
#include "lib/base/macros.h"

static int check_ping(const struct options *o, const char *name)
{
	if (!name)
		report("Ping requires iface.");
	else if (!o->ip)
		report("Ping requires destination ipaddress.");
	else if (o->packet_size <= 0)
		report("Invalid packet size: %d.", o->packet_size);
	else if (o->count <= 0)
		report("Invalid number of packets to transmit: %d.", o->count);
	else if (o->interval < 0)
		report("Invalid timing interval: %d.", o->interval);
	else
		return ISCSI_ERR_SUCCESS;
	return ISCSI_ERR_INVAL;
}

/* The literal address of host. */
static int resolve(const char *host, char dst[static PORTAL_HOST_SIZE])
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	int r = getaddrinfo(host, NULL, &hints, &list);

	if (r == 0) {
		r = getnameinfo(list->ai_addr, list->ai_addrlen, dst, PORTAL_HOST_SIZE, NULL, 0,
		                NI_NUMERICHOST);
		freeaddrinfo(list);
	}
	if (r == 0)
		return ISCSI_ERR_SUCCESS;
	report("Cannot resolve host %s. getaddrinfo error: [%s]", host, gai_strerror(r));
	report("Invalid IP address.");
	return ISCSI_ERR_INVAL;
}

/* Through which interface of which host, and whereto. */
struct ping {
	int host_no; /* -1: software iSCSI */
	char iface[24];
	char address[PORTAL_HOST_SIZE];
	int size;
};

/* What became of one packet: an exit code and open-iscsi's words. */
struct outcome {
	int rc;
	char text[96];
};

static void set_outcome(struct outcome *o, int rc, const char *text)
{
	o->rc = rc;
	snprintf(o->text, sizeof(o->text), "%s", text);
}

static void set_error(struct outcome *o, int rc)
{
	set_outcome(o, rc, iscsi_err_text(rc));
}

/* enum iscsi_ping_status_code of the kernel (scsi/iscsi_if.h), from 1 on */
static void set_status(struct outcome *o, int status)
{
	enum { TIMED_OUT = 4 };
	static const char *const texts[] = {
		"firmware disabled",
		"invalid IP address",
		"invalid link local IPv6 address",
		"timed out",
		"invalid destination address",
		"oversized packet",
		"ICMP error",
		"Max request exceeded",
		"No ARP response received",
	};

	if (status == 0)
		set_outcome(o, ISCSI_ERR_SUCCESS, "");
	else if (status > 0 && (size_t)status <= ARRAY_LEN(texts))
		set_outcome(o, status == TIMED_OUT ? ISCSI_ERR_TRANS_TIMEOUT : ISCSI_ERR_TRANS,
		            texts[status - 1]);
	else
		set_error(o, ISCSI_ERR_UNKNOWN);
}

/* What the kernel refused, as open-iscsi puts it. */
static int refusal(int error)
{
	if (error == -ENOSYS)
		return ISCSI_ERR_OP_NOT_SUPP;
	return error == -EINVAL ? ISCSI_ERR_INVAL : ISCSI_ERR_UNKNOWN;
}

/* Exit code; *ret is filled unless nobody could be asked, which was said. */
static int send_one(struct cli *cli, const struct ping *ping, struct outcome *ret)
{
	struct host_request r = host_request_make(cli, "ping", ping->host_no);
	int rc;

	host_request_put(&r, "iface", ping->iface);
	host_request_put(&r, "address", ping->address);
	host_request_put_number(&r, "size", ping->size);
	rc = host_request_run(&r);
	if (rc != ISCSI_ERR_SUCCESS && !r.refused)
		return rc;
	if (rc == ISCSI_ERR_SUCCESS && r.status >= 0)
		set_status(ret, r.status);
	else
		set_error(ret, r.refused ? refusal(r.refused) : ISCSI_ERR_TRANS_TIMEOUT);
	return ISCSI_ERR_SUCCESS;
}

static void say(const struct cli *cli, int number, const struct outcome *o)
{
	struct json ping;

	if (cli->json) {
		ping = json_add_object(json_open_list(json_root(cli->json), "pings"), NULL);
		json_add_number(ping, "number", number);
		json_put_error(ping, o->rc);
		json_add_text(ping, "detail", o->rc ? o->text : NULL);
	} else if (o->rc == ISCSI_ERR_SUCCESS) {
		printf("Ping %d completed\n", number);
	} else {
		printf("Ping %d failed: %s\n", number, o->text);
	}
	fflush(stdout); /* the next may be a while */
}

static int find(struct cli *cli, const char *name, struct ping *ret)
{
	_cleanup_record_ struct iscsi_db_record *record = NULL;
	struct ping ping = {.host_no = -1, .size = cli->opts.packet_size};
	int rc = iface_read(cli, name, &record);

	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	if (!iface_is_software(record) &&
	    iface_host(cli, record, &ping.host_no) != ISCSI_ERR_SUCCESS)
		return ISCSI_ERR_INVAL;
	snprintf(ping.iface, sizeof(ping.iface), "ipv%d.%u", iface_version(record),
	         (unsigned int)iscsi_db_record_get_int(record, "iface.iface_num", 0));
	rc = resolve(cli->opts.ip, ping.address);
	if (rc == ISCSI_ERR_SUCCESS)
		*ret = ping;
	return rc;
}

int iface_ping(struct cli *cli, const char *name)
{
	const struct options *o = &cli->opts;
	struct outcome outcome;
	struct ping ping;
	int rc = check_ping(o, name);

	if (rc == ISCSI_ERR_SUCCESS)
		rc = find(cli, name, &ping);
	if (rc != ISCSI_ERR_SUCCESS)
		return rc;
	set_error(&outcome, ISCSI_ERR_OP_NOT_SUPP); /* of software iSCSI */
	for (int i = 1; i <= o->count; i++) {
		int unasked = ping.host_no < 0 ? 0 : send_one(cli, &ping, &outcome);

		if (unasked)
			return first_error(rc, unasked);
		say(cli, i, &outcome);
		rc = first_error(rc, outcome.rc);
		if (i < o->count)
			sleep((unsigned int)o->interval);
	}
	return rc;
}
