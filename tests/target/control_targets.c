/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs of the control socket for what is served: targets, LUNs, portals, accounts.
 */
#include <errno.h>
#include <string.h>

#include "tests/target/alua.h"
#include "tests/target/conn.h"
#include "tests/target/control_request.h"
#include "tests/target/listener.h"
#include "tests/target/server.h"
#include "tests/target/session.h"
#include "tests/target/task.h"

static struct lun *get_lun(struct request *q, struct target *t)
{
	uint32_t number;

	if (control_number(q, "lun", LUN_COUNT - 1, &number) < 0)
		return NULL;
	if (!t->scsi.luns[number])
		control_refuse(q, "%s has no LUN %u", t->name, number);
	return t->scsi.luns[number];
}

/* Apply an option with the value of a key. */
static int apply(struct request *q, struct target *t, const char *option, const char *key)
{
	return options_apply(q->server->options, t, option, control_get(q, key), q->reason);
}

/* ---- targets and LUNs --------------------------------------------------------------------- */

int control_add_target(struct request *q)
{
	return apply(q, NULL, "target", "target");
}

int control_remove_target(struct request *q)
{
	struct target **at = &q->server->options->targets, *t = control_target(q);

	if (!t)
		return -EINVAL;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	for (struct conn *c = q->server->conns; c; c = c->next)
		if (c->session ? c->session->target == t : strcmp(c->target_name, t->name) == 0)
			conn_close(c, "its target was removed");
	t->next = q->server->removed;
	q->server->removed = t;
	return 0;
}

int control_list_targets(struct request *q)
{
	for (struct target *t = q->server->options->targets; t; t = t->next) {
		kv_put(q->answer, KV_NEWLINE, "item", "target");
		kv_put(q->answer, KV_NEWLINE, "target", t->name);
		for (size_t i = 0; i < LUN_COUNT; i++) {
			const struct lun *l = t->scsi.luns[i];

			if (!l)
				continue;
			kv_put(q->answer, KV_NEWLINE, "item", "lun");
			kv_putf(q->answer, KV_NEWLINE, "lun", "%zu", i);
			kv_putf(q->answer, KV_NEWLINE, "size", "%llu", (unsigned long long)l->size);
			kv_put(q->answer, KV_NEWLINE, "access", l->read_only ? "ro" : "rw");
		}
	}
	return 0;
}

int control_add_lun(struct request *q)
{
	struct target *t = control_target(q);
	int r = t ? apply(q, t, "lun", "lun") : -EINVAL;

	if (r == 0)
		nexus_luns_changed(&t->scsi);
	return r;
}

/* The medium moves or goes: nothing of it may wait on its way out. */
static int settle(struct request *q, struct target *t)
{
	for (struct session *s = t->sessions; s; s = s->next)
		if (out_own(&s->conn->out) < 0)
			return control_refuse(q, "no memory");
	return 0;
}

int control_remove_lun(struct request *q)
{
	struct target *t = control_target(q);
	struct lun *l = t ? get_lun(q, t) : NULL;
	uint16_t number;

	if (!l || settle(q, t) < 0)
		return -EINVAL;
	number = l->number;
	for (struct session *s = t->sessions; s; s = s->next)
		task_abort_lun(s, number);
	t->scsi.luns[number] = lun_free(l);
	nexus_luns_changed(&t->scsi);
	return 0;
}

int control_resize_lun(struct request *q)
{
	struct target *t = control_target(q);
	struct lun *l = t ? get_lun(q, t) : NULL;
	uint64_t size;
	int r;

	if (!l)
		return -EINVAL;
	if (options_parse_size(control_get(q, "size"), &size) < 0)
		return control_refuse(q, "expected size=BYTES with an optional K, M, G or T");
	if (settle(q, t) < 0)
		return -EINVAL;
	r = lun_resize(l, size);
	if (r == -EINVAL)
		return control_refuse(q, "the size is no multiple of the block of %u bytes, or 0",
		                      l->block_size);
	if (r < 0)
		return control_refuse(q, "%s", strerror(-r));
	nexus_attention_all(&t->scsi, l->number, SENSE_CAPACITY_CHANGED, NULL);
	return 0;
}

int control_set_alua(struct request *q)
{
	static const struct {
		const char *name;
		enum alua_state state;
	} states[] = {{"optimized", ALUA_OPTIMIZED},
	              {"non-optimized", ALUA_NON_OPTIMIZED},
	              {"standby", ALUA_STANDBY},
	              {"unavailable", ALUA_UNAVAILABLE},
	              {"transitioning", ALUA_TRANSITIONING}};
	struct target *t = control_target(q);

	for (size_t i = 0; t && i < ARRAY_LEN(states); i++) {
		if (strcmp(states[i].name, control_get(q, "state")) != 0)
			continue;
		alua_set_state(&t->scsi, states[i].state);
		return 0;
	}
	return t ? control_refuse(
			   q, "expected state=optimized, non-optimized, standby, unavailable or "
			      "transitioning")
	         : -EINVAL;
}

/* ---- portals and accounts ----------------------------------------------------------------- */

static int get_portal(struct request *q, struct portal *ret)
{
	if (options_parse_portal(control_get(q, "portal"), ret) < 0)
		return control_refuse(q, "expected portal=ADDRESS[:PORT]");
	return 0;
}

int control_add_portal(struct request *q)
{
	struct portal portal;
	int r = get_portal(q, &portal);

	if (r == 0) {
		r = listener_add(q->server, &portal);
		if (r < 0)
			return control_refuse(q, "cannot listen on %s: %s",
			                      control_get(q, "portal"), strerror(-r));
	}
	return r;
}

int control_remove_portal(struct request *q)
{
	struct portal portal;
	int r = get_portal(q, &portal);

	return r == 0 && listener_remove(q->server, &portal) < 0
	               ? control_refuse(q, "there is no portal %s", control_get(q, "portal"))
	               : r;
}

int control_list_portals(struct request *q)
{
	for (const struct listener *l = q->server->listeners; l; l = l->next) {
		char text[PORTAL_TEXT_SIZE];
		struct portal portal;

		if (listener_address(l, -1, &portal) < 0)
			continue;
		portal.tpgt = TARGET_TPGT;
		kv_put(q->answer, KV_NEWLINE, "item", "portal");
		kv_put(q->answer, KV_NEWLINE, "portal", portal_format(&portal, text));
	}
	return 0;
}

/* With target= the accounts of a target, without those of discovery. */
int control_add_account(struct request *q)
{
	struct target *t = control_get(q, "target") ? control_target(q) : NULL;
	bool mutual = control_get(q, "mutual") && strcmp(control_get(q, "mutual"), "yes") == 0;

	if (control_get(q, "target"))
		return t ? apply(q, t, mutual ? "mutual" : "account", "account") : -EINVAL;
	return apply(q, NULL, mutual ? "discovery-mutual" : "discovery-account", "account");
}

int control_remove_account(struct request *q)
{
	struct target *t = control_get(q, "target") ? control_target(q) : NULL;
	struct accounts *a = t ? &t->accounts : &q->server->options->discovery;

	if (control_get(q, "target") && !t)
		return -EINVAL;
	return accounts_remove(a, control_get(q, "user"))
	               ? 0
	               : control_refuse(q, "there is no such account");
}

int control_set_option(struct request *q)
{
	struct target *t = control_get(q, "target") ? control_target(q) : NULL;

	return control_get(q, "target") && !t ? -EINVAL
	                                      : apply(q, t, control_get(q, "option"), "value");
}
