/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The members of a JSON object as text, for json_add_members().
 */
#ifndef ISCSIADM_JSON_MEMBERS_H
#define ISCSIADM_JSON_MEMBERS_H

#include "lib/base/cursor.h"

struct json_members {
	struct writer text;
	int level; /* how far they are indented */
};

/* As json_add_text(), _decimal() and _secret() in print_json.h have it. */
void json_members_text(struct json_members *m, const char *key, const char *text);
void json_members_decimal(struct json_members *m, const char *key, const char *text);
void json_members_secret(struct json_members *m, const char *key, const char *secret);

/* There are no more. */
void json_members_end(struct json_members *m);

/*
 * How many bytes the UTF-8 character at text has (RFC 3629 section 4: no overlong forms, surrogates
 * or values above U+10FFFF); 0: there is none.  The NUL behind the text ends any that is cut short.
 */
size_t json_character_length(const char *text);

/* What stands for a byte that belongs to no character: U+FFFD. */
#define JSON_REPLACEMENT "\xef\xbf\xbd"

#endif
