/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/help.h"

#include <stdio.h>
#include <string.h>

#include "iscsiadm/option_table.h"
#include "lib/base/macros.h"

/* Where the second column starts, and how wide a list of modes may get. */
enum { COLUMN = 32, WIDTH = 100 };

static void print_usage(const struct mode *modes, bool ours)
{
	for (const struct mode *m = modes; m->name; m++) {
		if (m->ours == ours)
			printf("iscsiadm -m %s %s\n", m->name, m->usage);
	}
}

/* "  -p, --portal=portal", or without a letter "      --json"; the number of bytes. */
static int print_option(const struct option_row *row)
{
	int n = option_has_letter(row) ? printf("  -%c, ", row->letter) : printf("      ");

	n += printf("--%s", row->name);
	switch (option_argument(row)) {
	case required_argument: return n + printf("=%s", row->arg);
	case optional_argument: return n + printf("[=%s]", row->arg);
	default: return n;
	}
}

static void print_second(int column, const char *text)
{
	if (column >= COLUMN) {
		putchar('\n');
		column = 0;
	}
	printf("%*s%s\n", COLUMN - column, "", text);
}

/* ", node (-u or -U)", on a new line where it does not fit; the column behind it. */
static int print_mode_of(const struct option_row *row, const struct mode *mode, int column)
{
	const struct option_use *use = option_use_of(row, mode);
	char needs[OPTION_NEEDS_SIZE] = "", text[2 * OPTION_NEEDS_SIZE];
	bool first = column == COLUMN;

	if (use)
		option_use_text(use, needs);
	snprintf(text, sizeof(text), "%s%s%s%s", mode->name, needs[0] ? " (" : "", needs,
	         needs[0] ? ")" : "");
	if (!first && column + 2 + (int)strlen(text) > WIDTH) {
		printf(",\n%*s", COLUMN, "");
		return COLUMN + printf("%s", text);
	}
	return column + printf("%s%s", first ? "in " : ", ", text);
}

static void print_modes_of(const struct option_row *row, const struct mode *modes)
{
	int column = COLUMN;

	if (option_is_general(row))
		return;
	printf("%*s", COLUMN, "");
	for (const struct mode *m = modes; m->name; m++) {
		if (option_goes_with(row, m))
			column = print_mode_of(row, m, column);
	}
	puts(option_goes_with(row, NULL) ? "without a mode" : "");
}

static void print_operations(const struct mode *mode)
{
	const char *before = "-o ";

	if (!mode->operations)
		return;
	printf("%*s", COLUMN, "");
	for (size_t i = 0; i < operation_count; i++) {
		if (!(mode->operations & operations[i].op))
			continue;
		printf("%s%s", before, operations[i].word);
		before = ", ";
	}
	putchar('\n');
}

void help_print(const struct mode *modes)
{
	/* in front, as scripts may know it: the lines of open-iscsi */
	print_usage(modes, false);
	puts("iscsiadm -k priority");
	print_usage(modes, true);
	puts("iscsiadm --migrate-db[=folder]\n"
	     "iscsiadm -h | -V\n"
	     "\n"
	     "Modes (-m) and their operations (-o):");
	for (const struct mode *m = modes; m->name; m++) {
		print_second(printf("  %s", m->name), m->doc);
		print_operations(m);
	}
	puts("\nOptions, and the modes that take them:");
	for (size_t i = 0; i < option_count; i++) {
		print_second(print_option(&option_rows[i]), option_rows[i].doc);
		print_modes_of(&option_rows[i], modes);
	}
}
