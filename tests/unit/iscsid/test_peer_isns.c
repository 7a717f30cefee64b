/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the peer makes of an iSNS server's answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/proto/isns.h"
#include "tests/unit/iscsid/peer_scene.h"

enum { HEADER_LEN = 12 };

/* One PDU of an answer; payload: behind the status, which the first one has. */
static void put_pdu(struct writer *w, uint16_t function, uint16_t transaction, uint16_t flags,
                    uint16_t sequence, const struct writer *payload)
{
	writer_be16(w, 1);
	writer_be16(w, function);
	writer_be16(w, (uint16_t)payload->len);
	writer_be16(w, flags);
	writer_be16(w, transaction);
	writer_be16(w, sequence);
	writer_bytes(w, payload->data, payload->len);
}

static void put_group(struct writer *w, const char *target)
{
	static const uint8_t address[16] = {
		[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1};

	isns_put_text(w, ISNS_TAG_GROUP_NAME, target);
	writer_be32(w, ISNS_TAG_GROUP_ADDRESS);
	writer_be32(w, sizeof(address));
	writer_bytes(w, address, sizeof(address));
	isns_put_u32(w, ISNS_TAG_GROUP_PORT, 3260);
	isns_put_u32(w, ISNS_TAG_GROUP_TAG, 1);
}

/* An answer without attributes. */
static void put_status(struct writer *w, uint16_t function, uint16_t transaction, uint32_t status)
{
	struct writer payload = writer_make(16);

	writer_be32(&payload, status);
	put_pdu(w, function, transaction, 0x4c00, 0, &payload);
	writer_done(&payload);
}

static void say_and_close(int pair[2], struct writer *script)
{
	say(pair[1], script->data, script->len);
	shutdown(pair[1], SHUT_WR);
	writer_done(script);
}

static void close_both(const int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

static void a_query_reports_targets_and_what_was_left_out(void **state)
{
	struct writer payload = writer_make(SCRIPT_MAX), script = writer_make(SCRIPT_MAX);
	struct scene *s = *state;
	union peer_message m;
	int pair[2];

	writer_be32(&payload, 0);
	isns_put_empty(&payload, ISNS_TAG_DELIMITER);
	put_group(&payload, "iqn.2024-01.org.example:a");
	put_group(&payload, "iqn.2024-01.org.example:/../../etc");
	put_group(&payload, "iqn.2024-01.org.example:b");
	put_pdu(&script, 0x8002, 1, 0x4c00, 0, &payload);
	connect_login(s, PEER_PURPOSE_ISNS, 1, pair);
	say(pair[1], script.data, script.len);
	assert_int_equal(next_message(s, &m), PEER_TARGET);
	assert_string_equal(m.target.target_name, "iqn.2024-01.org.example:a");
	assert_string_equal(m.target.address, "192.0.2.1");
	assert_int_equal(m.target.port, 3260);
	assert_int_equal(m.target.tpgt, 1);
	assert_int_equal(next_message(s, &m), PEER_REFUSED_TARGET);
	assert_non_null(strstr(m.refused_target.text, "iqn.2024-01.org.example:/../../etc"));
	assert_int_equal(next_message(s, &m), PEER_TARGET);
	assert_string_equal(m.target.target_name, "iqn.2024-01.org.example:b");
	expect_done(s, 1, PEER_OUTCOME_ANSWERED);
	writer_done(&payload);
	writer_done(&script);
	close_both(pair);
}

/* The request is the initiator's own, and nothing of a login comes before it. */
static void the_first_bytes_are_the_query(void **state)
{
	static const uint8_t header[] = {0, 1, 0, 2, 0, 124, 0x8c, 0, 0, 1, 0, 0, 0, 0, 0, 32};
	struct scene *s = *state;
	uint8_t got[HEADER_LEN + 124];
	int pair[2];

	connect_login(s, PEER_PURPOSE_ISNS, 1, pair);
	assert_int_equal(recv(pair[1], got, sizeof(got), MSG_WAITALL), sizeof(got));
	assert_memory_equal(got, header, sizeof(header));
	assert_string_equal((const char *)got + HEADER_LEN + 8, "iqn.2024-01.org.example:host");
	assert_int_equal(recv(pair[1], got, sizeof(got), MSG_DONTWAIT), -1);
	shutdown(pair[1], SHUT_WR);
	expect_done(s, 1, PEER_OUTCOME_CLOSED);
	close_both(pair);
}

static void a_refusal_brings_function_and_status(void **state)
{
	struct writer script = writer_make(SCRIPT_MAX);
	struct scene *s = *state;
	struct peer_done done;
	int pair[2];

	put_status(&script, 0x8002, 1, 6); /* source unknown */
	put_status(&script, 0x8001, 2, 8);
	connect_login(s, PEER_PURPOSE_ISNS, 1, pair);
	say(pair[1], script.data, script.len);
	done = expect_done(s, 1, PEER_OUTCOME_ISNS_REFUSED);
	assert_int_equal(done.isns_function, 1);
	assert_int_equal(done.isns_status, 8);
	writer_done(&script);
	close_both(pair);
}

static void a_server_may_close_instead_of_answering_the_deregistration(void **state)
{
	struct writer script = writer_make(SCRIPT_MAX);
	struct scene *s = *state;
	union peer_message m;
	int pair[2];

	put_status(&script, 0x8002, 1, 6);
	put_status(&script, 0x8001, 2, 0);
	put_status(&script, 0x8002, 3, 0);
	connect_login(s, PEER_PURPOSE_ISNS, 1, pair);
	say_and_close(pair, &script);
	assert_int_equal(next_message(s, &m), PEER_COMPLETE);
	expect_done(s, 1, PEER_OUTCOME_ANSWERED);
	close_both(pair);
}

static void an_answer_that_breaks_off_is_none(void **state)
{
	struct writer script = writer_make(SCRIPT_MAX);
	struct scene *s = *state;
	struct peer_done done;
	int pair[2];

	put_status(&script, 0x8002, 1, 0);
	script.len--;
	connect_login(s, PEER_PURPOSE_ISNS, 1, pair);
	say_and_close(pair, &script);
	done = expect_done(s, 1, PEER_OUTCOME_CLOSED);
	assert_string_equal(
		done.text,
		"the server closed the connection in the middle of a PDU during the query");
	close_both(pair);
}

static void a_server_that_is_none_breaks_the_protocol(void **state)
{
	static const char answer[] = "SSH-2.0-OpenSSH_9.2p1\r\n";
	struct scene *s = *state;
	struct peer_done done;
	int pair[2];

	connect_login(s, PEER_PURPOSE_ISNS, 1, pair);
	say(pair[1], (const uint8_t *)answer, sizeof(answer) - 1);
	done = expect_done(s, 1, PEER_OUTCOME_PROTOCOL);
	assert_non_null(strstr(done.text, "version"));
	close_both(pair);
}

/* PDUs without an end, each legal by itself: the peer takes no more of them than it keeps track
 * of, and what it reports is what there is. */
static void an_endless_answer_is_given_up(void **state)
{
	enum { LEN = 60000 };
	struct writer payload = writer_make(SCRIPT_MAX);
	struct scene *s = *state;
	struct peer_done done;
	pid_t server;
	int pair[2], status;

	writer_be32(&payload, 0);
	while (payload.len < LEN)
		isns_put_empty(&payload, ISNS_TAG_DELIMITER);
	connect_login(s, PEER_PURPOSE_ISNS, 1, pair);
	close(pair[0]); /* the server's sends fail when the peer has had enough */
	server = fork();
	assert_true(server >= 0);
	if (server == 0) {
		bool ok = true;

		for (uint16_t i = 0; ok; i++) {
			struct writer pdu = writer_make(SCRIPT_MAX);

			/* only the first one begins with the status */
			put_pdu(&pdu, 0x8002, 1, i ? 0x4000 : 0x4400, i, &payload);
			ok = send(pair[1], pdu.data, pdu.len, MSG_NOSIGNAL) == (ssize_t)pdu.len;
			writer_done(&pdu);
			if (i == 0) /* the rest is a whole number of attributes */
				memmove(payload.data, payload.data + 4, payload.len -= 4);
		}
		_exit(0);
	}
	close(pair[1]);
	done = expect_done(s, 1, PEER_OUTCOME_PROTOCOL);
	assert_string_equal(done.text, "the answer has no end: more than 64 MiB");
	assert_int_equal(waitpid(server, &status, 0), server);
	assert_int_equal(status, 0);
	writer_done(&payload);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(a_query_reports_targets_and_what_was_left_out),
		CASE(the_first_bytes_are_the_query),
		CASE(a_refusal_brings_function_and_status),
		CASE(a_server_may_close_instead_of_answering_the_deregistration),
		CASE(an_answer_that_breaks_off_is_none),
		CASE(a_server_that_is_none_breaks_the_protocol),
		CASE(an_endless_answer_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
