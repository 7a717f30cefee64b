/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/macros.h"
#include "lib/base/num.h"

enum { PATH_SIZE = 256, FOLDER_SIZE = 128 };

#define TEXT_OF(type, m) offsetof(struct type, m), sizeof(((struct type *)NULL)->m)
#define INT_OF(type, m)  offsetof(struct type, m), 0

/* An attribute and the member that it fills. */
struct attribute {
	const char *name;
	size_t offset;
	size_t size; /* 0: a number, -1 when it is not there */
};

static const struct attribute host_attributes[] = {
	{"initiatorname", TEXT_OF(host_info, initiator_name)},
	{"ipaddress", TEXT_OF(host_info, address)},
	{"hwaddress", TEXT_OF(host_info, hwaddress)},
	{"netdev", TEXT_OF(host_info, netdev)},
	{"port_state", TEXT_OF(host_info, port_state)},
	{"port_speed", TEXT_OF(host_info, port_speed)},
};

/* Those of the other version of IP are not there. */
static const struct attribute iface_attributes[] = {
	{"ipaddress", TEXT_OF(host_iface, address)},
	{"gateway", TEXT_OF(host_iface, gateway)},
	{"subnet", TEXT_OF(host_iface, subnet)},
	{"bootproto", TEXT_OF(host_iface, bootproto)},
	{"ipaddr_autocfg", TEXT_OF(host_iface, address_autocfg)},
	{"link_local_addr", TEXT_OF(host_iface, link_local)},
	{"link_local_autocfg", TEXT_OF(host_iface, link_local_autocfg)},
	{"router_addr", TEXT_OF(host_iface, router)},
	{"port", INT_OF(host_iface, port)},
	{"mtu", INT_OF(host_iface, mtu)},
	{"vlan_id", INT_OF(host_iface, vlan_id)},
	{"vlan_priority", INT_OF(host_iface, vlan_priority)},
};

static void read_attributes(struct sysfs_reader *r, const char *folder,
                            const struct attribute *attributes, size_t count, void *object)
{
	char path[PATH_SIZE];

	for (size_t i = 0; i < count; i++) {
		const struct attribute *a = &attributes[i];
		uint8_t *member = (uint8_t *)object + a->offset;
		int v;

		snprintf(path, sizeof(path), "%s/%s", folder, a->name);
		if (a->size > 0) {
			sysfs_read_text(r, path, (char *)member, a->size);
			continue;
		}
		sysfs_read_int(r, path, -1, &v);
		memcpy(member, &v, sizeof(v));
	}
}

/* The driver's name for itself and ours for its transport, where they differ. */
void host_transport(struct sysfs_reader *r, int host_no, char dst[static HOST_TRANSPORT_SIZE])
{
	static const char *const names[][2] = {{"iscsi_tcp", "tcp"}, {"iscsi_iser", "iser"}};
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "class/scsi_host/host%d/proc_name", host_no);
	sysfs_read_text(r, path, dst, HOST_TRANSPORT_SIZE);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(dst, names[i][0]) == 0)
			strcpy(dst, names[i][1]);
	}
}

static void read_host(struct sysfs_reader *r, struct host_info *h)
{
	char folder[FOLDER_SIZE], path[PATH_SIZE];

	snprintf(folder, sizeof(folder), "class/iscsi_host/host%d", h->host_no);
	read_attributes(r, folder, host_attributes, ARRAY_LEN(host_attributes), h);
	snprintf(path, sizeof(path), "class/scsi_host/host%d/state", h->host_no);
	sysfs_read_text(r, path, h->state, sizeof(h->state));
	host_transport(r, h->host_no, h->transport);
}

static int compare_hosts(const void *a, const void *b)
{
	const struct host_info *x = a, *y = b;

	return (x->host_no > y->host_no) - (x->host_no < y->host_no);
}

/* One more element, all zero, at the end of an array of count; NULL: no memory. */
static void *append(void **array, size_t *count, size_t size)
{
	uint8_t *grown = reallocarray(*array, *count + 1, size);

	if (!grown)
		return NULL;
	*array = grown;
	return memset(grown + size * (*count)++, 0, size);
}

static int list_hosts(struct sysfs_reader *r, const struct folder *all, void **array, size_t *count)
{
	int host_no;

	for (size_t i = 0; i < all->count; i++) {
		struct host_info *h;

		if (!sysfs_number_behind(all->entries[i].name, "host", &host_no))
			continue;
		h = append(array, count, sizeof(*h));
		if (!h)
			return -ENOMEM;
		h->host_no = host_no;
		read_host(r, h);
	}
	if (*count > 0)
		qsort(*array, *count, sizeof(struct host_info), compare_hosts);
	return 0;
}

/* "ipv4-iface-3-0" */
static bool parse_iface_name(const char *name, int *ret_host, struct host_iface *ret)
{
	const char *dash = strrchr(name, '-');
	char head[64];
	int version;

	if (!dash || strlen(name) >= sizeof(ret->name) ||
	    num_int(dash + 1, 0, INT32_MAX, &ret->number) < 0)
		return false;
	snprintf(head, sizeof(head), "%.*s", (int)(dash - name), name);
	for (version = 4; version <= 6; version += 2) {
		if (sysfs_number_behind(head, version == 4 ? "ipv4-iface-" : "ipv6-iface-",
		                        ret_host)) {
			ret->version = version;
			strcpy(ret->name, name);
			return true;
		}
	}
	return false;
}

static int compare_ifaces(const void *a, const void *b)
{
	const struct host_iface *x = a, *y = b;

	if (x->version != y->version)
		return x->version - y->version;
	return (x->number > y->number) - (x->number < y->number);
}

static int list_ifaces(struct sysfs_reader *r, const struct folder *all, int host_no, void **array,
                       size_t *count)
{
	for (size_t i = 0; i < all->count; i++) {
		struct host_iface parsed = {0}, *iface;
		char folder[FOLDER_SIZE];
		int its_host;

		if (!parse_iface_name(all->entries[i].name, &its_host, &parsed) ||
		    its_host != host_no)
			continue;
		iface = append(array, count, sizeof(*iface));
		if (!iface)
			return -ENOMEM;
		*iface = parsed;
		snprintf(folder, sizeof(folder), "class/iscsi_iface/%s", iface->name);
		read_attributes(r, folder, iface_attributes, ARRAY_LEN(iface_attributes), iface);
	}
	if (*count > 0)
		qsort(*array, *count, sizeof(struct host_iface), compare_ifaces);
	return 0;
}

/* A host_no of -1 lists the hosts, any other the interfaces of that host. */
static int list(const char *sysfs, const char *class, int host_no, void **ret, size_t *ret_count)
{
	_cleanup_folder_ struct folder all = {0};
	_cleanup_free_ void *array = NULL;
	struct sysfs_reader reader;
	size_t count = 0;
	int r = sysfs_reader_init(&reader, sysfs);

	if (r < 0)
		return r;
	r = sysfs_read_folder(&reader, class, &all);
	if (r == -ENOENT)
		r = 0;
	else if (r == 0 && host_no < 0)
		r = list_hosts(&reader, &all, &array, &count);
	else if (r == 0)
		r = list_ifaces(&reader, &all, host_no, &array, &count);
	if (r == 0)
		r = reader.exhausted;
	sysfs_reader_done(&reader);
	if (r < 0)
		return r;
	*ret = take_ptr(array);
	*ret_count = count;
	return 0;
}

int host_list(const char *sysfs, struct host_info **ret, size_t *ret_count)
{
	void *array;
	int r = list(sysfs, "class/iscsi_host", -1, &array, ret_count);

	if (r == 0)
		*ret = array;
	return r;
}

int host_ifaces(const char *sysfs, int host_no, struct host_iface **ret, size_t *ret_count)
{
	void *array;
	int r = list(sysfs, "class/iscsi_iface", host_no, &array, ret_count);

	if (r == 0)
		*ret = array;
	return r;
}

int host_read(const char *sysfs, int host_no, struct host_info *ret)
{
	struct host_info h = {.host_no = host_no};
	struct sysfs_reader reader;
	char folder[FOLDER_SIZE];
	bool there;
	int r = sysfs_reader_init(&reader, sysfs);

	if (r < 0)
		return r;
	snprintf(folder, sizeof(folder), "class/iscsi_host/host%d", host_no);
	there = sysfs_has(&reader, folder);
	if (there)
		read_host(&reader, &h);
	r = there ? reader.exhausted : -ENOENT;
	sysfs_reader_done(&reader);
	if (r == 0)
		*ret = h;
	return r;
}
