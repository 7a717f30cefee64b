/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsistart/network.h"

#include <stdio.h>
#include <string.h>

#include "iscsistart/say.h"
#include "lib/host/netsetup.h"

/* Whether an earlier path has the same card: then only its route is still missing. */
static bool is_known(const struct boot_path *paths, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcasecmp(paths[k].nic.hwaddress, paths[i].nic.hwaddress) == 0 &&
		    strcmp(paths[k].nic.netdev, paths[i].nic.netdev) == 0)
			return true;
	}
	return false;
}

static int setup_one(const struct boot_path *path, bool known)
{
	char device[IFNAMSIZ];
	const char *what;
	int r;

	if (strcmp(path->transport, "tcp") != 0)
		return 0; /* the adapter has a network of its own */
	if (host_net_device(&path->nic, device) < 0) {
		say("%s: there is no network interface with the hardware address %s; is its "
		    "driver loaded?",
		    path->source, path->nic.hwaddress[0] ? path->nic.hwaddress : "(none)");
		return 1;
	}
	if (!known) {
		printf("Setting up software interface %s\n", device);
		fflush(stdout);
	}
	r = host_net_setup(device, &path->nic, path->address, &what);
	if (r == 0)
		return 0;
	say("Setting up software interface %s failed: cannot %s: %s", device, what, strerror(-r));
	return 1;
}

int network_setup(const struct boot_path *paths, size_t count)
{
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		rc |= setup_one(&paths[i], is_known(paths, i));
	return rc;
}
