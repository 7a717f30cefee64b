/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What adapters with a stack of their own are told and asked: their table of CHAP secrets, the
 * targets in their flash memory, their interfaces, their counters, and to send pings.  Layouts are
 * the kernel's (scsi/iscsi_if.h).  Each call may take as long as the adapter does: for children.
 *
 * Each door is for one request: opened, told the host's transport (nl_use_transport()), asked,
 * closed.
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

/*
 * Parameters for one message, as netlink's attributes.  Errors are the writer's; what was added is
 * wiped by nl_params_done().
 */
struct nl_params {
	struct writer w;
	uint32_t count;
};

struct nl_params nl_params_make(void);
void nl_params_done(struct nl_params *params);
/* One of the CHAP table or of a flashnode (struct iscsi_param_info): len bytes of value, which has
 * room bytes and is sent with all of them. */
void nl_params_add(struct nl_params *params, uint16_t number, const void *value, size_t len,
                   size_t room);
/* One of an interface (struct iscsi_iface_param_info): of iSCSI, or else of its network. */
void nl_params_add_iface(struct nl_params *params, const struct nl_iface *iface, bool iscsi,
                         uint16_t number, const void *value, size_t len, size_t room);

/* An empty entry for a target; portal_type is "ipv4" or "ipv6". */
int nl_new_flashnode(struct nl *nl, uint32_t host_no, const char *portal_type, uint32_t *ret_index);
/* NL_COMMAND_DEL_FLASHNODE, LOGIN_FLASHNODE (-EPERM: it is logged in), LOGOUT_FLASHNODE (-ESRCH: it
 * is not) of an entry; LOGOUT_FLASHNODE_SID of the session that the driver made, by its sid. */
int nl_flashnode(struct nl *nl, enum nl_command command, uint32_t host_no, uint32_t index);

/* Change parameters of an entry, which the adapter writes to its flash memory at once. */
int nl_set_flashnode(struct nl *nl, uint32_t host_no, uint32_t index,
                     const struct nl_params *params);

/* Change parameters of any of the host's interfaces, which the adapter resets. */
int nl_set_ifaces(struct nl *nl, uint32_t host_no, const struct nl_params *params);

/*
 * Watch the door's events (nl_watch()), send one packet and wait for what becomes of it: 0 with
 * *ret_status (enum iscsi_ping_status_code), -ETIME when nothing was heard, or the errno of a
 * kernel that refuses.
 */
int nl_ping(struct nl *nl, uint32_t host_no, const struct nl_ping *ping, uint64_t timeout_usec,
            uint32_t *ret_status);

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
