/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/secret.h"

#include <errno.h>
#include <string.h>

int secret_set(struct secret *s, const void *bytes, size_t len)
{
	if (len > SECRET_MAX)
		return -ENAMETOOLONG;
	secret_wipe(s);
	if (len > 0)
		memcpy(s->bytes, bytes, len);
	s->len = (uint8_t)len;
	return 0;
}

void secret_wipe(struct secret *s)
{
	explicit_bzero(s, sizeof(*s));
}
