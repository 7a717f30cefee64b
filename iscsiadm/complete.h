/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What shells ask with "iscsiadm --complete": which words can follow (completions/).
 */
#ifndef ISCSIADM_COMPLETE_H
#define ISCSIADM_COMPLETE_H

#include "iscsiadm/options.h"

/*
 * Print what the last of the words can become, a line each with a tab and a few words on it, or
 * ":files" where it is the name of a file.  The words are those behind the program's name, up to
 * the cursor; the last may be empty.  modes ends with a row without a name.  Exit code: always 0,
 * and nothing is said of what is wrong, as somebody is typing.
 */
int complete(const struct mode *modes, int count, char **words);

#endif
