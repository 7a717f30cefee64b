/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --set: our half of the negotiation, a row a key.
 */
#include <errno.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/proto/iscsi.h"
#include "tests/target/options_parser.h"

static int set_bool(void *at, const char *value)
{
	if (strcmp(value, "Yes") != 0 && strcmp(value, "No") != 0)
		return -EINVAL;
	*(bool *)at = value[0] == 'Y';
	return 0;
}

static int set_length(void *at, const char *value)
{
	return num_u32(value, 512, ISCSI_DATA_SEGMENT_MAX, at);
}

static int set_seconds(void *at, const char *value)
{
	return num_u32(value, 0, 3600, at);
}

static int set_digest(void *at, const char *value)
{
	static const struct {
		const char *text;
		struct iscsi_digest_list list;
	} lists[] = {
		{"None", {{ISCSI_DIGEST_NONE}}},
		{"CRC32C", {{ISCSI_DIGEST_CRC32C}}},
		{"None,CRC32C", {{ISCSI_DIGEST_NONE, ISCSI_DIGEST_CRC32C}}},
		{"CRC32C,None", {{ISCSI_DIGEST_CRC32C, ISCSI_DIGEST_NONE}}},
	};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (strcmp(lists[i].text, value) != 0)
			continue;
		*(struct iscsi_digest_list *)at = lists[i].list;
		return 0;
	}
	return -EINVAL;
}

/* What --set knows: our half of the negotiation. */
static const struct {
	const char *key;
	size_t at;
	int (*set)(void *at, const char *value);
	const char *expected;
} keys[] = {
	{"InitialR2T", offsetof(struct iscsi_offer, initial_r2t), set_bool, "Yes or No"},
	{"ImmediateData", offsetof(struct iscsi_offer, immediate_data), set_bool, "Yes or No"},
	{"MaxRecvDataSegmentLength", offsetof(struct iscsi_offer, max_recv_data_segment_length),
         set_length, "512 to 16777215"},
	{"MaxBurstLength", offsetof(struct iscsi_offer, max_burst_length), set_length,
         "512 to 16777215"},
	{"FirstBurstLength", offsetof(struct iscsi_offer, first_burst_length), set_length,
         "512 to 16777215"},
	{"DefaultTime2Wait", offsetof(struct iscsi_offer, default_time2wait), set_seconds,
         "0 to 3600"},
	{"DefaultTime2Retain", offsetof(struct iscsi_offer, default_time2retain), set_seconds,
         "0 to 3600"},
	{"HeaderDigest", offsetof(struct iscsi_offer, header_digest), set_digest,
         "None, CRC32C or both with a comma between"},
	{"DataDigest", offsetof(struct iscsi_offer, data_digest), set_digest,
         "None, CRC32C or both with a comma between"},
};

int options_set(struct parser *p)
{
	const char *equals = strchr(p->value, '=');

	for (size_t i = 0; equals && i < ARRAY_LEN(keys); i++) {
		if (strlen(keys[i].key) != (size_t)(equals - p->value) ||
		    strncmp(keys[i].key, p->value, strlen(keys[i].key)) != 0)
			continue;
		if (keys[i].set((char *)&p->o->offer + keys[i].at, equals + 1) < 0)
			return options_wrong(p, "expected %s", keys[i].expected);
		return 0;
	}
	return options_wrong(p, "expected KEY=VALUE of a key that --help lists");
}
