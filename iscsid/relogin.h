/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The login of a session whose connection the kernel has already: the peer's PDUs are brought to
 * the kernel (SEND_PDU), which fills in tag and CmdSN, and what it hands up (RECV_PDU) is brought
 * to the peer.  Nothing here looks into them.
 */
#ifndef ISCSID_RELOGIN_H
#define ISCSID_RELOGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iscsid/broker.h"
#include "iscsid/conn.h"
#include "iscsid/loop.h"

struct relogin;

struct relogin_config {
	const struct peer_login *login; /* its purpose is not looked at; borrowed for the call */
	struct portal at;               /* for messages */
	uint64_t timeout_usec;
	/* A PDU of at least ISCSI_BHS_LEN bytes.  0 or a negative errno. */
	int (*send)(void *data, const uint8_t *bytes, size_t len);
	/* LOGGED_IN and REDIRECTED with what the peer reported (done).  May free it. */
	void (*ended)(void *data, const struct conn_result *result);
	void *data; /* borrowed */
};

/* Start one; nothing is called back from in here.  0 or a negative errno. */
int relogin_start(struct loop *loop, struct broker *broker, const struct relogin_config *config,
                  struct relogin **ret);

/* Give up; no callback. */
struct relogin *relogin_free(struct relogin *r);

/* The kernel handed up a login response. */
void relogin_receive(struct relogin *r, const uint8_t *bytes, size_t len);

/* Whether the peer has a response that it has not answered: its verdict is worth waiting for, also
 * when the target has closed the connection behind it. */
bool relogin_pondering(const struct relogin *r);

#endif
