/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which options go with which: what the rows of the table (option_table.c) need and rule out, held
 * against what was given.
 */
#include <stdio.h>
#include <string.h>

#include "iscsiadm/option_table.h"
#include "lib/base/macros.h"

void option_note(struct options *o, const struct option_row *row)
{
	o->given |= UINT64_C(1) << (row - option_rows);
}

bool option_noted(const struct options *o, const struct option_row *row)
{
	return o->given & UINT64_C(1) << (row - option_rows);
}

static bool letter_given(const struct options *o, char letter)
{
	return option_noted(o, option_row_of(letter));
}

const struct option_use *option_use_of(const struct option_row *row, const struct mode *mode)
{
	const char *name = mode ? mode->name : "";

	for (const struct option_use *use = row->uses; use && use->mode; use++) {
		if (strcmp(use->mode, name) == 0)
			return use;
	}
	return NULL;
}

static const char *needs_of(const struct option_use *use)
{
	return use->needs ? use->needs : "";
}

bool option_use_met(const struct option_use *use, const struct options *o)
{
	const char *needs = needs_of(use);

	if (needs[0] == '\0' && use->ops == 0)
		return true;
	for (; *needs; needs++) {
		if (letter_given(o, *needs))
			return true;
	}
	return use->ops & o->ops;
}

char option_use_ruled_out(const struct option_use *use, const struct options *o)
{
	const char *unlike = use->unlike ? use->unlike : "";

	for (; *unlike; unlike++) {
		if (letter_given(o, *unlike))
			return *unlike;
	}
	return '\0';
}

const char *option_use_text(const struct option_use *use, char dst[static OPTION_NEEDS_SIZE])
{
	char words[GETOPT_FORM_MAX][16];
	size_t count = 0, len = 0;

	for (const char *letter = needs_of(use); *letter; letter++)
		snprintf(words[count++], sizeof(words[0]), "-%c", *letter);
	for (size_t i = 0; i < operation_count; i++) {
		if (use->ops & operations[i].op)
			snprintf(words[count++], sizeof(words[0]), "-o %s", operations[i].word);
	}
	dst[0] = '\0';
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(dst + len, OPTION_NEEDS_SIZE - len, "%s%s",
		                        i == 0          ? ""
		                        : i + 1 < count ? ", "
		                                        : " or ",
		                        words[i]);
	return dst;
}
