/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boot trees of sysfs (the kernel's iscsi_boot_sysfs.c), and all sources together.  A tree is a
 * folder with initiator/, ethernetN/ and targetN/; a target's nic-assoc names its ethernetN.
 */
#include "lib/host/boot.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/host/boot_field.h"
#include "lib/host/boot_of.h"
#include "lib/host/sysfs.h"

/* Objects of one kind that are looked at; beyond BOOT_PATHS_MAX targets nothing is kept. */
enum { NUMBERS_MAX = BOOT_PATHS_MAX };

/* ip-addr's origin, IpPrefixOriginDhcp of the iBFT's specification. */
enum { ORIGIN_DHCP = 3 };

static const struct boot_field initiator_fields[] = {
	BOOT_FIELD("initiator-name", BOOT_NAME, initiator_name),
	BOOT_FIELD("isid", BOOT_WORD, isid),
};

static const struct boot_field nic_fields[] = {
	BOOT_FIELD("mac", BOOT_HWADDRESS, nic.hwaddress),
	BOOT_FIELD("ip-addr", BOOT_ADDRESS, nic.address),
	BOOT_FIELD("subnet-mask", BOOT_ADDRESS, nic.subnet_mask),
	BOOT_FIELD("gateway", BOOT_ADDRESS, nic.gateway),
	BOOT_FIELD("primary-dns", BOOT_ADDRESS, nic.primary_dns),
	BOOT_FIELD("secondary-dns", BOOT_ADDRESS, nic.secondary_dns),
};

static const struct boot_field target_fields[] = {
	BOOT_FIELD("target-name", BOOT_NAME, target_name),
	BOOT_FIELD("ip-addr", BOOT_ADDRESS, address),
	BOOT_FIELD("lun", BOOT_WORD, lun),
	BOOT_FIELD("chap-name", BOOT_TEXT, username),
	BOOT_FIELD("chap-secret", BOOT_TEXT, password),
	BOOT_FIELD("rev-chap-name", BOOT_TEXT, username_in),
	BOOT_FIELD("rev-chap-name-secret", BOOT_TEXT, password_in),
};

/* One tree. */
struct tree {
	const char *name;
	struct sysfs_reader *sys;
	struct boot_reading *reading;
};

static ssize_t read_attribute(const struct tree *t, const char *folder, const char *name,
                              char dst[static SYSFS_ATTRIBUTE_SIZE + 1])
{
	char path[256];

	snprintf(path, sizeof(path), "firmware/%s/%s/%s", t->name, folder, name);
	return sysfs_read_text(t->sys, path, dst, SYSFS_ATTRIBUTE_SIZE + 1);
}

static void read_fields(const struct tree *t, const char *folder, const struct boot_field *fields,
                        size_t count, struct boot_path *path)
{
	char text[SYSFS_ATTRIBUTE_SIZE + 1], where[128];

	snprintf(where, sizeof(where), "%s/%s/", t->name, folder);
	for (size_t i = 0; i < count; i++) {
		ssize_t n = read_attribute(t, folder, fields[i].name, text);

		if (n > 0)
			boot_take(t->reading, &fields[i], where, text, (size_t)n, path);
	}
	explicit_bzero(text, sizeof(text));
}

/* A number that may be missing; one that is none is named.  Returns whether there is one. */
static bool read_number(const struct tree *t, const char *folder, const char *name, int max,
                        int *ret)
{
	char text[SYSFS_ATTRIBUTE_SIZE + 1];

	if (read_attribute(t, folder, name, text) <= 0)
		return false;
	if (num_int(text, 0, max, ret) == 0)
		return true;
	boot_tell(t->reading, "%s/%s/%s is not a number from 0 to %d", t->name, folder, name, max);
	return false;
}

/* iBFT marks what is not in use by flags without any bit. */
static bool is_valid(const struct tree *t, const char *folder)
{
	int flags;

	return !read_number(t, folder, "flags", UINT8_MAX, &flags) || flags != 0;
}

/* The network device that the kernel has for the NIC, by the link to its PCI device. */
static void read_netdev(const struct tree *t, const char *folder, struct boot_path *path)
{
	char name[256];
	_cleanup_folder_ struct folder devices = {0};

	snprintf(name, sizeof(name), "firmware/%s/%s/device/net", t->name, folder);
	sysfs_read_folder(t->sys, name, &devices);
	for (size_t i = 0; i < devices.count; i++) {
		if (strlen(devices.entries[i].name) >= sizeof(path->nic.netdev))
			continue;
		strcpy(path->nic.netdev, devices.entries[i].name);
		return;
	}
}

static void read_nic(const struct tree *t, const char *target, struct boot_path *path)
{
	char folder[32];
	int number = 0, origin;
	bool told = read_number(t, target, "nic-assoc", UINT8_MAX, &number);
	struct boot_nic *nic = &path->nic;
	char name[256];

	snprintf(folder, sizeof(folder), "ethernet%d", number);
	snprintf(name, sizeof(name), "firmware/%s/%s", t->name, folder);
	if (!sysfs_has(t->sys, name) || !is_valid(t, folder)) {
		if (told)
			boot_tell(t->reading, "%s/%s/nic-assoc: there is no %s", t->name, target,
			          folder);
		return;
	}
	read_fields(t, folder, nic_fields, ARRAY_LEN(nic_fields), path);
	read_number(t, folder, "prefix-len", 128, &nic->prefix_len);
	read_number(t, folder, "vlan", 4095, &nic->vlan);
	nic->dhcp = read_number(t, folder, "origin", UINT8_MAX, &origin) && origin == ORIGIN_DHCP;
	read_netdev(t, folder, path);
}

/* An adapter's boot tree carries the number of its SCSI host, whose driver is its transport. */
static void read_transport(const struct tree *t, struct boot_path *path)
{
	static const char *const offloads[] = {"bnx2i",  "qedi",     "cxgb3i",
	                                       "cxgb4i", "be2iscsi", "qla4xxx"};
	char name[64], driver[64];
	int host;

	if (!sysfs_number_behind(t->name, "iscsi_boot", &host))
		return;
	snprintf(name, sizeof(name), "class/scsi_host/host%d/proc_name", host);
	if (sysfs_read_text(t->sys, name, driver, sizeof(driver)) <= 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(offloads); i++) {
		if (strcmp(driver, offloads[i]) == 0)
			strcpy(path->transport, offloads[i]);
	}
}

static int by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* The numbers of a folder's entries with a prefix, in order. */
static size_t numbers_in(struct sysfs_reader *sys, const char *folder, const char *prefix,
                         int numbers[static NUMBERS_MAX])
{
	_cleanup_folder_ struct folder all = {0};
	size_t count = 0;

	sysfs_read_folder(sys, folder, &all);
	for (size_t i = 0; i < all.count && count < NUMBERS_MAX; i++)
		count += sysfs_number_behind(all.entries[i].name, prefix, &numbers[count]);
	qsort(numbers, count, sizeof(numbers[0]), by_number);
	return count;
}

/* common: what all targets of the tree share. */
static int read_target(const struct tree *t, int number, const struct boot_path *common)
{
	struct boot_path path = *common;
	char folder[32];
	int port, r;

	snprintf(folder, sizeof(folder), "target%d", number);
	if (!is_valid(t, folder))
		return 0;
	read_fields(t, folder, target_fields, ARRAY_LEN(target_fields), &path);
	if (read_number(t, folder, "port", UINT16_MAX, &port) && port > 0)
		path.port = (uint16_t)port;
	read_nic(t, folder, &path);
	snprintf(path.source, sizeof(path.source), "%.15s/%.15s", t->name, folder);
	r = boot_add(t->reading, &path);
	explicit_bzero(&path, sizeof(path));
	return r;
}

static int read_tree(struct boot_reading *r, struct sysfs_reader *sys, const char *name)
{
	const struct tree t = {.name = name, .sys = sys, .reading = r};
	struct boot_path common = boot_path_make(name);
	int numbers[NUMBERS_MAX], error = 0;
	char folder[64];
	size_t count;

	snprintf(folder, sizeof(folder), "firmware/%s", name);
	count = numbers_in(sys, folder, "target", numbers);
	if (count == 0)
		return 0;
	read_fields(&t, "initiator", initiator_fields, ARRAY_LEN(initiator_fields), &common);
	read_transport(&t, &common);
	for (size_t i = 0; i < count && error == 0; i++)
		error = read_target(&t, numbers[i], &common);
	return error;
}

static int read_sysfs(struct boot_reading *r, const char *root)
{
	int numbers[NUMBERS_MAX], error;
	struct sysfs_reader sys;
	size_t count;
	char name[32];

	if (sysfs_reader_init(&sys, root) < 0)
		return 0;
	error = read_tree(r, &sys, "ibft");
	count = numbers_in(&sys, "firmware", "iscsi_boot", numbers);
	for (size_t i = 0; i < count && error == 0; i++) {
		snprintf(name, sizeof(name), "iscsi_boot%d", numbers[i]);
		error = read_tree(r, &sys, name);
	}
	sysfs_reader_done(&sys);
	return error;
}

int boot_paths(const char *sysfs, boot_problem problem, void *data, struct boot_path **ret,
               size_t *ret_count)
{
	struct boot_reading r = {.problem = problem, .data = data};
	int error = read_sysfs(&r, sysfs);

	if (error == 0)
		error = boot_of_read(&r, sysfs);
	if (error < 0) {
		boot_paths_free(r.paths, r.count);
		return error;
	}
	*ret = r.paths;
	*ret_count = r.count;
	return 0;
}
