/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iscsi-init [FILE]: gives the machine an initiator name where it has none, or where the line
 * GenerateName=yes asks for one.  Run before the daemon starts (iscsi-init.service).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "libiscsi-db/iscsi-db.h"

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : NULL;
	int r;

	if (argc > 2 || (path && path[0] == '-')) {
		fputs("usage: iscsi-init [FILE]\n", stderr);
		return EXIT_FAILURE;
	}
	umask(S_IRWXG | S_IRWXO);
	r = iscsi_db_initiator_name_make(path, NULL);
	if (r >= 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "iscsi-init: could not write an initiator name to %s: %s\n",
	        path ? path : "/etc/iscsi/initiatorname.iscsi", strerror(-r));
	return EXIT_FAILURE;
}
