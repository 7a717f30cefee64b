/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between iscsiadm and iscsid: one SOCK_SEQPACKET datagram each, key=value lines.
 *
 *	proto=1			always first
 *	verb=login		request; an answer has reply=progress|item|done instead
 *	id=7			chosen by the client, in every answer to that request
 *	...			keys of the verb; unknown keys are ignored
 *
 * A login or discover request carries its record in the record's own keys ("node.name=...",
 * "iface.net_ifacename=..."), which never clash with the short keys of the protocol.
 * Each request gets any number of progress and item answers and exactly one done, with error=
 * (enum iscsi_err) and, when that is not 0, detail= (a sentence for people).  A progress answer has
 * text= (what is going on, for people).  A daemon that ends answers what is under way with
 * ISCSID_COMM_ERR.
 *
 * login
 *	request: the record; wait=Yes|No (default Yes); fail_fast=Yes (default No): do not try
 *	again what cannot work now
 *	done: sid, host, portal; or status_class, status_detail (RFC 7143 section 11.13.5) when the
 *	target refused
 * logout
 *	request: sid; or, for a session that has none yet, target, address, port, iface;
 *	force=Yes (default No): also if its disks are in use and iscsid.safe_logout refuses that
 * rescan
 *	request: sid; lun, up to 16 times (more, or none: all)
 *	item: lun, disk, change: replaced, replaced-in-use (the number names another disk: disk was
 *	removed, the other one added), removed, gone-in-use (the target has it no more)
 * discover
 *	request: the discovery record (discovery.type: sendtargets or isns) and iface.* keys;
 *	fail_fast as above
 *	item: target, address, port, tpgt; or refused (what was left out and why)
 * probe
 *	request: address, port and iface.* keys
 *	done: error TRANS: the portal takes no connection
 * sessions
 *	request: sid (default: all)
 *	item: sid, state ("NO CHANGE", "REOPEN", ...), connection ("LOGGED IN", ...), target,
 *	address, port, iface, recoveries (since the daemon started), login_usec (unless adopted)
 * stats
 *	request: sid
 *	done: snmp.NAME and extended.NAME, the counters in the kernel's order
 * update
 *	request: sid; keys of the record with their new values
 *	item: reconnect (a key that this once takes effect only then)
 * reconnect
 *	request: sid; the record (default: the one that the session has)
 * chap
 *	request: host (its number); op=show, secrets=Yes (default No); or op=set, index, type
 *	(in, out), username, password; or op=delete, index
 *	item: index, type, username, password_set (Yes, No), password (if asked for)
 *	done: iferror (the kernel's negative errno, when it refused; also of the next four)
 * flashnode
 *	request: host; op=new, portal_type (ipv4, ipv6); or op=delete, login or logout, index; or
 *	op=update, index, keys of the flashnode with their new values
 *	item: index (of a new one)
 * ifaces
 *	request: host; ipv4.NUMBER.NAME and ipv6.NUMBER.NAME, parameters of its interfaces
 * ping
 *	request: host, iface (ipv4.NUMBER, ipv6.NUMBER), address, size
 *	item: status (of the kernel; 0: it was answered), unless nothing was heard
 * hoststats
 *	request: host
 *	item: snmp.NAME and extended.NAME, as of stats
 * monitor
 *	item, as things happen: event (up, down, recovering, recovered, logged-out, login-failed,
 *	disk-added, disk-removed), time (seconds since 1970), sid, target, address, port, iface;
 *	down: detail; login-failed: error, detail; recovering: attempt; disk-*: lun, disk
 *	done: only for a client that does not keep up (AGAIN), or when the daemon ends
 * counters
 *	done: seen.EVENT (how often), login.usec (of all logins), login.le.MSEC (logins that took
 *	at most so long; the last is "inf")
 * failures
 *	item: why a record could not be logged in last: target, address, port, iface, time (seconds
 *	since 1970), attempt, given_up (Yes, No), error, detail
 * config
 *	done: version, config (path), initiatorname
 * stop
 */
#ifndef IPC_MESSAGE_H
#define IPC_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/cursor.h"
#include "lib/base/kv.h"
#include "lib/base/name.h"

enum { IPC_PROTO = 1 };

/* The largest message either side sends or accepts, in bytes. */
enum { IPC_MESSAGE_MAX = 65536 };

#define IPC_SOCKET_PATH "/run/iscsid/control"

enum ipc_reply {
	IPC_REPLY_NONE, /* the message is a request */
	IPC_REPLY_PROGRESS,
	IPC_REPLY_ITEM,
	IPC_REPLY_DONE,
};

/* The head of a message; the other keys are walked with body. */
struct ipc_message {
	enum ipc_reply reply;
	uint32_t proto;
	uint32_t id;
	char verb[32]; /* empty in an answer */
	/* borrowed from the datagram */
	const char *text; /* the whole datagram */
	size_t len;
};

/*
 * Take a datagram apart.  Returns 0; -EBADMSG when it does not start with proto=, lacks
 * verb= or reply= and id=, or has a line that is not key=value; -EPROTONOSUPPORT for a proto
 * number that is not IPC_PROTO (then ret->proto is filled, too).  ret->id is filled for the answer
 * also then, 0 where none was found.
 */
int ipc_message_parse(const char *text, size_t len, struct ipc_message *ret);

/* A reader over all pairs of the message, head included. */
struct kv_reader ipc_message_pairs(const struct ipc_message *m);

/* The value of the first pair named key: 1 with *ret filled, or 0 when there is none. */
int ipc_message_get(const struct ipc_message *m, const char *key, struct kv *ret);

/* Whether it is that text. */
bool ipc_message_is(const struct ipc_message *m, const char *key, const char *text);

/* The same as a text in dst of size bytes; "" when the key is absent or its value does not fit. */
void ipc_message_copy(const struct ipc_message *m, const char *key, char *dst, size_t size);

/* The same with the blanks at its end, which count where a text is shown as it came. */
int ipc_message_get_text(const struct ipc_message *m, const char *key, struct kv *ret);

/* The same as a number; def when the key is absent.  Returns 0, -EINVAL or -ERANGE. */
int ipc_message_get_int(const struct ipc_message *m, const char *key, int min, int max, int def,
                        int *ret);

/*
 * What an item of a discovery says: target, address, port and tpgt, each checked, for they become
 * parts of paths.  0 or -EBADMSG.
 */
int ipc_message_get_target(const struct ipc_message *m, char ret_name[static ISCSI_NAME_SIZE],
                           struct portal *ret_portal);

/* Begin a request or an answer in an empty writer (make it with IPC_MESSAGE_MAX); add pairs with
 * kv_put(). */
void ipc_request_begin(struct writer *w, const char *verb, uint32_t id);
void ipc_reply_begin(struct writer *w, enum ipc_reply reply, uint32_t id);

#endif
