/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/getopt_form.h"

#include <assert.h>
#include <string.h>

void getopt_form_add(struct getopt_form *f, const char *name, int letter, int argument)
{
	size_t len = strlen(f->letters);

	assert(f->count < GETOPT_FORM_MAX);
	f->longs[f->count++] = (struct option){.name = name, .has_arg = argument, .val = letter};
	if (letter >= GETOPT_NO_LETTER)
		return;
	f->letters[len++] = (char)letter;
	if (argument == required_argument)
		f->letters[len] = ':';
}
