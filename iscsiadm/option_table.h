/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of options: what each is called, takes and means, and which modes have it.  The parser
 * (options.c), the help (help.c) and completion (complete.c) follow it; there is no other list.
 */
#ifndef ISCSIADM_OPTION_TABLE_H
#define ISCSIADM_OPTION_TABLE_H

#include "iscsiadm/options.h"
#include "lib/base/getopt_form.h"

enum option_kind {
	KIND_FLAG,
	KIND_TEXT,
	KIND_NUMBER,
	KIND_OTHER,    /* its own function */
	KIND_OPTIONAL, /* its own function, with a text or NULL */
};

/*
 * What an option of ours goes with in one mode.  Those of open-iscsi have no such rows: what it
 * took without a word is taken, whether it means anything or not.
 */
struct option_use {
	const char *mode;   /* "": goes without a mode */
	const char *needs;  /* letters: one of these options must be given, ... */
	unsigned int ops;   /* ... or one of these operations; neither: nothing is needed */
	const char *unlike; /* letters: none of these may be given; NULL: any */
};

struct option_row {
	int letter; /* from GETOPT_NO_LETTER on: it has none */
	const char *name;
	enum option_kind kind;
	char with; /* without a letter: among a mode's letters this one stands for it */
	const struct option_use *uses; /* without a letter: with what it goes, up to a row {0} */
	size_t field;                  /* FLAG, TEXT, NUMBER: where it goes */
	int min;                       /* NUMBER: the smallest that is allowed */
	const char *arg; /* what it takes, for people and completion; words with "|" between them */
	const char *doc; /* one line */
	int (*take)(struct options *o, char *text); /* OTHER: exit code, 0 to go on */
};

/* In the order in which they are shown. */
extern const struct option_row option_rows[];
extern const size_t option_count;

/* What -o takes. */
struct operation {
	const char *word;
	enum op op;
};
extern const struct operation operations[];
extern const size_t operation_count;

/* no_argument, required_argument or optional_argument of getopt_long(3). */
int option_argument(const struct option_row *row);

bool option_has_letter(const struct option_row *row);

/* The row of a letter, or of the number that stands for one; NULL: there is none. */
const struct option_row *option_row_of(int letter);

/* Whether it is one of every mode. */
bool option_is_general(const struct option_row *row);

/* Whether a mode takes it; without a mode (NULL): whether it can be all of a line. */
bool option_goes_with(const struct option_row *row, const struct mode *mode);

/* What it goes with in a mode that takes it (NULL: without one); NULL: with everything. */
const struct option_use *option_use_of(const struct option_row *row, const struct mode *mode);

/* Whether what a use needs was given. */
bool option_use_met(const struct option_use *use, const struct options *o);

/* The letter of an option that was given and that a use rules out; '\0': there is none. */
char option_use_ruled_out(const struct option_use *use, const struct options *o);

/* What a use needs, for people: "-D, -l or -o new"; "" for nothing. */
enum { OPTION_NEEDS_SIZE = 64 };
const char *option_use_text(const struct option_use *use, char dst[static OPTION_NEEDS_SIZE]);

/* Note that it was given, in the order of the rows. */
void option_note(struct options *o, const struct option_row *row);
bool option_noted(const struct options *o, const struct option_row *row);

/* The take functions (option_values.c): exit code, what is wrong is said on stderr. */
int option_take_operation(struct options *o, char *text);
int option_take_iface(struct options *o, char *text);
int option_take_luns(struct options *o, char *text);
int option_take_wait(struct options *o, char *text);
int option_take_kill(struct options *o, char *text);
int option_take_migrate(struct options *o, char *text);
int option_take_reachable(struct options *o, char *text);
int option_take_nothing(struct options *o, char *text);

#endif
