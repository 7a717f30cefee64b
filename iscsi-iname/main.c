/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iscsi-iname: prints an initiator name that no other machine has, another one each time.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/macros.h"
#include "lib/base/name.h"

#define PREFIX "iqn.2016-04.com.open-iscsi"

/* The suffix is 48 bits, always 12 digits; what is ahead of it may be so long. */
enum { PREFIX_MAX = 210, SUFFIX_BYTES = 6 };

static const struct option words[] = {
	{"help", no_argument, NULL, 'h'},
	{"prefix", required_argument, NULL, 'p'},
	{"generate-iname-prefix", no_argument, NULL, 'g'},
	{0},
};

static int usage(int status)
{
	fprintf(stderr,
	        "Usage: iscsi-iname [OPTIONS]\n"
	        "Where OPTIONS are from:\n"
	        "    -p/--prefix <prefix>          -- set IQN prefix [" PREFIX "]\n"
	        "    -g/--generate-iname-prefix    -- generate the InitiatorName= prefix\n"
	        "where <prefix> has max length of %d\n",
	        PREFIX_MAX);
	return status;
}

static int print_name(const char *prefix, bool as_line)
{
	char name[ISCSI_NAME_SIZE];
	uint8_t random[SUFFIX_BYTES];
	const char *why;
	int n;

	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		perror("iscsi-iname: no random bytes");
		return EXIT_FAILURE;
	}
	n = snprintf(name, sizeof(name), "%s:", prefix);
	for (size_t i = 0; i < sizeof(random); i++)
		n += snprintf(name + n, sizeof(name) - (size_t)n, "%02x", random[i]);
	if (!iscsi_name_valid(name, (size_t)n, &why)) {
		fprintf(stderr, "error: '%s' cannot be the prefix of a name: %s\n", prefix, why);
		return EXIT_FAILURE;
	}
	printf("%s%s\n", as_line ? "InitiatorName=" : "", name);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	const char *prefix = PREFIX;
	bool as_line = false;
	int letter;

	while ((letter = getopt_long(argc, argv, "hp:g", words, NULL)) != -1) {
		switch (letter) {
		case 'h': return usage(EXIT_SUCCESS);
		case 'p': prefix = optarg; break;
		case 'g': as_line = true; break;
		default: return usage(EXIT_FAILURE);
		}
	}
	if (optind < argc) {
		fputs("unknown argument(s)\n", stderr);
		return usage(EXIT_FAILURE);
	}
	if (strlen(prefix) > PREFIX_MAX) {
		fputs("error: prefix too long\n", stderr);
		return usage(EXIT_FAILURE);
	}
	return print_name(prefix, as_line);
}
