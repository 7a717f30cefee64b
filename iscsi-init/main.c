/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iscsi-init [FILE]: gives the machine an initiator name where it has none, or where the line
 * GenerateName=yes asks for one.  Run before the daemon starts (iscsi-init.service).
 *
 * The name comes from the machine's id: two machines do not share it, and a machine that lost the
 * file gets the same again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <systemd/sd-id128.h>

#include "libiscsi-db/iscsi-db.h"

/* The naming authority of names that tools make, as open-iscsi's have it. */
#define NAME_PREFIX "iqn.2016-04.com.open-iscsi:"

/* What our name is made from beside the machine's id; with another one all names would change. */
#define APPLICATION_ID SD_ID128_MAKE(96, f5, f3, 79, 89, c3, 40, 3d, bb, a3, 3c, 82, ad, 44, 4d, f6)

/* Bytes of the id that are in the name. */
enum { SUFFIX_BYTES = 6, NAME_SIZE = sizeof(NAME_PREFIX) + 2 * SUFFIX_BYTES };

static int make_name(char dst[static NAME_SIZE])
{
	sd_id128_t id;
	int n, r = sd_id128_get_machine_app_specific(APPLICATION_ID, &id);

	/* no id, or none yet: the file will remember a random one */
	if (r < 0)
		r = sd_id128_randomize(&id);
	if (r < 0)
		return r;
	n = snprintf(dst, NAME_SIZE, NAME_PREFIX);
	for (int i = 0; i < SUFFIX_BYTES; i++)
		n += snprintf(dst + n, (size_t)(NAME_SIZE - n), "%02x", id.bytes[i]);
	return 0;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : NULL;
	char name[NAME_SIZE];
	int r;

	if (argc > 2 || (path && path[0] == '-')) {
		fputs("usage: iscsi-init [FILE]\n", stderr);
		return EXIT_FAILURE;
	}
	umask(S_IRWXG | S_IRWXO);
	r = make_name(name);
	if (r == 0)
		r = iscsi_db_initiator_name_write(path, name);
	if (r >= 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "iscsi-init: could not write an initiator name to %s: %s\n",
	        path ? path : "/etc/iscsi/initiatorname.iscsi", strerror(-r));
	return EXIT_FAILURE;
}
