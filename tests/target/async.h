/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asynchronous messages (RFC 7143 11.9).
 */
#ifndef TARGET_ASYNC_H
#define TARGET_ASYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;

struct async_message {
	uint8_t event; /* enum iscsi_async_event, or any other */
	uint8_t vcode;
	uint16_t param[3];
	uint16_t lun;
	/* borrowed */
	const uint8_t *data; /* for a SCSI event: its length in two bytes, then sense data */
	size_t len;
};

/* Send it, where the connection is in its full feature phase; returns whether it was sent. */
bool async_send(struct conn *c, const struct async_message *m);

#endif
