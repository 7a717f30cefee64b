/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's door: NETLINK_ISCSI behind a handful of verbs.  Two sockets: one for commands,
 * whose answer is there when the call returns (the kernel runs them synchronously), and one for
 * events, for those who watch them.  Layouts and traps are nl_message.c's, which alone includes the
 * kernel's numbers.
 */
#ifndef ISCSID_NL_H
#define ISCSID_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iscsid/nl_stats.h"

struct nl;

/* Open it for commands.  -EPROTONOSUPPORT: the kernel has no iSCSI; -EPERM; -ECONNREFUSED: not the
 * initial network namespace. */
int nl_open(struct nl **ret);
struct nl *nl_close(struct nl *nl);

/* Once: events are heard from now on.  0 or a negative errno. */
int nl_watch(struct nl *nl);

/* The descriptor that says when there are events. */
int nl_event_fd(const struct nl *nl);

/*
 * The transport to use from now on, from /sys/class/iscsi_transport/NAME/handle below sysfs
 * (NULL: /sys).  Read again after -EINVAL of a command (the module was loaded anew).  0, -ENOENT.
 */
int nl_use_transport(struct nl *nl, const char *sysfs, const char *name);

/* CREATE_SESSION.  cmds_max and queue_depth as the kernel takes them.  0 or a negative errno. */
int nl_create_session(struct nl *nl, uint16_t cmds_max, uint16_t queue_depth,
                      uint32_t initial_cmd_sn, uint32_t *ret_sid, uint32_t *ret_host_no);

/* enum iscsi_param of the kernel (scsi/iscsi_if.h); values are text on this ABI. */
enum nl_param {
	NL_PARAM_MAX_RECV_DLENGTH = 0,
	NL_PARAM_MAX_XMIT_DLENGTH = 1,
	NL_PARAM_HDRDGST_EN = 2,
	NL_PARAM_DATADGST_EN = 3,
	NL_PARAM_INITIAL_R2T_EN = 4,
	NL_PARAM_MAX_R2T = 5,
	NL_PARAM_IMM_DATA_EN = 6,
	NL_PARAM_FIRST_BURST = 7,
	NL_PARAM_MAX_BURST = 8,
	NL_PARAM_PDU_INORDER_EN = 9,
	NL_PARAM_DATASEQ_INORDER_EN = 10,
	NL_PARAM_ERL = 11,
	NL_PARAM_EXP_STATSN = 14,
	NL_PARAM_TARGET_NAME = 15,
	NL_PARAM_TPGT = 16,
	NL_PARAM_PERSISTENT_ADDRESS = 17,
	NL_PARAM_PERSISTENT_PORT = 18,
	NL_PARAM_SESS_RECOVERY_TMO = 19,
	NL_PARAM_USERNAME = 22,
	NL_PARAM_USERNAME_IN = 23,
	NL_PARAM_PASSWORD = 24,
	NL_PARAM_PASSWORD_IN = 25,
	NL_PARAM_FAST_ABORT = 26,
	NL_PARAM_ABORT_TMO = 27,
	NL_PARAM_LU_RESET_TMO = 28,
	NL_PARAM_PING_TMO = 30,
	NL_PARAM_RECV_TMO = 31,
	NL_PARAM_IFACE_NAME = 32,
	NL_PARAM_INITIATOR_NAME = 34,
	NL_PARAM_TGT_RESET_TMO = 35,
	NL_PARAM_DISCOVERY_SESS = 43,
};

/* enum iscsi_host_param of the kernel. */
enum nl_host_param {
	NL_HOST_PARAM_HWADDRESS = 0,
	NL_HOST_PARAM_INITIATOR_NAME = 1,
	NL_HOST_PARAM_NETDEV_NAME = 2,
};

/*
 * Several commands in one datagram, as the kernel takes them.  Add in order, then run once:
 * every answer is checked, in both places where the kernel puts errors.
 */
struct nl_batch;
struct nl_batch *nl_batch_new(uint32_t sid, uint32_t cid);
struct nl_batch *nl_batch_free(struct nl_batch *b);
/* Adding never fails visibly: an error (memory, more than 100 commands, a value over 4095 bytes)
 * comes from nl_batch_run(). */
void nl_batch_create_conn(struct nl_batch *b);
void nl_batch_bind(struct nl_batch *b, int fd);
void nl_batch_param(struct nl_batch *b, enum nl_param param, const char *value);
void nl_batch_param_u32(struct nl_batch *b, enum nl_param param, uint32_t value);
void nl_batch_host_param(struct nl_batch *b, uint32_t host_no, enum nl_host_param param,
                         const char *value);
void nl_batch_start(struct nl_batch *b);

/* The requests as they will be sent, one behind the other (borrowed until the next is added). */
const uint8_t *nl_batch_bytes(const struct nl_batch *b, size_t *ret_len);

/*
 * Send all, read all answers.  The kernel executes every command, also those behind one that
 * failed: after an error stop and destroy what was made.  0 when each succeeded; else the first
 * failure's negative errno and in *ret_what (may be NULL; static or borrowed from b) which command
 * it was ("BIND_CONN", "SET_PARAM MAX_BURST").
 */
int nl_batch_run(struct nl *nl, struct nl_batch *b, const char **ret_what);

enum nl_stop {
	NL_STOP_TERM = 1,
	NL_STOP_RECOVER = 3,
};

int nl_stop_conn(struct nl *nl, uint32_t sid, uint32_t cid, enum nl_stop flag);
int nl_destroy_conn(struct nl *nl, uint32_t sid, uint32_t cid);
int nl_unbind_session(struct nl *nl, uint32_t sid);

/* DESTROY_SESSION_ASYNC, or DESTROY_SESSION where the kernel is older. */
int nl_destroy_session(struct nl *nl, uint32_t sid);

/* SEND_PDU: a header of 48 bytes and data (at most 8192). */
int nl_send_pdu(struct nl *nl, uint32_t sid, uint32_t cid, const uint8_t bhs[static 48],
                const void *data, size_t len);

/* GET_STATS: the counters of a connection (nl_stats.h).  0; -EEXIST: there is none. */
int nl_get_stats(struct nl *nl, uint32_t sid, uint32_t cid, nl_stats_take take, void *data);

enum nl_event_type {
	NL_EVENT_RECV_PDU = 101,
	NL_EVENT_CONN_ERROR = 102,
	NL_EVENT_DESTROY_SESSION = 104,
	NL_EVENT_UNBIND_SESSION = 105,
	NL_EVENT_CREATE_SESSION = 106,
	NL_EVENT_PING_COMP = 111,
	NL_EVENT_OVERFLOW = 1, /* ours: events were lost, look at sysfs */
};

struct nl_event {
	enum nl_event_type type;
	uint32_t sid;
	uint32_t cid;
	uint32_t error; /* NL_EVENT_CONN_ERROR: the kernel's enum iscsi_err, 1001... */
	/* NL_EVENT_PING_COMP */
	uint32_t ping_id;
	uint32_t ping_status; /* enum iscsi_ping_status_code: 0, it was answered */
	/* borrowed until the next nl_event_next() */
	const uint8_t *pdu; /* NL_EVENT_RECV_PDU: 48 bytes of header, then data */
	size_t pdu_len;
};

/*
 * "ISCSI_ERR_TCP_CONN_CLOSE: TCP connection closed": the kernel's name and what it means, for the
 * error of NL_EVENT_CONN_ERROR; "unknown error" for one that is not known.
 */
const char *nl_conn_error_text(uint32_t error);

/* The next event.  1 with *ret filled, 0 when none is waiting, or a negative errno.  Unknown types
 * are skipped. */
int nl_event_next(struct nl *nl, struct nl_event *ret);

#endif
