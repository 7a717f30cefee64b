/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an adapter answers: a datagram, as that to GET_CHAP and as that to GET_HOST_STATS.
 */
#include <errno.h>
#include <string.h>

#include "iscsid/loop.h"
#include "iscsid/nl_host.h"
#include "lib/base/macros.h"
#include "tests/fuzz/fuzz.h"

enum { HOST = 3, QUERIES_MAX = UINT16_MAX / 7 + 2 };

static struct {
	const uint8_t *data;
	size_t size;
	unsigned int queries, told;
} adapter;

int nl_host_call(struct nl *nl _unused_, struct writer *w _unused_,
                 enum nl_command command _unused_, uint32_t *ret_index _unused_)
{
	return -ENOSYS;
}

int nl_host_query(struct nl *nl _unused_, struct writer *w, enum nl_command command,
                  uint32_t host_no, nl_host_take take, void *data)
{
	const uint8_t *payload;
	uint32_t count;
	size_t len;

	writer_done(w);
	MUST(++adapter.queries <= QUERIES_MAX); /* it ends */
	if (!nl_message_host_answer(adapter.data, adapter.size, command, host_no, &payload, &len,
	                            &count))
		return -ENOMSG;
	MUST(payload >= adapter.data && len <= adapter.size - NL_MESSAGE_HEAD);
	return take(data, payload, len, count);
}

int nl_watch(struct nl *nl _unused_)
{
	return 0;
}

int nl_event_fd(const struct nl *nl _unused_)
{
	return -1;
}

int nl_event_next(struct nl *nl _unused_, struct nl_event *ret _unused_)
{
	return 0;
}

uint64_t loop_now(void)
{
	return 0;
}

static void take_chap(void *data _unused_, const struct nl_chap *chap)
{
	MUST(strlen(chap->username) <= NL_CHAP_TEXT_MAX);
	MUST(strlen(chap->password) <= NL_CHAP_TEXT_MAX);
	adapter.told++;
}

static void take_counter(void *data _unused_, bool custom _unused_, const char *name,
                         uint64_t value _unused_)
{
	MUST(strlen(name) < NL_STATS_NAME_SIZE);
	adapter.told++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int r;

	adapter.data = data;
	adapter.size = size;
	adapter.queries = adapter.told = 0;
	r = nl_get_chap(NULL, HOST, take_chap, NULL);
	MUST(r == 0 || r == -EPROTO || r == -ENOMSG);
	MUST(r != 0 || adapter.told <= 7 * adapter.queries);
	adapter.told = 0;
	r = nl_get_host_stats(NULL, HOST, take_counter, NULL);
	MUST(r == 0 || r == -EPROTO || r == -ENOMSG);
	/* struct iscsi_offload_host_stats: 82 counters, at most 32 of the driver's own */
	MUST(r == 0 ? adapter.told >= 82 && adapter.told <= 82 + 32 : adapter.told == 0);
	return 0;
}
