/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A datagram from any client of the control socket. */
#include <errno.h>
#include <string.h>

#include "lib/ipc/message.h"
#include "tests/fuzz/fuzz.h"

static void check_pairs(const struct ipc_message *m)
{
	struct kv_reader r = ipc_message_pairs(m);
	struct kv kv, found;
	int more;

	while ((more = kv_next(&r, &kv)) != 0) {
		char key[64];
		int v;

		MUST(more == 1); /* a message with a line that is no pair was refused */
		MUST(kv.key >= m->text && kv.key + kv.key_len <= m->text + m->len);
		MUST(kv.value >= m->text && kv.value + kv.value_len <= m->text + m->len);
		if (kv.key_len >= sizeof(key))
			continue;
		memcpy(key, kv.key, kv.key_len);
		key[kv.key_len] = '\0';
		MUST(ipc_message_get(m, key, &found) == 1);
		MUST(found.key <= kv.key); /* the first of its name */
		if (ipc_message_get_int(m, key, -5, 5, 0, &v) == 0)
			MUST(v >= -5 && v <= 5);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipc_message m = {.proto = 4711};
	int r = ipc_message_parse((const char *)data, size, &m);

	if (r == -EPROTONOSUPPORT) {
		MUST(m.proto != IPC_PROTO);
		return 0;
	}
	if (r < 0) {
		MUST(r == -EBADMSG && m.proto == 4711);
		return 0;
	}
	MUST(m.proto == IPC_PROTO && m.text == (const char *)data && m.len == size);
	MUST((m.verb[0] != '\0') == (m.reply == IPC_REPLY_NONE));
	MUST(strnlen(m.verb, sizeof(m.verb)) < sizeof(m.verb));
	check_pairs(&m);
	return 0;
}
