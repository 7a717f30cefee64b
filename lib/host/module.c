/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <libkmod.h>

#include "lib/base/file.h"
#include "lib/base/library.h"
#include "lib/base/macros.h"

/*
 * libkmod brings a library for signatures along, more than a megabyte; the daemon, whose memory is
 * locked, would hold it for good to load a module once.  So it is opened when a module is missing,
 * which in the daemon is in a child.
 */
#define LIBKMOD "libkmod.so.2"

#define KMOD_FUNCTIONS(X)                                                                          \
	X(kmod_new)                                                                                \
	X(kmod_unref)                                                                              \
	X(kmod_module_new_from_lookup)                                                             \
	X(kmod_module_unref_list)                                                                  \
	X(kmod_list_next)                                                                          \
	X(kmod_module_get_module)                                                                  \
	X(kmod_module_probe_insert_module)                                                         \
	X(kmod_module_unref)

struct kmod {
	KMOD_FUNCTIONS(LIBRARY_POINTER)
};

static const struct library_symbol kmod_symbols[] = {
#define X(name) LIBRARY_SYMBOL(struct kmod, name)
	KMOD_FUNCTIONS(X)
#undef X
};

static int open_kmod(struct kmod *ret)
{
	return library_open(LIBKMOD, kmod_symbols, ARRAY_LEN(kmod_symbols), ret, NULL);
}

/* Whether the module works already: one that is built in has a folder but no state. */
static bool is_live(const char *name)
{
	char path[128], state[16];
	size_t len = (size_t)snprintf(path, sizeof(path), "/sys/module/%s", name);

	if (len + strlen("/initstate") >= sizeof(path))
		return false;
	for (char *p = path; *p; p++)
		if (*p == '-')
			*p = '_';
	if (access(path, F_OK) < 0)
		return false;
	strcpy(path + len, "/initstate");
	return file_read_line(AT_FDCWD, path, state, sizeof(state)) < 0 ||
	       strcmp(state, "live") == 0;
}

static int insert(const struct kmod *kmod, struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL, *item;
	int r = kmod->kmod_module_new_from_lookup(ctx, name, &list);

	if (r == 0 && !list)
		r = -ENOENT;
	for (item = list; item && r >= 0; item = kmod->kmod_list_next(list, item)) {
		struct kmod_module *module = kmod->kmod_module_get_module(item);

		/* modules that are loaded or built in count as success */
		r = kmod->kmod_module_probe_insert_module(module, 0, NULL, NULL, NULL, NULL);
		kmod->kmod_module_unref(module);
	}
	kmod->kmod_module_unref_list(list);
	return r < 0 ? r : 0;
}

static int find(const struct kmod *kmod, struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL;
	int r = kmod->kmod_module_new_from_lookup(ctx, name, &list);

	if (r == 0 && !list)
		r = -ENOENT;
	kmod->kmod_module_unref_list(list);
	return r < 0 ? r : 0;
}

static int with_kmod(const char *name,
                     int (*what)(const struct kmod *kmod, struct kmod_ctx *ctx, const char *name))
{
	struct kmod kmod;
	struct kmod_ctx *ctx;
	int r;

	if (is_live(name))
		return 0;
	r = open_kmod(&kmod);
	if (r < 0)
		return r;
	ctx = kmod.kmod_new(NULL, NULL);
	if (!ctx)
		return -ENOMEM;
	r = what(&kmod, ctx, name);
	kmod.kmod_unref(ctx);
	return r;
}

int host_module_load(const char *name)
{
	return with_kmod(name, insert);
}

int host_module_find(const char *name)
{
	return with_kmod(name, find);
}
