/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What firmware boots from, as text and as node records.  For iscsiadm and iscsistart: nothing is
 * printed here but what is asked for.
 */
#ifndef ISCSIADM_BOOT_RECORD_H
#define ISCSIADM_BOOT_RECORD_H

#include "lib/host/boot.h"
#include "libiscsi-db/iscsi-db.h"

/* Tell the keys of the path, those that firmware says nothing of left out, and their values. */
void boot_walk(const struct boot_path *path, iscsi_db_value to, void *data);

/* Print the path as a block of keys on stdout, those that firmware says nothing of left out;
 * secrets in clear only with show_secrets. */
void boot_print(const struct boot_path *path, bool show_secrets);

/*
 * What a login to a boot disk needs other than usual: time for the network to come up, and no
 * NOPs, for the root disk must outlive what they would end.
 */
int boot_record_patience(struct iscsi_db_record *record);

/*
 * Put the path into a node record: startup onboot, discovery type fw, CHAP where there is a name.
 * With software iSCSI the record is not bound to the NIC: routing knows better by then.  0 or a
 * negative errno.
 */
int boot_record_put(struct iscsi_db_record *record, const struct boot_path *path);

#endif
