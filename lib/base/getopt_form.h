/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program's table of options in the two forms that getopt_long(3) takes.
 */
#ifndef LIB_BASE_GETOPT_FORM_H
#define LIB_BASE_GETOPT_FORM_H

#include <getopt.h>
#include <stddef.h>

/* The most options that a program has, and the first number of those without a letter. */
enum { GETOPT_FORM_MAX = 64, GETOPT_NO_LETTER = 256 };

/* Starts as {0}. */
struct getopt_form {
	char letters[2 * GETOPT_FORM_MAX + 1];
	struct option longs[GETOPT_FORM_MAX + 1];
	size_t count;
};

/*
 * Add an option: its long name (borrowed), what getopt_long() returns for it (from
 * GETOPT_NO_LETTER on: there is no letter), and no_argument, required_argument or
 * optional_argument, which a letter does not take.  There must be room: a table is no input.
 */
void getopt_form_add(struct getopt_form *f, const char *name, int letter, int argument);

#endif
