/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to sessions, as it happens: told to the clients that watch, and counted.
 * Every change of a session's state passes here once, so a client that watches from the start and
 * one that reads the counters agree.
 */
#ifndef ISCSID_EVENTS_H
#define ISCSID_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "iscsid/control.h"
#include "lib/base/list.h"

struct session;

/* Bytes that wait for a client that watches; beyond, it is told that it was too slow, and no more.
 */
enum { EVENTS_QUEUE_MAX = 512 * 1024 };

enum event {
	EVENT_UP,           /* logged in, its LUNs were looked for */
	EVENT_DOWN,         /* the connection broke */
	EVENT_RECOVERING,   /* a new connection is tried */
	EVENT_RECOVERED,    /* logged in again */
	EVENT_LOGGED_OUT,   /* nothing is left of it */
	EVENT_LOGIN_FAILED, /* a login was given up */
	EVENT_DISK_ADDED,
	EVENT_DISK_REMOVED,
	EVENTS_COUNT, /* how many there are */
};

/* Logins by the time that they took: at most so many milliseconds, and any. */
#define EVENTS_LOGIN_BOUNDS_MSEC                                                                   \
	{                                                                                          \
		100, 300, 1000, 3000, 10000, 30000, UINT64_MAX                                     \
	}
enum { EVENTS_LOGIN_BOUNDS = 7 };

struct events {
	struct list_node watchers; /* struct request */
	uint64_t seen[EVENTS_COUNT];
	uint64_t login_usec;                  /* of all logins together */
	uint64_t logins[EVENTS_LOGIN_BOUNDS]; /* each in the first bound that it fits */
};

/* Nobody watches, nothing was seen. */
void events_init(struct events *e);

/* Answer a request with an item an event, from now on, until its client goes away or is too slow.
 */
void events_watch(struct events *e, struct request *request);

/* The name of an event in messages ("up", "login-failed", ...). */
const char *event_name(enum event event);

/*
 * s, whose state was before (enum session_state), has another one now.  conn_error: the kernel's
 * number of what broke the connection, 0 for none.
 */
void events_session(struct events *e, struct session *s, unsigned int before, int conn_error);

/* A disk of the session came or went. */
void events_disk(struct events *e, const struct session *s, bool added, uint64_t lun,
                 const char *disk);

/* Put the counters into an answer (ipc/message.h, verb "counters"). */
void events_put_counters(const struct events *e, struct writer *w);

#endif
