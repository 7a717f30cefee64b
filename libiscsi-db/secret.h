/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DB_SECRET_H
#define DB_SECRET_H

#include <stdbool.h>

/* Whether the value of a secret key is one: a text, or a well-formed "@file:" or "@creds:". */
bool secret_valid(const char *value);

#endif
