/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Libraries that only some runs need, opened when they are.  A list of functions, as an X-macro,
 * makes both the struct of pointers that have their types and the table that fills it:
 *
 *	#define MOUNT_FUNCTIONS(X) X(mnt_new_table) X(mnt_unref_table)
 *	struct libmount { MOUNT_FUNCTIONS(LIBRARY_POINTER) };
 *	static const struct library_symbol symbols[] = {
 *	#define X(name) LIBRARY_SYMBOL(struct libmount, name)
 *		MOUNT_FUNCTIONS(X)
 *	#undef X
 *	};
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stddef.h>

#define LIBRARY_POINTER(name)      __typeof__(name) *name;
#define LIBRARY_SYMBOL(type, name) {#name, offsetof(type, name)},

struct library_symbol {
	const char *name;
	size_t offset; /* of the pointer */
};

/*
 * Open the library file for the life of the process (they are not made to be unloaded), and put the
 * address of each symbol into the object at to.  0, or -ELIBACC with the loader's words in
 * *ret_why (borrowed until the next call of dlopen(3); may be NULL).
 */
int library_open(const char *file, const struct library_symbol *symbols, size_t count, void *to,
                 const char **ret_why);

#endif
