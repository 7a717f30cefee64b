/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The public error numbers: exit codes of iscsiadm and the "error" key of every IPC answer.
 */
#ifndef IPC_ERROR_H
#define IPC_ERROR_H

/* X(number, name, text): the table; the numbers and texts are open-iscsi's and never change. */
#define ISCSI_ERRORS(X)                                                                            \
	X(0, SUCCESS, "")                                                                          \
	X(1, UNKNOWN, "unknown error")                                                             \
	X(2, SESS_NOT_FOUND, "session not found")                                                  \
	X(3, NOMEM, "no available memory")                                                         \
	X(4, TRANS, "encountered connection failure")                                              \
	X(5, LOGIN, "encountered iSCSI login failure")                                             \
	X(6, IDBM, "encountered iSCSI database failure")                                           \
	X(7, INVAL, "invalid parameter")                                                           \
	X(8, TRANS_TIMEOUT, "connection timed out")                                                \
	X(9, INTERNAL, "internal error")                                                           \
	X(10, LOGOUT, "encountered iSCSI logout failure")                                          \
	X(11, PDU_TIMEOUT, "iSCSI PDU timed out")                                                  \
	X(12, TRANS_NOT_FOUND,                                                                     \
	  "iSCSI driver not found. Please make sure it is loaded, and retry the operation")        \
	X(13, ACCESS, "daemon access denied")                                                      \
	X(14, TRANS_CAPS, "iSCSI driver does not support requested capability.")                   \
	X(15, SESS_EXISTS, "session exists")                                                       \
	X(16, INVALID_MGMT_REQ, "Unknown request")                                                 \
	X(17, ISNS_UNAVAILABLE, "iSNS service not supported")                                      \
	X(18, ISCSID_COMM_ERR, "could not communicate to iscsid")                                  \
	X(19, FATAL_LOGIN, "encountered non-retryable iSCSI login failure")                        \
	X(20, ISCSID_NOTCONN, "could not connect to iscsid")                                       \
	X(21, NO_OBJS_FOUND, "no objects found")                                                   \
	X(22, SYSFS_LOOKUP, "sysfs lookup failure")                                                \
	X(23, HOST_NOT_FOUND, "host not found")                                                    \
	X(24, LOGIN_AUTH_FAILED, "iSCSI login failed due to authorization failure")                \
	X(25, ISNS_QUERY, "iSNS query failed")                                                     \
	X(26, ISNS_REG_FAILED, "iSNS registration failed")                                         \
	X(27, OP_NOT_SUPP, "operation not supported")                                              \
	X(28, BUSY, "device or resource in use")                                                   \
	X(29, AGAIN, "operation failed but retry may succeed")                                     \
	X(30, UNKNOWN_DISCOVERY_TYPE, "unknown discovery type")                                    \
	X(31, CHILD_TERMINATED, "child process terminated")                                        \
	X(32, SESSION_NOT_CONNECTED, "target likely not connected")                                \
	X(33, REQ_TIMEDOUT, "iscsid request timed out")

enum iscsi_err {
#define X(number, name, text) ISCSI_ERR_##name = (number),
	ISCSI_ERRORS(X)
#undef X
};

/* The text of a number, "unknown error" for one that is not in the table. */
const char *iscsi_err_text(int number);

/* The number that fits a negative errno of ours best (-ENOMEM: NOMEM, -EINVAL: INVAL, ...; else
 * UNKNOWN). */
enum iscsi_err iscsi_err_from_errno(int error);

#endif
