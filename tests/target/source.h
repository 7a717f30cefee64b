/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the loop waits for: a connection, a portal, a client of the control socket.
 */
#ifndef TARGET_SOURCE_H
#define TARGET_SOURCE_H

#include <stdint.h>

struct source {
	/* epoll's events came */
	void (*ready)(struct source *source, uint32_t events);
};

#endif
