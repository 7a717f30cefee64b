/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "libiscsi-db/paths.h"

#include <errno.h>
#include <string.h>

#include "lib/base/addr.h"
#include "lib/base/name.h"
#include "lib/base/num.h"

int node_id_check(const struct iscsi_db_node_id *id, const char **ret_why)
{
	const char *why = NULL;
	bool names_valid =
		iscsi_name_valid(id->target, strnlen(id->target, sizeof(id->target)), &why) &&
		iface_name_valid(id->iface, strnlen(id->iface, sizeof(id->iface)), &why);

	if (names_valid &&
	    (!memchr(id->address, '\0', sizeof(id->address)) || !host_valid(id->address)))
		why = "the portal's address is neither an address nor a host name";
	else if (names_valid &&
	         (id->port == 0 || id->tpgt < PORTAL_TPGT_UNKNOWN || id->tpgt > UINT16_MAX))
		why = "the portal's port or tag is out of range";
	if (why && ret_why)
		*ret_why = why;
	return why ? -EINVAL : 0;
}

int discovery_id_check(const struct iscsi_db_discovery_id *id)
{
	if (id->kind != ISCSI_DB_SENDTARGETS && id->kind != ISCSI_DB_ISNS)
		return -EINVAL;
	if (id->port == 0 || !memchr(id->address, '\0', sizeof(id->address)))
		return -EINVAL;
	return host_valid(id->address) ? 0 : -EINVAL;
}

/*
 * Paths are put together by hand: they are made for every record, and formatting costs more than
 * all the rest.  Ids are checked, so each part fits its field, and all of them DB_PATH_SIZE.
 */
static char *put_number(char *to, unsigned int number)
{
	char digits[16];
	size_t n = sizeof(digits);

	do
		digits[--n] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	return mempcpy(to, digits + n, sizeof(digits) - n);
}

/* "ADDR,PORT" */
static char *put_portal(char *to, const char *address, uint16_t port)
{
	to = stpcpy(to, address);
	*to++ = ',';
	to = put_number(to, port);
	*to = '\0';
	return to;
}

/* "ADDR,PORT,TPGT" */
static char *put_tagged_portal(char *to, const struct iscsi_db_node_id *id)
{
	to = put_portal(to, id->address, id->port);
	*to++ = ',';
	to = put_number(to, (unsigned int)id->tpgt);
	*to = '\0';
	return to;
}

char *node_target_path(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE])
{
	return stpcpy(stpcpy(dst, "nodes/"), id->target);
}

char *node_folder_path(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE])
{
	char *to = node_target_path(id, dst);

	if (id->tpgt == PORTAL_TPGT_UNKNOWN)
		return to;
	*to++ = '/';
	return put_tagged_portal(to, id);
}

void node_file_name(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE])
{
	if (id->tpgt != PORTAL_TPGT_UNKNOWN)
		strcpy(dst, id->iface);
	else
		put_portal(dst, id->address, id->port);
}

void node_path(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE])
{
	char *to = node_folder_path(id, dst);

	*to++ = '/';
	node_file_name(id, to);
}

void node_plain_path(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE])
{
	char *to = node_target_path(id, dst);

	*to++ = '/';
	put_portal(to, id->address, id->port);
}

int node_portal_parse(const char *name, struct iscsi_db_node_id *id)
{
	const char *comma = strchr(name, ','), *tag = comma ? strchr(comma + 1, ',') : NULL;
	size_t port_len = tag ? (size_t)(tag - comma) - 1 : comma ? strlen(comma + 1) : 0;
	char again[DB_PATH_SIZE];
	int64_t port, tpgt = PORTAL_TPGT_UNKNOWN;

	if (!comma || (size_t)(comma - name) >= sizeof(id->address))
		return -EINVAL;
	if (num_parse(comma + 1, port_len, 1, UINT16_MAX, &port) < 0)
		return -EINVAL;
	if (tag && num_parse(tag + 1, strlen(tag + 1), 0, UINT16_MAX, &tpgt) < 0)
		return -EINVAL;
	memcpy(id->address, name, (size_t)(comma - name));
	id->address[comma - name] = '\0';
	id->port = (uint16_t)port;
	id->tpgt = (int32_t)tpgt;
	if (!host_valid(id->address))
		return -EINVAL;
	/* a name of another spelling ("01") would not be found again */
	if (tag)
		put_tagged_portal(again, id);
	else
		put_portal(again, id->address, id->port);
	return strcmp(again, name) == 0 ? 0 : -EINVAL;
}

void node_link_name(const struct iscsi_db_node_id *id, char dst[static DB_PATH_SIZE])
{
	char *to = stpcpy(dst, id->target);

	*to++ = ',';
	to = put_tagged_portal(to, id);
	*to++ = ',';
	strcpy(to, id->iface);
}

int node_link_parse(const char *name, struct iscsi_db_node_id *ret)
{
	struct iscsi_db_node_id id = {0};
	const char *target_end = strchr(name, ','), *iface = strrchr(name, ',');
	char portal[sizeof(id.address) + 16];
	size_t target_len, portal_len;

	if (!target_end || iface == target_end)
		return -EINVAL;
	target_len = (size_t)(target_end - name);
	portal_len = (size_t)(iface - target_end) - 1;
	if (target_len >= sizeof(id.target) || portal_len >= sizeof(portal) ||
	    strlen(iface + 1) >= sizeof(id.iface))
		return -EINVAL;
	memcpy(id.target, name, target_len);
	memcpy(portal, target_end + 1, portal_len);
	portal[portal_len] = '\0';
	strcpy(id.iface, iface + 1);
	if (node_portal_parse(portal, &id) < 0 || node_id_check(&id, NULL) < 0)
		return -EINVAL;
	*ret = id;
	return 0;
}

const char *discovery_top(enum iscsi_db_kind kind)
{
	return kind == ISCSI_DB_ISNS ? "isns" : "send_targets";
}

const char *discovery_file_name(enum iscsi_db_kind kind)
{
	return kind == ISCSI_DB_ISNS ? "isns_config" : "st_config";
}

void discovery_folder_path(const struct iscsi_db_discovery_id *id, char dst[static DB_PATH_SIZE])
{
	char *to = stpcpy(dst, discovery_top(id->kind));

	*to++ = '/';
	put_portal(to, id->address, id->port);
}
