/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsid/repeat_found.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iscsid/session.h"
#include "lib/base/macros.h"

int found_add(struct found *f, const struct iscsi_db_node_id *id)
{
	if (f->count == FOUND_MAX)
		return -EFBIG;
	if (f->count == f->size) {
		size_t size = MAX((size_t)16, 2 * f->size);
		struct found_portal *grown =
			(struct found_portal *)reallocarray(f->all, size, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		f->all = grown;
		f->size = size;
	}
	f->all[f->count++] = (struct found_portal){.id = *id};
	return 0;
}

void found_done(struct found *f)
{
	for (size_t i = 0; i < f->ifaces_count; i++)
		iscsi_db_record_free(f->ifaces[i].record);
	free(f->ifaces);
	free(f->all);
	*f = (struct found){0};
}

const struct found_iface *found_whole(const struct found *f, const char *iface_name)
{
	for (size_t i = 0; i < f->ifaces_count; i++) {
		const struct found_iface *iface = &f->ifaces[i];

		if (iface->whole &&
		    strcmp(iscsi_db_record_get(iface->record, "iface.iscsi_ifacename"),
		           iface_name) == 0)
			return iface;
	}
	return NULL;
}

/* By all but the address, which has several spellings, and the tag, which a session may not know.
 */
static int compare(const void *a, const void *b)
{
	const struct iscsi_db_node_id *x = &((const struct found_portal *)a)->id;
	const struct iscsi_db_node_id *y = &((const struct found_portal *)b)->id;
	int order = strcmp(x->iface, y->iface);

	if (order == 0)
		order = strcmp(x->target, y->target);
	return order ? order : (x->port > y->port) - (x->port < y->port);
}

void found_sort(struct found *f, bool (*keep)(void *data, const struct found_portal *p), void *data)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (keep(data, &f->all[i]))
			f->all[kept++] = f->all[i];
	}
	f->count = kept;
	if (kept > 1)
		qsort(f->all, kept, sizeof(*f->all), compare);
}

struct found_portal *found_of_session(const struct found *f, const struct session *s)
{
	struct found_portal wanted = {.id.port = s->id.portal.port}, *p, *end = f->all + f->count;

	snprintf(wanted.id.target, sizeof(wanted.id.target), "%s", s->id.target_name);
	snprintf(wanted.id.iface, sizeof(wanted.id.iface), "%s", s->id.iface_name);
	p = f->count > 0 ? (struct found_portal *)bsearch(&wanted, f->all, f->count,
	                                                  sizeof(*f->all), compare)
	                 : NULL;
	while (p && p > f->all && compare(p - 1, &wanted) == 0)
		p--;
	for (; p && p < end && compare(p, &wanted) == 0; p++) {
		if (host_equal(p->id.address, s->id.portal.host))
			return p;
	}
	return NULL;
}
