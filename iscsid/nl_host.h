/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What adapters with a stack of their own are told and asked: their table of CHAP secrets, the
 * targets in their flash memory, their counters.  Layouts are the kernel's (scsi/iscsi_if.h).
 *
 * Each door is for one request: opened, told the host's transport (nl_use_transport()), asked,
 * closed.  An answer comes by multicast, and while a subscriber has no room for it the kernel tries
 * again for ever; the queue of a door that was opened just now is empty.
 */
#ifndef ISCSID_NL_HOST_H
#define ISCSID_NL_HOST_H

#include "iscsid/nl.h"
#include "iscsid/nl_message.h"

/* struct iscsi_chap_rec: names and secrets have 256 bytes. */
enum { NL_CHAP_TEXT_MAX = 255 };

struct nl_chap {
	uint16_t index;
	bool in; /* the target's secret, with which it proves itself */
	char username[NL_CHAP_TEXT_MAX + 1];
	char password[NL_CHAP_TEXT_MAX + 1];
};

typedef void (*nl_chap_take)(void *data, const struct nl_chap *chap);

/* Every entry of the table.  0 or a negative errno. */
int nl_get_chap(struct nl *nl, uint32_t host_no, nl_chap_take take, void *data);
/* Make or change one entry; -EBUSY: it is in use. */
int nl_set_chap(struct nl *nl, uint32_t host_no, const struct nl_chap *chap);
int nl_delete_chap(struct nl *nl, uint32_t host_no, uint16_t index);

/* An empty entry for a target; portal_type is "ipv4" or "ipv6". */
int nl_new_flashnode(struct nl *nl, uint32_t host_no, const char *portal_type, uint32_t *ret_index);
/* NL_COMMAND_DEL_FLASHNODE, LOGIN_FLASHNODE (-EPERM: it is logged in), LOGOUT_FLASHNODE (-ESRCH: it
 * is not). */
int nl_flashnode(struct nl *nl, enum nl_command command, uint32_t host_no, uint32_t index);

/* The adapter's counters, as nl_get_stats(). */
int nl_get_host_stats(struct nl *nl, uint32_t host_no, nl_stats_take take, void *data);

/* Told of an answer's payload, borrowed; what it returns is the query's result. */
typedef int (*nl_host_take)(void *data, const uint8_t *payload, size_t len, uint32_t count);

/* One request, which is released, and its reply; *ret_index of NEW_FLASHNODE, may be NULL. */
int nl_host_call(struct nl *nl, struct writer *w, enum nl_command command, uint32_t *ret_index);
/* One request, which is released, whose answer has a payload: GET_CHAP, GET_HOST_STATS. */
int nl_host_query(struct nl *nl, struct writer *w, enum nl_command command, uint32_t host_no,
                  nl_host_take take, void *data);

#endif
