/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of iSCSI sessions, read from sysfs in one pass.  The root of sysfs is
 * a parameter, so that fixtures can stand in.  Every object may vanish while it is read: that is
 * "gone", never an error.
 */
#ifndef HOST_SESSION_H
#define HOST_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOST_TEXT_SIZE = 256 };

/* How much to read: each level costs more system calls a session. */
enum host_detail {
	HOST_DETAIL_LIST,     /* name, portal, tpgt, transport, creator: the flat list */
	HOST_DETAIL_IDENTITY, /* + iface, host number: matching */
	HOST_DETAIL_STATE,    /* + initiator name, states: taking it up */
	HOST_DETAIL_ADDRESS,  /* + addresses at either end: -P 1 */
	HOST_DETAIL_PARAMS,   /* + time-outs, CHAP, negotiated values: -P 2 */
};

enum { HOST_TARGET_STATE_SIZE = 32 };

/* Texts are "" where the kernel has none ("(null)", "<NULL>", no such attribute); numbers -1. */
struct host_session {
	int sid;
	bool has_creator; /* made by a program, and not by the driver by itself */
	char transport[32];
	char target_name[HOST_TEXT_SIZE];
	int tpgt;
	char persistent_address[HOST_TEXT_SIZE];
	int persistent_port;
	/* HOST_DETAIL_IDENTITY */
	int host_no;
	char iface_name[HOST_TEXT_SIZE];
	/* HOST_DETAIL_STATE */
	char initiator_name[HOST_TEXT_SIZE];
	char session_state[32];                    /* LOGGED_IN, FAILED, FREE */
	char target_state[HOST_TARGET_STATE_SIZE]; /* ALLOCATED, SCANNED, UNBINDING, UNBOUND */
	char conn_state[32];                       /* up, down, failed, bound */
	/* HOST_DETAIL_ADDRESS */
	char address[HOST_TEXT_SIZE]; /* "" while the connection is unbound */
	int port;
	char local_address[HOST_TEXT_SIZE]; /* the host's ipaddress */
	char netdev[HOST_TEXT_SIZE];
	char hwaddress[HOST_TEXT_SIZE];
	/* HOST_DETAIL_PARAMS */
	char recovery_tmo[32]; /* seconds or "off" */
	int tgt_reset_tmo, lu_reset_tmo, abort_tmo;
	char username[HOST_TEXT_SIZE], password[HOST_TEXT_SIZE];
	char username_in[HOST_TEXT_SIZE], password_in[HOST_TEXT_SIZE];
	int header_digest, data_digest; /* 0, 1 */
	int max_recv_dlength, max_xmit_dlength;
	int first_burst_len, max_burst_len;
	int immediate_data, initial_r2t, max_outstanding_r2t;
	bool exp_statsn_valid;
	uint32_t exp_statsn;
};

/*
 * All sessions below sysfs (NULL: "/sys"), by ascending sid.  *ret is allocated (NULL when
 * *ret_count is 0); the caller frees it.  No iSCSI in the kernel counts as no sessions.  0 or
 * a negative errno.
 */
int host_sessions(const char *sysfs, enum host_detail detail, struct host_session **ret,
                  size_t *ret_count);

/* One session.  0, -ENOENT when there is none. */
int host_session_read(const char *sysfs, int sid, enum host_detail detail,
                      struct host_session *ret);

/*
 * Just its target_state; "" where the kernel does not tell.  0, -ENOENT when there is no such
 * session, or another negative errno when that could not be found out.
 */
int host_session_target_state(const char *sysfs, int sid,
                              char ret_state[static HOST_TARGET_STATE_SIZE]);

enum { HOST_DISK_SIZE = 32 }; /* the kernel's DISK_NAME_LEN */

/* A LUN of a session. */
struct host_lun {
	int channel, id;
	uint64_t lun;
	char disk[HOST_DISK_SIZE]; /* "sda", "" when no disk driver has it */
	char state[32];            /* running, blocked, ... */
};

/* The LUNs of a session, by channel, id, lun; *ret allocated, the caller frees it.  0 or a negative
 * errno. */
int host_session_luns(const char *sysfs, const struct host_session *s, struct host_lun **ret,
                      size_t *ret_count);

/* A SCSI address as sysfs spells it, "3:0:0:12", into *ret, whose texts are then "".  False: it is
 * none. */
bool host_lun_address(const char *name, struct host_lun *ret);

/* Whether the disk driver makes a block device of a LUN, which may not be there yet. */
bool host_lun_is_disk(const char *sysfs, const struct host_session *s, const struct host_lun *lun);

/* State of SCSI host N (scsi_host/hostN/state): the length of the text, or a negative errno. */
int host_state(const char *sysfs, int host_no, char *dst, size_t size);

/*
 * The iSCSI host whose interface has the hardware address (two hexadecimal digits a byte, in either
 * case, as iscsi_host/hostN/hwaddress has it).  0 or -ENOENT.
 */
int host_by_hwaddress(const char *sysfs, const char *hwaddress, int *ret_host_no);

/*
 * The sid that "7" means (whether there is one or not), or a path to a session's folder in sysfs or
 * one below it.  0; -EINVAL: the number 0, or a folder that belongs to no session; -ENOENT;
 * -ENOTDIR.
 */
int host_sid_from_text(const char *sysfs, const char *text, int *ret_sid);

/* The version of scsi_transport_iscsi, "" when it is not loaded. */
void host_transport_version(const char *sysfs, char *dst, size_t size);

#endif
