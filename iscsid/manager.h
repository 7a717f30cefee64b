/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manager: the one context object that everything in the privileged process hangs on.
 */
#ifndef ISCSID_MANAGER_H
#define ISCSID_MANAGER_H

#include <limits.h>
#include <stdbool.h>

#include "iscsid/broker.h"
#include "iscsid/control.h"
#include "iscsid/diskwatch.h"
#include "iscsid/events.h"
#include "iscsid/loop.h"
#include "iscsid/netwatch.h"
#include "iscsid/transport.h"
#include "iscsid/unattended.h"
#include "lib/base/list.h"
#include "lib/base/name.h"

struct session;

struct manager {
	struct loop *loop;
	struct broker *broker;
	struct transport *transport;
	struct control *control;
	struct events events;
	struct unattended unattended;
	struct loop_source *look_again;  /* timer: sysfs could not be read for lost events */
	struct netwatch *netwatch;       /* NULL: the kernel has no rtnetlink */
	struct diskwatch *diskwatch;     /* NULL: the kernel does not tell of devices */
	struct list_node sessions;       /* struct session */
	struct list_node discoveries;    /* struct discovery */
	struct list_node probes_waiting; /* struct probe, behind probes_count under way */
	unsigned int probes_count;
	struct list_node host_acts; /* host_act.c's, those under way first */
	bool safe_logout;           /* of a session in use is refused */
	bool strangers; /* the kernel has sessions that somebody else made: adopt_all() */
	char initiator_name[ISCSI_NAME_SIZE]; /* "": none configured */
	char initiator_alias[256];
	char state_folder[PATH_MAX];   /* run_state.h */
	char failure_folder[PATH_MAX]; /* failure.h */
	/* borrowed */
	const char *sysfs; /* NULL: /sys */
	const char *proc;  /* NULL: /proc */
	const char *config_path;
	const char *database;  /* NULL: the built-in place */
	const char *fips_file; /* auth.h */
};

struct manager_config {
	int listener;        /* the control socket, owned from now on, also on failure */
	const char *run_dir; /* a folder in memory; state goes below it */
	const char *sysfs;   /* NULL: /sys */
	const char *proc;    /* NULL: /proc */
	const char *config_path;
	const char *database;        /* of the records; NULL: the built-in place */
	const char *fips_file;       /* NULL: AUTH_FIPS_FILE */
	const char *initiator_name;  /* "": none */
	const char *initiator_alias; /* "": none */
	bool safe_logout;            /* iscsid.safe_logout */
	bool ends_when_idle;         /* the loop ends when the last client has gone: for boot */
};

/*
 * Set up everything and adopt the sessions that the kernel has.  config's texts are borrowed as
 * long as m is used.  0, or a negative errno with what failed in *ret_what (static text); nothing
 * is left then.
 */
int manager_init(struct manager *m, struct loop *loop, const struct manager_config *config,
                 const char **ret_what);

/* Drop all clients and logins under way; the kernel's sessions stay. */
void manager_done(struct manager *m);

/* Make session objects of the kernel's sessions that have none yet, but of what looks like a login
 * that another program is at. */
void manager_adopt(struct manager *m);

/* The session with the kernel's number sid, whatever it looks like.  NULL: there is none. */
struct session *manager_session(struct manager *m, uint32_t sid);

#endif
