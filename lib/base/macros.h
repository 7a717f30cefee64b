/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scope-exit attributes and small helpers that every file may use.
 *
 * A local marked with one of the _cleanup_ attributes is released when it goes
 * out of scope; take_ptr() and take_fd() hand it on instead.
 */
#ifndef BASE_MACROS_H
#define BASE_MACROS_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)    ((a) < (b) ? (a) : (b))
#define MAX(a, b)    ((a) > (b) ? (a) : (b))

#define _printf_(fmt, args) __attribute__((format(printf, fmt, args)))
#define _unused_            __attribute__((unused))

#define USEC_PER_SEC  1000000ULL
#define USEC_PER_MSEC 1000ULL

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define _cleanup_(fn)    __attribute__((cleanup(fn)))
#define _cleanup_free_   _cleanup_(cleanup_free)
#define _cleanup_close_  _cleanup_(cleanup_close)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)

/* Defines cleanup_<fn>(), which calls the destructor fn() on what the local points to. */
#define DEFINE_CLEANUP(type, fn)                                                                   \
	static inline void cleanup_##fn(type **p)                                                  \
	{                                                                                          \
		if (*p)                                                                            \
			fn(*p);                                                                    \
	}

#define take_ptr(p)                                                                                \
	({                                                                                         \
		__typeof__(p) _taken = (p);                                                        \
		(p) = NULL;                                                                        \
		_taken;                                                                            \
	})

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
