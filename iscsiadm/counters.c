/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/counters.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"

bool counters_next(struct kv_reader *pairs, const char *prefix, struct kv *ret)
{
	size_t len = strlen(prefix);

	while (kv_next(pairs, ret) == 1) {
		if (ret->key_len <= len || memcmp(ret->key, prefix, len) != 0)
			continue;
		ret->key += len;
		ret->key_len -= len;
		return true;
	}
	return false;
}

void counters_print(const struct ipc_message *m, const char *prefix)
{
	struct kv_reader pairs = ipc_message_pairs(m);
	struct kv kv;

	while (counters_next(&pairs, prefix, &kv))
		printf("\t%.*s: %.*s\n", (int)kv.key_len, kv.key, (int)kv.value_len, kv.value);
}

void counters_put(struct json in, const char *key, const struct ipc_message *m, const char *prefix)
{
	struct json group = json_add_object(in, key);
	struct kv_reader pairs = ipc_message_pairs(m);
	struct kv kv;
	char name[64];
	uint64_t n;

	while (counters_next(&pairs, prefix, &kv)) {
		if (kv.key_len >= sizeof(name) ||
		    num_iscsi(kv.value, kv.value_len, UINT64_MAX, &n) < 0)
			continue;
		memcpy(name, kv.key, kv.key_len);
		name[kv.key_len] = '\0';
		json_add_unsigned(group, name, n);
	}
}
