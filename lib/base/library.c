/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int library_open(const char *file, const struct library_symbol *symbols, size_t count, void *to,
                 const char **ret_why)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	void *address = library;

	for (size_t i = 0; i < count && address; i++) {
		address = dlsym(library, symbols[i].name);
		memcpy((char *)to + symbols[i].offset, &address, sizeof(address));
	}
	if (address)
		return 0;
	if (ret_why)
		*ret_why = dlerror();
	return -ELIBACC;
}
