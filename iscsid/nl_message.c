/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's structures (scsi/iscsi_if.h), spelled out here because few systems install that
 * header and because there is no compat layer: a 32-bit program has to use the 64-bit layout, so
 * every hole is a member and every offset is asserted.
 *
 * Traps: a request's type stands in two places and both count.  A refused request comes back with
 * type 103 and iferror; but what BIND, START and SEND_PDU fail at inside the driver comes back
 * like a success, with r.retcode.  Events other than RECV_PDU are not zeroed: only the members
 * read below are valid.  DESTROY_SESSION has its two numbers the other way round.
 */
#include "iscsid/nl_message.h"

#include <errno.h>
#include <string.h>
#include <linux/netlink.h>

#include "lib/base/macros.h"

/* uevent.type of a refused request */
enum { IF_ERROR = 103 };

struct uevent {
	uint32_t type;
	uint32_t iferror;
	uint64_t transport_handle;
	union {
		struct {
			uint32_t initial_cmdsn;
			uint16_t cmds_max;
			uint16_t queue_depth;
		} create_session;
		struct {
			uint32_t sid;
			uint32_t cid;
		} conn; /* and, without cid, session */
		struct {
			uint32_t sid;
			uint32_t cid;
			uint64_t transport_eph;
			uint32_t is_leading;
			uint32_t pad;
		} bind_conn;
		struct {
			uint32_t sid;
			uint32_t cid;
			uint64_t conn_handle;
			uint32_t flag;
			uint32_t pad;
		} stop_conn;
		struct {
			uint32_t sid;
			uint32_t cid;
			uint32_t hdr_size;
			uint32_t data_size;
		} send_pdu;
		struct {
			uint32_t sid;
			uint32_t cid;
			uint32_t param;
			uint32_t len;
		} set_param;
		struct {
			uint32_t host_no;
			uint32_t param;
			uint32_t len;
		} set_host_param;
		struct {
			uint32_t host_no;
			uint32_t num_entries;
			uint16_t chap_tbl_idx;
		} get_chap;
		struct {
			uint32_t host_no;
			uint16_t chap_tbl_idx;
		} delete_chap;
		struct {
			uint32_t host_no;
			uint32_t argument; /* len, flashnode_idx, sid or, of interfaces, count */
			uint32_t count;    /* SET_FLASHNODE_PARAMS */
		} host;
		struct {
			uint32_t host_no;
			uint32_t iface_num;
			uint32_t iface_type;
			uint32_t payload_size;
			uint32_t pid;
		} ping;
		uint64_t room[3];
	} u;
	union {
		int32_t retcode;
		struct {
			uint32_t sid;
			uint32_t host_no;
		} session; /* CREATE_SESSION's reply and event, UNBIND_SESSION */
		struct {
			uint32_t host_no;
			uint32_t sid;
		} destroy_session;
		struct {
			uint32_t sid;
			uint32_t cid;
			uint32_t error; /* CONN_ERROR only */
		} conn;                 /* RECV_PDU, CONN_ERROR */
		uint32_t flashnode_idx;
		struct {
			uint32_t host_no;
			uint32_t status;
			uint32_t pid;
			uint32_t data_size;
		} ping_comp;
		uint64_t room[2];
	} r;
};

struct message {
	struct nlmsghdr nlh;
	struct uevent ev;
};

_Static_assert(sizeof(struct nlmsghdr) == 16, "netlink's header");
_Static_assert(sizeof(struct uevent) == 56, "size of the event");
_Static_assert(sizeof(struct message) == NL_MESSAGE_HEAD, "payload follows at once");
_Static_assert(offsetof(struct uevent, transport_handle) == 8, "handle");
_Static_assert(offsetof(struct uevent, u) == 16, "request arguments");
_Static_assert(offsetof(struct uevent, u.create_session.cmds_max) == 20, "cmds_max");
_Static_assert(offsetof(struct uevent, u.bind_conn.transport_eph) == 24, "descriptor");
_Static_assert(offsetof(struct uevent, u.bind_conn.is_leading) == 32, "is_leading");
_Static_assert(offsetof(struct uevent, u.stop_conn.flag) == 32, "stop flag");
_Static_assert(offsetof(struct uevent, u.send_pdu.data_size) == 28, "data_size");
_Static_assert(offsetof(struct uevent, u.set_param.len) == 28, "length of a parameter");
_Static_assert(offsetof(struct uevent, u.set_host_param.len) == 24, "length of a parameter");
_Static_assert(offsetof(struct uevent, u.get_chap.chap_tbl_idx) == 24, "index of GET_CHAP");
_Static_assert(offsetof(struct uevent, u.delete_chap.chap_tbl_idx) == 20, "index of DELETE_CHAP");
_Static_assert(offsetof(struct uevent, u.host.argument) == 20, "argument of a host's request");
_Static_assert(offsetof(struct uevent, u.host.count) == 24, "number of parameters");
_Static_assert(offsetof(struct uevent, u.ping.pid) == 32, "id of a ping");
_Static_assert(offsetof(struct uevent, r) == 40, "reply arguments");
_Static_assert(offsetof(struct uevent, r.ping_comp.pid) == 48, "id of a ping");
_Static_assert(offsetof(struct uevent, r.conn.error) == 48, "error");

static struct message message_make(enum nl_command command, size_t payload)
{
	return (struct message){
		.nlh = {.nlmsg_len = (uint32_t)(NL_MESSAGE_HEAD + payload),
	                .nlmsg_type = (uint16_t)command,
	                .nlmsg_flags = NLM_F_REQUEST},
		.ev = {.type = command},
	};
}

static void put(struct writer *w, const struct message *m, const void *payload, size_t len)
{
	writer_bytes(w, m, sizeof(*m));
	writer_bytes(w, payload, len);
	writer_zeros(w, NLMSG_ALIGN(len) - len);
}

void nl_message_create_session(struct writer *w, uint16_t cmds_max, uint16_t queue_depth,
                               uint32_t initial_cmd_sn)
{
	struct message m = message_make(NL_COMMAND_CREATE_SESSION, 0);

	m.ev.u.create_session.initial_cmdsn = initial_cmd_sn;
	m.ev.u.create_session.cmds_max = cmds_max;
	m.ev.u.create_session.queue_depth = queue_depth;
	put(w, &m, NULL, 0);
}

void nl_message_session(struct writer *w, enum nl_command command, uint32_t sid)
{
	nl_message_conn(w, command, sid, 0);
}

void nl_message_conn(struct writer *w, enum nl_command command, uint32_t sid, uint32_t cid)
{
	struct message m = message_make(command, 0);

	m.ev.u.conn.sid = sid;
	m.ev.u.conn.cid = cid;
	put(w, &m, NULL, 0);
}

void nl_message_bind(struct writer *w, uint32_t sid, uint32_t cid, int fd)
{
	struct message m = message_make(NL_COMMAND_BIND_CONN, 0);

	m.ev.u.bind_conn.sid = sid;
	m.ev.u.bind_conn.cid = cid;
	m.ev.u.bind_conn.transport_eph = (uint64_t)fd;
	m.ev.u.bind_conn.is_leading = 1;
	put(w, &m, NULL, 0);
}

void nl_message_stop(struct writer *w, uint32_t sid, uint32_t cid, enum nl_stop flag)
{
	struct message m = message_make(NL_COMMAND_STOP_CONN, 0);

	m.ev.u.stop_conn.sid = sid;
	m.ev.u.stop_conn.cid = cid;
	m.ev.u.stop_conn.flag = flag;
	put(w, &m, NULL, 0);
}

void nl_message_param(struct writer *w, uint32_t sid, uint32_t cid, enum nl_param param,
                      const char *value)
{
	size_t len = strlen(value) + 1;
	struct message m = message_make(NL_COMMAND_SET_PARAM, len);

	m.ev.u.set_param.sid = sid;
	m.ev.u.set_param.cid = cid;
	m.ev.u.set_param.param = param;
	m.ev.u.set_param.len = (uint32_t)len;
	put(w, &m, value, len);
}

void nl_message_host_param(struct writer *w, uint32_t host_no, enum nl_host_param param,
                           const char *value)
{
	size_t len = strlen(value) + 1;
	struct message m = message_make(NL_COMMAND_SET_HOST_PARAM, len);

	m.ev.u.set_host_param.host_no = host_no;
	m.ev.u.set_host_param.param = param;
	m.ev.u.set_host_param.len = (uint32_t)len;
	put(w, &m, value, len);
}

void nl_message_pdu(struct writer *w, uint32_t sid, uint32_t cid,
                    const uint8_t bhs[static NL_PDU_HEAD], const void *data, size_t len)
{
	struct message m = message_make(NL_COMMAND_SEND_PDU, NL_PDU_HEAD + len);

	m.ev.u.send_pdu.sid = sid;
	m.ev.u.send_pdu.cid = cid;
	m.ev.u.send_pdu.hdr_size = NL_PDU_HEAD;
	m.ev.u.send_pdu.data_size = (uint32_t)len;
	writer_bytes(w, &m, sizeof(m));
	writer_bytes(w, bhs, NL_PDU_HEAD);
	writer_bytes(w, data, len);
	writer_zeros(w, NLMSG_ALIGN(len) - len);
}

void nl_message_get_chap(struct writer *w, uint32_t host_no, uint32_t count, uint16_t first)
{
	struct message m = message_make(NL_COMMAND_GET_CHAP, 0);

	m.ev.u.get_chap.host_no = host_no;
	m.ev.u.get_chap.num_entries = count;
	m.ev.u.get_chap.chap_tbl_idx = first;
	put(w, &m, NULL, 0);
}

void nl_message_delete_chap(struct writer *w, uint32_t host_no, uint16_t index)
{
	struct message m = message_make(NL_COMMAND_DELETE_CHAP, 0);

	m.ev.u.delete_chap.host_no = host_no;
	m.ev.u.delete_chap.chap_tbl_idx = index;
	put(w, &m, NULL, 0);
}

void nl_message_host(struct writer *w, enum nl_command command, uint32_t host_no, uint32_t argument,
                     const void *payload, size_t len)
{
	struct message m = message_make(command, len);

	m.ev.u.host.host_no = host_no;
	m.ev.u.host.argument = argument;
	put(w, &m, payload, len);
}

void nl_message_set_flashnode(struct writer *w, uint32_t host_no, uint32_t index, uint32_t count,
                              const void *payload, size_t len)
{
	struct message m = message_make(NL_COMMAND_SET_FLASHNODE_PARAMS, len);

	m.ev.u.host.host_no = host_no;
	m.ev.u.host.argument = index;
	m.ev.u.host.count = count;
	put(w, &m, payload, len);
}

void nl_message_ping(struct writer *w, uint32_t host_no, const struct nl_ping *ping)
{
	struct message m = message_make(NL_COMMAND_PING, ping->to_len);

	m.ev.u.ping.host_no = host_no;
	m.ev.u.ping.iface_num = ping->iface.number;
	m.ev.u.ping.iface_type = ping->iface.type;
	m.ev.u.ping.payload_size = ping->size;
	m.ev.u.ping.pid = ping->id;
	put(w, &m, &ping->to, ping->to_len);
}

void nl_message_set_handle(void *messages, size_t len, uint64_t handle)
{
	uint8_t *at = messages;

	while (len >= NL_MESSAGE_HEAD) {
		struct message m;
		size_t step;

		memcpy(&m, at, sizeof(m));
		m.ev.transport_handle = handle;
		memcpy(at, &m, sizeof(m));
		step = MIN(len, (size_t)NLMSG_ALIGN(m.nlh.nlmsg_len));
		at += step;
		len -= step;
	}
}

/* Reads the head of a message that came; the payload must lie within the len bytes. */
static int read_head(struct cursor *c, struct message *ret)
{
	struct message m;

	if (cursor_copy(c, &m, sizeof(m)) < 0 || m.nlh.nlmsg_len < sizeof(m) ||
	    m.nlh.nlmsg_len - sizeof(m) > cursor_left(c))
		return -EPROTO;
	*ret = m;
	return 0;
}

static bool has_retcode(enum nl_command command)
{
	return command == NL_COMMAND_BIND_CONN || command == NL_COMMAND_START_CONN ||
	       command == NL_COMMAND_SEND_PDU;
}

/* An error of the kernel's, or -EPROTO for a number that is none. */
static int kernel_error(int32_t error)
{
	return error < 0 && error > -4096 ? error : -EPROTO;
}

int nl_message_reply(const void *message, size_t len, enum nl_command command, struct nl_reply *ret)
{
	struct cursor c = cursor_make(message, len);
	struct nl_reply reply = {0};
	struct message m;

	if (read_head(&c, &m) < 0 || m.nlh.nlmsg_type != command)
		return -EPROTO;
	if (m.ev.type == IF_ERROR)
		reply.error = kernel_error((int32_t)m.ev.iferror);
	else if (m.ev.type != command)
		return -EPROTO;
	else if (m.ev.iferror != 0)
		reply.error = kernel_error((int32_t)m.ev.iferror);
	else if (has_retcode(command) && m.ev.r.retcode != 0)
		reply.error = kernel_error(m.ev.r.retcode);
	if (reply.error == 0 && command == NL_COMMAND_CREATE_SESSION) {
		reply.sid = m.ev.r.session.sid;
		reply.host_no = m.ev.r.session.host_no;
	}
	if (reply.error == 0 && command == NL_COMMAND_NEW_FLASHNODE)
		reply.index = m.ev.r.flashnode_idx;
	*ret = reply;
	return 0;
}

int nl_message_event(const void *message, size_t len, struct nl_event *ret)
{
	struct cursor c = cursor_make(message, len);
	struct nl_event event = {0};
	struct message m;

	/* events have no netlink type: what has one is a reply */
	if (read_head(&c, &m) < 0 || m.nlh.nlmsg_type != 0)
		return 0;
	switch (m.ev.type) {
	case NL_EVENT_RECV_PDU:
		event.sid = m.ev.r.conn.sid;
		event.cid = m.ev.r.conn.cid;
		event.pdu_len = m.nlh.nlmsg_len - sizeof(m);
		if (event.pdu_len < NL_PDU_HEAD || cursor_bytes(&c, event.pdu_len, &event.pdu) < 0)
			return 0;
		break;
	case NL_EVENT_CONN_ERROR:
		event.sid = m.ev.r.conn.sid;
		event.cid = m.ev.r.conn.cid;
		event.error = m.ev.r.conn.error;
		break;
	case NL_EVENT_DESTROY_SESSION: event.sid = m.ev.r.destroy_session.sid; break;
	case NL_EVENT_UNBIND_SESSION:
	case NL_EVENT_CREATE_SESSION: event.sid = m.ev.r.session.sid; break;
	case NL_EVENT_PING_COMP:
		event.ping_id = m.ev.r.ping_comp.pid;
		event.ping_status = m.ev.r.ping_comp.status;
		break;
	default: /* the kernel's number, not an enum of ours */ return 0;
	}
	event.type = (enum nl_event_type)m.ev.type;
	*ret = event;
	return 1;
}

bool nl_message_stats(const void *message, size_t len, uint32_t sid, uint32_t cid,
                      const uint8_t **ret, size_t *ret_len)
{
	struct cursor c = cursor_make(message, len);
	struct message m;

	if (read_head(&c, &m) < 0 || m.nlh.nlmsg_type != 0 || m.ev.type != NL_COMMAND_GET_STATS ||
	    m.ev.u.conn.sid != sid || m.ev.u.conn.cid != cid)
		return false;
	*ret_len = m.nlh.nlmsg_len - sizeof(m);
	return cursor_bytes(&c, *ret_len, ret) == 0;
}

bool nl_message_host_answer(const void *message, size_t len, enum nl_command command,
                            uint32_t host_no, const uint8_t **ret, size_t *ret_len,
                            uint32_t *ret_count)
{
	struct cursor c = cursor_make(message, len);
	struct message m;

	if (read_head(&c, &m) < 0 || m.nlh.nlmsg_type != 0 || m.ev.type != command ||
	    m.ev.u.host.host_no != host_no)
		return false;
	*ret_len = m.nlh.nlmsg_len - sizeof(m);
	*ret_count = command == NL_COMMAND_GET_CHAP ? m.ev.u.get_chap.num_entries : 0;
	return cursor_bytes(&c, *ret_len, ret) == 0;
}

const char *nl_command_name(enum nl_command command)
{
	switch (command) {
	case NL_COMMAND_CREATE_SESSION: return "CREATE_SESSION";
	case NL_COMMAND_DESTROY_SESSION: return "DESTROY_SESSION";
	case NL_COMMAND_CREATE_CONN: return "CREATE_CONN";
	case NL_COMMAND_DESTROY_CONN: return "DESTROY_CONN";
	case NL_COMMAND_BIND_CONN: return "BIND_CONN";
	case NL_COMMAND_SET_PARAM: return "SET_PARAM";
	case NL_COMMAND_START_CONN: return "START_CONN";
	case NL_COMMAND_STOP_CONN: return "STOP_CONN";
	case NL_COMMAND_SEND_PDU: return "SEND_PDU";
	case NL_COMMAND_GET_STATS: return "GET_STATS";
	case NL_COMMAND_SET_HOST_PARAM: return "SET_HOST_PARAM";
	case NL_COMMAND_UNBIND_SESSION: return "UNBIND_SESSION";
	case NL_COMMAND_SET_IFACE_PARAMS: return "SET_IFACE_PARAMS";
	case NL_COMMAND_PING: return "PING";
	case NL_COMMAND_GET_CHAP: return "GET_CHAP";
	case NL_COMMAND_DELETE_CHAP: return "DELETE_CHAP";
	case NL_COMMAND_SET_FLASHNODE_PARAMS: return "SET_FLASHNODE_PARAMS";
	case NL_COMMAND_NEW_FLASHNODE: return "NEW_FLASHNODE";
	case NL_COMMAND_DEL_FLASHNODE: return "DEL_FLASHNODE";
	case NL_COMMAND_LOGIN_FLASHNODE: return "LOGIN_FLASHNODE";
	case NL_COMMAND_LOGOUT_FLASHNODE: return "LOGOUT_FLASHNODE";
	case NL_COMMAND_LOGOUT_FLASHNODE_SID: return "LOGOUT_FLASHNODE_SID";
	case NL_COMMAND_SET_CHAP: return "SET_CHAP";
	case NL_COMMAND_GET_HOST_STATS: return "GET_HOST_STATS";
	case NL_COMMAND_DESTROY_SESSION_ASYNC: return "DESTROY_SESSION_ASYNC";
	}
	return "unknown command";
}

const char *nl_param_name(enum nl_param param)
{
	static const char *const names[] = {
		[NL_PARAM_MAX_RECV_DLENGTH] = "MAX_RECV_DLENGTH",
		[NL_PARAM_MAX_XMIT_DLENGTH] = "MAX_XMIT_DLENGTH",
		[NL_PARAM_HDRDGST_EN] = "HDRDGST_EN",
		[NL_PARAM_DATADGST_EN] = "DATADGST_EN",
		[NL_PARAM_INITIAL_R2T_EN] = "INITIAL_R2T_EN",
		[NL_PARAM_MAX_R2T] = "MAX_R2T",
		[NL_PARAM_IMM_DATA_EN] = "IMM_DATA_EN",
		[NL_PARAM_FIRST_BURST] = "FIRST_BURST",
		[NL_PARAM_MAX_BURST] = "MAX_BURST",
		[NL_PARAM_PDU_INORDER_EN] = "PDU_INORDER_EN",
		[NL_PARAM_DATASEQ_INORDER_EN] = "DATASEQ_INORDER_EN",
		[NL_PARAM_ERL] = "ERL",
		[NL_PARAM_EXP_STATSN] = "EXP_STATSN",
		[NL_PARAM_TARGET_NAME] = "TARGET_NAME",
		[NL_PARAM_TPGT] = "TPGT",
		[NL_PARAM_PERSISTENT_ADDRESS] = "PERSISTENT_ADDRESS",
		[NL_PARAM_PERSISTENT_PORT] = "PERSISTENT_PORT",
		[NL_PARAM_SESS_RECOVERY_TMO] = "SESS_RECOVERY_TMO",
		[NL_PARAM_USERNAME] = "USERNAME",
		[NL_PARAM_USERNAME_IN] = "USERNAME_IN",
		[NL_PARAM_PASSWORD] = "PASSWORD",
		[NL_PARAM_PASSWORD_IN] = "PASSWORD_IN",
		[NL_PARAM_FAST_ABORT] = "FAST_ABORT",
		[NL_PARAM_ABORT_TMO] = "ABORT_TMO",
		[NL_PARAM_LU_RESET_TMO] = "LU_RESET_TMO",
		[NL_PARAM_PING_TMO] = "PING_TMO",
		[NL_PARAM_RECV_TMO] = "RECV_TMO",
		[NL_PARAM_IFACE_NAME] = "IFACE_NAME",
		[NL_PARAM_INITIATOR_NAME] = "INITIATOR_NAME",
		[NL_PARAM_TGT_RESET_TMO] = "TGT_RESET_TMO",
		[NL_PARAM_DISCOVERY_SESS] = "DISCOVERY_SESS",
	};

	return (size_t)param < ARRAY_LEN(names) && names[param] ? names[param] : "unknown";
}

const char *nl_conn_error_text(uint32_t error)
{
	enum { FIRST = 1001 };
	static const char *const texts[] = {
		"ISCSI_ERR_DATASN: unexpected DataSN",
		"ISCSI_ERR_DATA_OFFSET: data offset outside the transfer",
		"ISCSI_ERR_MAX_CMDSN: MaxCmdSN out of range",
		"ISCSI_ERR_EXP_CMDSN: ExpCmdSN out of range",
		"ISCSI_ERR_BAD_OPCODE: unexpected opcode",
		"ISCSI_ERR_DATALEN: data segment longer than allowed",
		"ISCSI_ERR_AHSLEN: unexpected additional header segment",
		"ISCSI_ERR_PROTO: protocol violation",
		"ISCSI_ERR_LUN: wrong LUN",
		"ISCSI_ERR_BAD_ITT: unknown Initiator Task Tag",
		"ISCSI_ERR_CONN_FAILED: connection failed",
		"ISCSI_ERR_R2TSN: unexpected R2TSN or length",
		"ISCSI_ERR_SESSION_FAILED: session failed",
		"ISCSI_ERR_HDR_DGST: header digest mismatch",
		"ISCSI_ERR_DATA_DGST: data digest mismatch",
		"ISCSI_ERR_PARAM_NOT_FOUND: unknown parameter",
		"ISCSI_ERR_NO_SCSI_CMD: answer to no SCSI command",
		"ISCSI_ERR_INVALID_HOST: the SCSI host is going away",
		"ISCSI_ERR_XMIT_FAILED: sending failed",
		"ISCSI_ERR_TCP_CONN_CLOSE: TCP connection closed",
		"ISCSI_ERR_SCSI_EH_SESSION_RST: SCSI error handling dropped the session",
		"ISCSI_ERR_NOP_TIMEDOUT: A NOP has timed out",
	};

	if (error < FIRST || error - FIRST >= ARRAY_LEN(texts))
		return "unknown error";
	return texts[error - FIRST];
}
