/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages of NETLINK_ISCSI as bytes: encoding of requests, decoding of replies and events.
 * Pure: no socket.  Integers are in host order, as netlink has them; the layout is the 64-bit
 * kernel's on every machine.
 */
#ifndef ISCSID_NL_MESSAGE_H
#define ISCSID_NL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "iscsid/nl.h"
#include "lib/base/cursor.h"

/* Requests: enum iscsi_uevent_e of the kernel (scsi/iscsi_if.h). */
enum nl_command {
	NL_COMMAND_CREATE_SESSION = 11,
	NL_COMMAND_DESTROY_SESSION = 12,
	NL_COMMAND_CREATE_CONN = 13,
	NL_COMMAND_DESTROY_CONN = 14,
	NL_COMMAND_BIND_CONN = 15,
	NL_COMMAND_SET_PARAM = 16,
	NL_COMMAND_START_CONN = 17,
	NL_COMMAND_STOP_CONN = 18,
	NL_COMMAND_SEND_PDU = 19,
	NL_COMMAND_GET_STATS = 20,
	NL_COMMAND_SET_HOST_PARAM = 26,
	NL_COMMAND_UNBIND_SESSION = 27,
	NL_COMMAND_SET_IFACE_PARAMS = 31,
	NL_COMMAND_PING = 32,
	NL_COMMAND_GET_CHAP = 33,
	NL_COMMAND_DELETE_CHAP = 34,
	NL_COMMAND_SET_FLASHNODE_PARAMS = 35,
	NL_COMMAND_NEW_FLASHNODE = 36,
	NL_COMMAND_DEL_FLASHNODE = 37,
	NL_COMMAND_LOGIN_FLASHNODE = 38,
	NL_COMMAND_LOGOUT_FLASHNODE = 39,
	NL_COMMAND_LOGOUT_FLASHNODE_SID = 40,
	NL_COMMAND_SET_CHAP = 41,
	NL_COMMAND_GET_HOST_STATS = 42,
	NL_COMMAND_DESTROY_SESSION_ASYNC = 43,
};

/* An interface of an adapter, enum iscsi_iface_type of the kernel. */
enum nl_iface_type { NL_IFACE_IPV4 = 1, NL_IFACE_IPV6 = 2 };

struct nl_iface {
	enum nl_iface_type type;
	uint32_t number;
};

struct nl_ping {
	struct nl_iface iface;
	uint32_t size; /* bytes of its payload */
	uint32_t id;   /* comes back with NL_EVENT_PING_COMP */
	socklen_t to_len;
	struct sockaddr_storage to;
};

/* The most bytes of a message in front of its payload. */
enum { NL_MESSAGE_HEAD = 72 };
/* The longest text of a parameter, without its NUL: the kernel takes a page. */
enum { NL_VALUE_MAX = 4095 };
/* The longest data segment of a SEND_PDU or RECV_PDU, and the header in front of it. */
enum { NL_PDU_HEAD = 48, NL_PDU_DATA_MAX = 8192 };

/*
 * Append one request, padded to 4 bytes, with the transport's handle left 0
 * (nl_message_set_handle()).  Errors are the writer's.
 */
void nl_message_create_session(struct writer *w, uint16_t cmds_max, uint16_t queue_depth,
                               uint32_t initial_cmd_sn);
/* DESTROY_SESSION, DESTROY_SESSION_ASYNC, UNBIND_SESSION. */
void nl_message_session(struct writer *w, enum nl_command command, uint32_t sid);
/* CREATE_CONN, DESTROY_CONN, START_CONN, GET_STATS. */
void nl_message_conn(struct writer *w, enum nl_command command, uint32_t sid, uint32_t cid);
void nl_message_bind(struct writer *w, uint32_t sid, uint32_t cid, int fd);
void nl_message_stop(struct writer *w, uint32_t sid, uint32_t cid, enum nl_stop flag);
void nl_message_param(struct writer *w, uint32_t sid, uint32_t cid, enum nl_param param,
                      const char *value);
void nl_message_host_param(struct writer *w, uint32_t host_no, enum nl_host_param param,
                           const char *value);
/* len at most NL_PDU_DATA_MAX. */
void nl_message_pdu(struct writer *w, uint32_t sid, uint32_t cid,
                    const uint8_t bhs[static NL_PDU_HEAD], const void *data, size_t len);

/* What adapters are asked; GET_CHAP for at most count entries of the table, from first on. */
void nl_message_get_chap(struct writer *w, uint32_t host_no, uint32_t count, uint16_t first);
void nl_message_delete_chap(struct writer *w, uint32_t host_no, uint16_t index);
/* SET_CHAP, GET_HOST_STATS (argument 0), NEW_FLASHNODE (the payload's length), DEL_FLASHNODE,
 * LOGIN_FLASHNODE, LOGOUT_FLASHNODE (the entry's index), LOGOUT_FLASHNODE_SID (the sid),
 * SET_IFACE_PARAMS (how many). */
void nl_message_host(struct writer *w, enum nl_command command, uint32_t host_no, uint32_t argument,
                     const void *payload, size_t len);
/* SET_FLASHNODE_PARAMS of the entry, count of them in the payload. */
void nl_message_set_flashnode(struct writer *w, uint32_t host_no, uint32_t index, uint32_t count,
                              const void *payload, size_t len);
/* PING: size bytes from the host's interface to an address; id comes back with the result. */
void nl_message_ping(struct writer *w, uint32_t host_no, const struct nl_ping *ping);

/* Fill in the transport's handle in all requests that lie one behind the other in len bytes at
 * messages (made by the functions above). */
void nl_message_set_handle(void *messages, size_t len, uint64_t handle);

struct nl_reply {
	int error;        /* 0 or the kernel's negative errno */
	uint32_t sid;     /* CREATE_SESSION */
	uint32_t host_no; /* CREATE_SESSION */
	uint32_t index;   /* NEW_FLASHNODE */
};

/*
 * The answer to a request of type command.  0 with *ret filled; -EPROTO when it is too short or
 * the answer to something else.
 */
int nl_message_reply(const void *message, size_t len, enum nl_command command,
                     struct nl_reply *ret);

/*
 * One event.  1 with *ret filled (pdu borrowed from message); 0 when it is of no concern: an
 * unknown type, somebody's statistics, or too short for what it says it is.
 */
int nl_message_event(const void *message, size_t len, struct nl_event *ret);

/*
 * Whether the message has the statistics of a connection, which come like an event: then *ret is
 * what nl_stats_read() takes, *ret_len bytes, borrowed from message.
 */
bool nl_message_stats(const void *message, size_t len, uint32_t sid, uint32_t cid,
                      const uint8_t **ret, size_t *ret_len);

/*
 * Whether the message is what an adapter says to GET_CHAP or GET_HOST_STATS, which comes like an
 * event: then *ret is its payload, borrowed from message, and *ret_count how many entries it has
 * (GET_CHAP).
 */
bool nl_message_host_answer(const void *message, size_t len, enum nl_command command,
                            uint32_t host_no, const uint8_t **ret, size_t *ret_len,
                            uint32_t *ret_count);

/* The kernel's words, for messages: "BIND_CONN", "MAX_BURST". */
const char *nl_command_name(enum nl_command command);
const char *nl_param_name(enum nl_param param);

#endif
