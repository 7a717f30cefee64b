/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A discovery by SendTargets or iSNS, from the discovery record to what was found, the node records
 * and logins.
 */
#ifndef ISCSIADM_DISCOVER_H
#define ISCSIADM_DISCOVER_H

#include "iscsiadm/cli.h"

/*
 * Ask the portal or iSNS server of a discovery record for its targets through each interface of -I
 * (else through all interface records of transport tcp, else through "default"); print what was
 * found, write the node records as -o says, and log in with -l.  Exit code, everything said on
 * stderr.
 */
int discover(struct cli *cli, const struct iscsi_db_discovery_id *source,
             const struct iscsi_db_record *record);

#endif
