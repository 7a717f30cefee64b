/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iSCSI names (RFC 7143 section 4.2.7, RFC 3722): the only door through which a name from
 * a target, a user or a file may become part of a path, a record or a message.
 */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* RFC 7143 section 4.2.7.1: an iSCSI name has at most 223 bytes; the NUL comes on top. */
enum { ISCSI_NAME_MAX = 223, ISCSI_NAME_SIZE = ISCSI_NAME_MAX + 1 };

/*
 * Check an iSCSI name of len bytes: type designator iqn., eui. or naa. in its own form;
 * lower-case letters, digits, '-', '.', ':' and, because targets with it exist, '_' and
 * upper-case letters (which RFC 3722 folds or bars; they are harmless in a path); bytes above
 * 0x7f as well-formed UTF-8.  Never true for '/', "..", blanks or control characters.
 * Returns true, or false with a reason for people in *ret_why (static text).
 */
bool iscsi_name_valid(const char *name, size_t len, const char **ret_why);

/*
 * Check the name of an interface record: 1 to 64 bytes, letters, digits and "-._:@+[]%" (there
 * are programs that make one of a portal); not "." or "..". It becomes a file name, and a word of
 * a list.  Returns as above.
 */
bool iface_name_valid(const char *name, size_t len, const char **ret_why);

#endif
