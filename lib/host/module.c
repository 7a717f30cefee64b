/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <libkmod.h>

#include "lib/base/file.h"
#include "lib/base/macros.h"

static void cleanup_kmod(struct kmod_ctx **ctx)
{
	kmod_unref(*ctx);
}

static void cleanup_kmod_list(struct kmod_list **list)
{
	kmod_module_unref_list(*list);
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

int host_module_load(const char *name)
{
	_cleanup_(cleanup_kmod) struct kmod_ctx *ctx = NULL;
	_cleanup_(cleanup_kmod_list) struct kmod_list *list = NULL;
	struct kmod_list *item;
	int r;

	if (is_live(name))
		return 0;
	ctx = kmod_new(NULL, NULL);
	if (!ctx)
		return -ENOMEM;
	r = kmod_module_new_from_lookup(ctx, name, &list);
	if (r < 0)
		return r;
	if (!list)
		return -ENOENT;
	kmod_list_foreach(item, list)
	{
		struct kmod_module *module = kmod_module_get_module(item);

		/* modules that are loaded or built in count as success */
		r = kmod_module_probe_insert_module(module, 0, NULL, NULL, NULL, NULL);
		kmod_module_unref(module);
		if (r < 0)
			return r;
	}
	return 0;
}
