/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/ipc/error.h"

#include <errno.h>

#include "lib/base/macros.h"

static const char *const texts[] = {
#define X(number, name, text) [number] = (text),
	ISCSI_ERRORS(X)
#undef X
};

/* What a negative errno means to whoever reads an exit code. */
static const struct {
	int error;
	enum iscsi_err number;
} errno_map[] = {
	{0, ISCSI_ERR_SUCCESS},
	{ENOMEM, ISCSI_ERR_NOMEM},
	{EINVAL, ISCSI_ERR_INVAL},
	{ERANGE, ISCSI_ERR_INVAL},
	{ENAMETOOLONG, ISCSI_ERR_INVAL},
	{EILSEQ, ISCSI_ERR_INVAL},
	{EACCES, ISCSI_ERR_ACCESS},
	{EPERM, ISCSI_ERR_ACCESS},
	{EBUSY, ISCSI_ERR_BUSY},
	{EAGAIN, ISCSI_ERR_AGAIN},
	{EEXIST, ISCSI_ERR_SESS_EXISTS},
	{EOPNOTSUPP, ISCSI_ERR_OP_NOT_SUPP},
	{EPROTONOSUPPORT, ISCSI_ERR_TRANS_NOT_FOUND},
	{ETIMEDOUT, ISCSI_ERR_TRANS_TIMEOUT},
	{ENOTCONN, ISCSI_ERR_SESSION_NOT_CONNECTED},
	{ECONNREFUSED, ISCSI_ERR_TRANS},
	{ECONNRESET, ISCSI_ERR_TRANS},
	{ECONNABORTED, ISCSI_ERR_TRANS},
	{EPIPE, ISCSI_ERR_TRANS},
	{EHOSTUNREACH, ISCSI_ERR_TRANS},
	{EHOSTDOWN, ISCSI_ERR_TRANS},
	{ENETUNREACH, ISCSI_ERR_TRANS},
	{ENETDOWN, ISCSI_ERR_TRANS},
	{EADDRNOTAVAIL, ISCSI_ERR_TRANS},
};

const char *iscsi_err_text(int number)
{
	if (number < 0 || (size_t)number >= ARRAY_LEN(texts))
		return texts[ISCSI_ERR_UNKNOWN];
	return texts[number];
}

enum iscsi_err iscsi_err_from_errno(int error)
{
	for (size_t i = 0; i < ARRAY_LEN(errno_map); i++)
		if (error == -errno_map[i].error)
			return errno_map[i].number;
	return ISCSI_ERR_UNKNOWN;
}
