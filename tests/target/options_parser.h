/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parsers of options have in common.
 */
#ifndef TARGET_OPTIONS_PARSER_H
#define TARGET_OPTIONS_PARSER_H

#include "lib/base/macros.h"
#include "tests/target/options.h"

struct parser {
	struct options *o;
	struct target *target; /* the last one */
	char *fault;
	const char *option; /* that is parsed */
	const char *value;
	const char *file; /* where it stands; NULL: the command line */
	unsigned int line;
};

/* Note what is wrong with the option that is parsed.  -EINVAL. */
int options_wrong(struct parser *p, const char *fmt, ...) _printf_(2, 3);

/* --lun (options_lun.c), --set (options_set.c). */
int options_lun(struct parser *p);
int options_set(struct parser *p);

#endif
