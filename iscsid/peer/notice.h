/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a PDU says that the kernel handed up from a live session. */
#ifndef ISCSID_PEER_NOTICE_H
#define ISCSID_PEER_NOTICE_H

#include <stddef.h>
#include <stdint.h>

#include "iscsid/peermsg.h"

/* len: at least ISCSI_BHS_LEN.  The head of *ret is left empty. */
void notice_read(const uint8_t *bytes, size_t len, struct peer_notice *ret);

#endif
