/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bare initiator for measurements: one connection, its login and logout, PDUs in and out.
 */
#ifndef BENCH_TARGET_CLIENT_H
#define BENCH_TARGET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/cursor.h"
#include "lib/proto/params.h"
#include "lib/proto/pdu.h"

struct client {
	int fd;
	struct pdu_stream *in;
	struct writer out; /* what waits to be sent, from sent on */
	size_t sent;
	struct iscsi_params params;
	uint32_t cmd_sn, exp_stat_sn;
};

/*
 * Connect to "ADDRESS:PORT" and log in; number tells sessions apart by their ISID.  Returns 0 or a
 * negative errno: -ECONNREFUSED as long as nobody listens, -EPROTO when the login failed.
 */
int client_login(struct client *c, const char *portal, const char *target, uint16_t number);

/* Log out and close; 0 or a negative errno. */
int client_logout(struct client *c);
void client_done(struct client *c);

/* Queue a PDU; send what the socket takes.  client_flush(): 0 or a negative errno. */
void client_put(struct client *c, const struct pdu *pdu);
int client_flush(struct client *c);
bool client_waits(const struct client *c);

/* Wait until there is something to read, or until it can be written to. */
void client_wait(const struct client *c);

/* Read once and give every whole PDU to take(); 0 or a negative errno. */
int client_read(struct client *c, void (*take)(struct client *c, const struct pdu *pdu, void *data),
                void *data);

#endif
