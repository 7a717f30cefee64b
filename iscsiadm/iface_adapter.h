/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interface records and the adapters that they are of: who that is, and what the network of an
 * adapter is told of them.  The network of software iSCSI is the machine's own.
 */
#ifndef ISCSIADM_IFACE_ADAPTER_H
#define ISCSIADM_IFACE_ADAPTER_H

#include "iscsiadm/cli.h"
#include "lib/host/host.h"

/* The value of a key, "" without one (borrowed from the record). */
const char *iface_value(const struct iscsi_db_record *record, const char *key);

/* Read a record.  Exit code; what is wrong is said on stderr. */
int iface_read(struct cli *cli, const char *name, struct iscsi_db_record **ret);

/* Whether the record's sessions are those of software iSCSI. */
bool iface_is_software(const struct iscsi_db_record *record);

/* 4 or 6: the version of IP of the adapter's interface that the record is for. */
int iface_version(const struct iscsi_db_record *record);

/*
 * The host of the record's transport with its hwaddress, net_ifacename or ipaddress: the first of
 * them that it has.  Exit code: 0 with *ret_host_no, or TRANS_NOT_FOUND, said on stderr.
 */
int iface_host(const struct cli *cli, const struct iscsi_db_record *record, int *ret_host_no);

/* -o apply with an interface (NULL: there was none), and -o applyall with -H.  Exit code. */
int iface_apply(struct cli *cli, const char *name);
int iface_apply_all(struct cli *cli);

/* -C ping through an interface (NULL: there was none).  Exit code. */
int iface_ping(struct cli *cli, const char *name);

#endif
