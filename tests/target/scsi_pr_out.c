/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PERSISTENT RESERVE OUT (SPC-4 6.16), a row a service action.  Every action checks all before it
 * changes anything; who loses something by it hears so with a unit attention.
 */
#include <errno.h>
#include <string.h>

#include "tests/target/scsi.h"

enum {
	PARAMETERS_LEN = 24,
	PARAMETERS_MAX = 1024, /* with the transport identifier of REGISTER AND MOVE */
	SPEC_I_PT = 0x08,
	APTPL = 0x01,
	UNREG = 0x02, /* of REGISTER AND MOVE, with APTPL as bit 0 */
	TYPE_MASK = 0x0f,
	SCOPE_MASK = 0xf0, /* 0: the logical unit, the only one there is */
	TRANSPORT_MASK = 0xcf,
	TRANSPORT_ISCSI_PORT = 0x40 | SCSI_PROTOCOL_ISCSI,
};

/* The parameter list, and what it meets. */
struct pr_out {
	uint64_t key;
	uint64_t action_key; /* SERVICE ACTION RESERVATION KEY */
	uint8_t flags;
	uint8_t type;
	/* borrowed */
	struct scsi_cmd *cmd;
	struct pr *pr;
	struct pr_registration *own; /* NULL: not registered */
};

static void conflict(struct pr_out *p)
{
	scsi_refuse(p->cmd, SCSI_RESERVATION_CONFLICT);
}

/* The nexus that is registered as r and logged in just now, or NULL. */
static struct nexus *nexus_of(const struct pr_out *p, const struct pr_registration *r)
{
	struct nexus *n = p->cmd->nexus->target->nexuses;

	while (n && strcmp(n->port, r->port) != 0)
		n = n->next;
	return n;
}

static void tell(const struct pr_out *p, const struct pr_registration *r, enum sense_code code)
{
	struct nexus *n = nexus_of(p, r);

	if (n)
		nexus_attention(n, p->cmd->lun_number, code);
}

static void tell_others(const struct pr_out *p, enum sense_code code)
{
	for (struct pr_registration *r = p->pr->registrations; r; r = r->next)
		if (r != p->own)
			tell(p, r, code);
}

/* 5.12.11.2: those who had access by being registered hear when that ends. */
static void release(struct pr_out *p)
{
	bool shared = pr_type_of_registrants(p->pr->type);

	pr_release(p->pr);
	if (shared)
		tell_others(p, SENSE_RESERVATIONS_RELEASED);
}

/* ---- REGISTER, REGISTER AND IGNORE EXISTING KEY ------------------------------------------- */

static void unregister_own(struct pr_out *p)
{
	struct pr *pr = p->pr;

	if (pr->holder == p->own)
		release(p);
	pr_unregister(pr, p->own);
}

static void register_any(struct pr_out *p)
{
	int r = 0;

	if (p->flags & SPEC_I_PT || (p->flags & APTPL && !p->pr->state)) {
		scsi_invalid_parameter(p->cmd); /* SIP_C is 0, and so may be PTPL_C */
		return;
	}
	if (!p->own && p->action_key != 0)
		r = pr_register(p->pr, p->cmd->nexus->port, p->action_key);
	else if (p->own && p->action_key != 0)
		p->own->key = p->action_key;
	else if (p->own)
		unregister_own(p);
	if (r < 0) {
		scsi_fail(p->cmd, SENSE_ILLEGAL_REQUEST, SENSE_INSUFFICIENT_REGISTRATION_RESOURCES);
		return;
	}
	p->pr->aptpl = p->flags & APTPL;
	p->pr->generation++;
}

static void register_checked(struct pr_out *p)
{
	if (p->key != (p->own ? p->own->key : 0))
		conflict(p);
	else
		register_any(p);
}

/* ---- RESERVE, RELEASE, CLEAR -------------------------------------------------------------- */

static void reserve(struct pr_out *p)
{
	if (p->pr->type == PR_NONE)
		pr_reserve(p->pr, p->own, p->type);
	else if (!pr_holds(p->pr, p->own) || p->pr->type != p->type)
		conflict(p);
}

static void release_own(struct pr_out *p)
{
	if (!pr_holds(p->pr, p->own))
		return;
	if (p->pr->type != p->type)
		scsi_fail(p->cmd, SENSE_ILLEGAL_REQUEST, SENSE_INVALID_RELEASE);
	else
		release(p);
}

static void clear(struct pr_out *p)
{
	tell_others(p, SENSE_RESERVATIONS_PREEMPTED);
	while (p->pr->registrations)
		pr_unregister(p->pr, p->pr->registrations);
	p->pr->generation++;
}

/* ---- PREEMPT ------------------------------------------------------------------------------ */

/*
 * Remove the registrations of others that have the key, or with all every one; abort their tasks if
 * that was asked for.  Returns how many had it, the own one with them.
 */
static unsigned int remove_others(struct pr_out *p, bool all)
{
	bool abort = (p->cmd->cdb[1] & SCSI_SA_MASK) == SCSI_PR_PREEMPT_AND_ABORT;
	struct pr_registration *next;
	unsigned int found = 0;

	for (struct pr_registration *r = p->pr->registrations; r; r = next) {
		struct nexus *n = nexus_of(p, r);

		next = r->next;
		if (!all && r->key != p->action_key)
			continue;
		found++;
		if (r == p->own)
			continue;
		tell(p, r, SENSE_REGISTRATIONS_PREEMPTED);
		if (abort && n && n->abort)
			n->abort(n, p->cmd->lun_number);
		pr_unregister(p->pr, r);
	}
	return found;
}

/* 5.12.11.4: the reservation changes hands, with all who held it or had that key. */
static void take_over(struct pr_out *p, bool all)
{
	enum pr_type before = p->pr->type;

	remove_others(p, all);
	pr_reserve(p->pr, p->own, p->type);
	if (before != p->type)
		tell_others(p, SENSE_RESERVATIONS_RELEASED);
}

static void preempt(struct pr_out *p)
{
	struct pr *pr = p->pr;
	bool all_hold = pr_type_of_all_registrants(pr->type);

	if (all_hold && p->action_key == 0) {
		take_over(p, true);
	} else if (p->action_key == 0) {
		scsi_invalid_parameter(p->cmd);
		return;
	} else if (pr->holder && pr->holder->key == p->action_key) {
		take_over(p, false);
	} else if (remove_others(p, false) == 0) {
		conflict(p);
		return;
	}
	pr->generation++;
}

/* ---- REGISTER AND MOVE -------------------------------------------------------------------- */

/*
 * The name in a transport identifier of an iSCSI initiator port (7.6.4.6).  It is a string that
 * ends within its length; at ret borrowed, NULL for anything else.
 */
static const char *transport_port(struct cursor *c)
{
	const uint8_t *name;
	uint8_t format;
	uint16_t len;

	if (cursor_u8(c, &format) < 0 || cursor_skip(c, 1) < 0 || cursor_be16(c, &len) < 0 ||
	    cursor_bytes(c, len, &name) < 0)
		return NULL;
	if ((format & TRANSPORT_MASK) != TRANSPORT_ISCSI_PORT || !memchr(name, '\0', len))
		return NULL;
	return (const char *)name;
}

/* 6.16.4; port is that of another nexus, which registers with the action key and gets it all. */
static void move_to(struct pr_out *p, const char *port)
{
	struct pr_registration *other = pr_find(p->pr, port);
	enum pr_type type = p->pr->type;

	if (!other && pr_register(p->pr, port, p->action_key) < 0) {
		scsi_fail(p->cmd, SENSE_ILLEGAL_REQUEST, SENSE_INSUFFICIENT_REGISTRATION_RESOURCES);
		return;
	}
	other = pr_find(p->pr, port);
	other->key = p->action_key;
	pr_reserve(p->pr, other, type);
	if (p->flags & UNREG)
		pr_unregister(p->pr, p->own);
	p->pr->aptpl = p->flags & APTPL;
	p->pr->generation++;
}

static void register_and_move(struct pr_out *p)
{
	struct cursor c = cursor_make(p->cmd->parameters.data, p->cmd->parameters.len);
	uint32_t len = 0;
	uint16_t port_number = 0;
	const char *port;

	if (p->pr->holder != p->own) {
		conflict(p); /* 5.12.8: all registrants cannot be moved, either */
		return;
	}
	cursor_skip(&c, 17);
	cursor_u8(&c, &p->flags);
	cursor_be16(&c, &port_number);
	cursor_be32(&c, &len);
	port = len == cursor_left(&c) ? transport_port(&c) : NULL;
	if (!port || port_number != ALUA_PORT || p->action_key == 0 ||
	    strcmp(port, p->cmd->nexus->port) == 0 || (p->flags & APTPL && !p->pr->state))
		scsi_invalid_parameter(p->cmd);
	else
		move_to(p, port);
}

/* ---- the command -------------------------------------------------------------------------- */

static const struct {
	void (*run)(struct pr_out *p);
	bool registers; /* for those, too, that are not registered */
	bool typed;     /* scope and type count */
} actions[] = {
	[SCSI_PR_REGISTER] = {register_checked, true, false},
	[SCSI_PR_RESERVE] = {reserve, false, true},
	[SCSI_PR_RELEASE] = {release_own, false, true},
	[SCSI_PR_CLEAR] = {clear, false, false},
	[SCSI_PR_PREEMPT] = {preempt, false, true},
	[SCSI_PR_PREEMPT_AND_ABORT] = {preempt, false, true},
	[SCSI_PR_REGISTER_AND_IGNORE] = {register_any, true, false},
	[SCSI_PR_REGISTER_AND_MOVE] = {register_and_move, false, false},
};

void scsi_pr_out(struct scsi_cmd *cmd)
{
	bool moves = (cmd->cdb[1] & SCSI_SA_MASK) == SCSI_PR_REGISTER_AND_MOVE;
	uint32_t len = scsi_cdb_be32(cmd, 5);

	if (moves ? len < PARAMETERS_LEN || len > PARAMETERS_MAX : len != PARAMETERS_LEN)
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_PARAMETER_LIST_LENGTH);
	else
		scsi_want(cmd, len);
}

void scsi_pr_out_end(struct scsi_cmd *cmd)
{
	struct cursor c = cursor_make(cmd->parameters.data, cmd->parameters.len);
	uint8_t action = cmd->cdb[1] & SCSI_SA_MASK;
	struct pr_out p = {.cmd = cmd, .pr = &cmd->lun->pr, .type = cmd->cdb[2] & TYPE_MASK};

	if (cmd->parameters.len != scsi_cdb_be32(cmd, 5)) {
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_PARAMETER_LIST_LENGTH);
		return;
	}
	cursor_be64(&c, &p.key);
	cursor_be64(&c, &p.action_key);
	cursor_skip(&c, 4);
	cursor_u8(&c, &p.flags);
	p.own = pr_find(p.pr, cmd->nexus->port);
	if (!actions[action].registers && (!p.own || p.own->key != p.key))
		conflict(&p);
	else if (actions[action].typed && (cmd->cdb[2] & SCOPE_MASK || !pr_type_valid(p.type)))
		scsi_invalid_cdb(cmd);
	else
		actions[action].run(&p);
	if (cmd->status == SCSI_GOOD && pr_save(p.pr) < 0)
		scsi_fail(cmd, SENSE_HARDWARE_ERROR, SENSE_WRITE_ERROR);
}
