/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/proto/targets.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/quote.h"

void targets_refuse(const struct targets_sink *sink, const char *fmt, ...)
{
	char text[TARGETS_REFUSED_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sink->refused(sink->data, text);
}

bool targets_take_name(const struct targets_sink *sink, const char *name, size_t len,
                       char ret[static ISCSI_NAME_SIZE])
{
	char shown[QUOTE_SIZE];
	const char *why;

	if (!iscsi_name_valid(name, len, &why)) {
		targets_refuse(sink, "target name \"%s\": %s",
		               quote_bytes(shown, sizeof(shown), name, len), why);
		return false;
	}
	memcpy(ret, name, len);
	ret[len] = '\0';
	return true;
}
