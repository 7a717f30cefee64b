/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/macros.h"
#include "lib/host/netdev.h"

/* What the kernel says in /sys of a device, "" for none. */
static void address_of(const char *name, char dst[static 128])
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/address", name);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%127s", dst) != 1)
		dst[0] = '\0';
	if (f)
		fclose(f);
}

/* Devices may share an address: the one found must have the one asked for. */
static void each_device_s_address_finds_it(void **state)
{
	char address[128], found[IFNAMSIZ], again[128];
	DIR *all = opendir("/sys/class/net");

	(void)state;
	if (!all)
		skip();
	for (const struct dirent *e; (e = readdir(all));) {
		if (e->d_name[0] == '.')
			continue;
		address_of(e->d_name, address);
		if (strlen(address) != strlen("00:00:00:00:00:00"))
			continue;
		for (int upper = 0; upper < 2; upper++) {
			assert_int_equal(host_netdev_of_address(address, found), 0);
			address_of(found, again);
			for (char *c = address; upper == 0 && *c; c++)
				*c = (char)toupper((unsigned char)*c);
			assert_int_equal(strcasecmp(again, address), 0);
		}
	}
	closedir(all);
}

static void what_no_device_has_is_not_found(void **state)
{
	char found[IFNAMSIZ] = "kept";

	(void)state;
	assert_int_equal(host_netdev_of_address("02:ff:ff:ff:ff:fe", found), -ENODEV);
	assert_string_equal(found, "kept");
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const words[] = {
		"",
		"eth0",
		"02",
		"02:ff:ff:ff:ff:f",
		"02:ff:ff:ff:ff:",
		"02-ff-ff-ff-ff-fe",
		"02:ff:ff:ff:ff:gg",
		/* longer than any hardware address */
		("00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
	         "00:00:00:00:00:00"),
	};
	char found[IFNAMSIZ];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		assert_true(host_netdev_of_address(words[i], found) ==
		            (strcmp(words[i], "02") == 0 ? -ENODEV : -EINVAL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_device_s_address_finds_it),
		cmocka_unit_test(what_no_device_has_is_not_found),
		cmocka_unit_test(what_is_no_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
