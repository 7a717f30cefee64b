/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The logins of iscsistart, all at once. */
#ifndef ISCSISTART_LOGIN_H
#define ISCSISTART_LOGIN_H

#include "iscsistart/options.h"
#include "lib/host/boot.h"
#include "libiscsi-db/iscsi-db.h"

/* Log in as the options say.  Exit code: 0, 1 for a failure, 7 for a -P that cannot be. */
int login_by_options(const struct options *o);

/*
 * Log in to all paths.  One that works is enough to boot: then the others get a few seconds more.
 * Exit code: 0 when there is a session to at least one.
 */
int login_by_firmware(const struct options *o, const struct boot_path *paths, size_t count);

#endif
