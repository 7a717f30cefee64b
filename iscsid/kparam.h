/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a record to what is offered at login, and from a record and what was negotiated to what the
 * kernel is told.  One table each (kparam.c); pure but for the batch that it fills.
 */
#ifndef ISCSID_KPARAM_H
#define ISCSID_KPARAM_H

#include <stdbool.h>
#include <stdint.h>

#include "iscsid/nl.h"
#include "lib/proto/params.h"
#include "libiscsi-db/iscsi-db.h"

/* Told about each value of a record that could not be taken as it is; text is one line to log,
 * borrowed for the call. */
typedef void (*kparam_reason)(void *data, const char *text);

/*
 * The offer that a node record makes, or a discovery record (which only has the length of PDUs).
 * Always a legal one: a value out of range becomes its default, lengths are multiples of 4,
 * MaxOutstandingR2T a power of two, FirstBurstLength at most MaxBurstLength, and what the kernel
 * has only one value for is that one (ErrorRecoveryLevel, MaxConnections, order of data).
 * reason may be NULL.
 */
void kparam_offer(const struct iscsi_db_record *r, kparam_reason reason, void *data,
                  struct iscsi_offer *ret);

/*
 * cmds_max and queue_depth for nl_create_session(): a power of two from 16 to 2048, and 1 to 1024
 * but at most cmds_max.  reason may be NULL.
 */
void kparam_queue(const struct iscsi_db_record *r, kparam_reason reason, void *data,
                  uint16_t *ret_cmds_max, uint16_t *ret_queue_depth);

/* What the kernel is told of a session that is logged in. */
struct kparam_session {
	uint32_t exp_stat_sn; /* the target's last StatSN + 1 */
	int32_t tpgt;         /* what the target said, -1: then the record's */
	struct iscsi_params params;
	/* borrowed for the call */
	const struct iscsi_db_record *record; /* a node record */
	const char *initiator_name;
};

/*
 * Add every SET_PARAM of a session to a batch, to be run behind its BIND_CONN and before its
 * START_CONN: identity, time-outs, secrets, what was negotiated.  Values out of range become their
 * defaults (reason tells; it may be NULL).  An empty text and an unknown number are not sent: the
 * kernel then says "(null)" or its own default.
 */
void kparam_add_session(struct nl_batch *b, const struct kparam_session *s, kparam_reason reason,
                        void *data);

/* The same for what a session takes while its connection is up (ISCSI_DB_EFFECT_LIVE). */
void kparam_add_live(struct nl_batch *b, const struct iscsi_db_record *r, kparam_reason reason,
                     void *data);

/* Whether the kernel sends pings: without an interval or a time-out there are none. */
bool kparam_pings(const struct iscsi_db_record *r);

/* Add the SET_HOST_PARAMs: the interface's device and hardware address where it names them. */
void kparam_add_host(struct nl_batch *b, const struct iscsi_db_record *r, uint32_t host_no);

#endif
