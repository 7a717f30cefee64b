/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/proto/login_engine.h"

#include <stdarg.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

static enum engine_says say(struct login_run *run, enum login_verdict verdict)
{
	run->verdict = verdict;
	return verdict == LOGIN_SEND ? ENGINE_SENT : ENGINE_ENDED;
}

static enum engine_says start(void *data, struct writer *w)
{
	struct login_run *run = data;

	return say(run, login_start(run->login, w));
}

static enum engine_says step(void *data, const struct pdu *in, struct writer *w)
{
	struct login_run *run = data;

	return say(run, login_step(run->login, in, w));
}

struct login_config login_usual_config(void)
{
	return (struct login_config){
		.isid = {0x00, 0x02, 0x3d, 0x01, 0x00, 0x00},
		.itt = 0x11223344,
		.cmd_sn = 7,
		.initiator_name = INITIATOR,
		.target_name = TARGET,
		.offer =
			{
				.max_recv_data_segment_length = 262144,
				.max_burst_length = 16776192,
				.first_burst_length = 262144,
				.max_outstanding_r2t = 1,
				.max_connections = 1,
				.default_time2wait = 2,
				.header_digest = {{ISCSI_DIGEST_CRC32C, ISCSI_DIGEST_NONE}},
				.data_digest = {{ISCSI_DIGEST_NONE}},
				.initial_r2t = false,
				.immediate_data = true,
				.data_pdu_in_order = true,
				.data_sequence_in_order = true,
			},
	};
}

struct login_config login_discovery_config(void)
{
	struct login_config config = login_usual_config();

	config.discovery = true;
	config.target_name = NULL;
	config.offer.max_recv_data_segment_length = 32768;
	config.offer.header_digest = (struct iscsi_digest_list){{ISCSI_DIGEST_NONE}};
	return config;
}

struct login_config login_chap_config(struct digests *digests, bool mutual)
{
	static const struct secret host = {sizeof(HOST_SECRET) - 1, HOST_SECRET};
	static const struct secret disk = {sizeof(DISK_SECRET) - 1, DISK_SECRET};
	struct login_config config = login_usual_config();

	config.auth = (struct login_auth){
		.digests = digests,
		.algorithms = {{CHAP_MD5}},
		.nonce.identifier = 42,
		.name = "host",
		.secret = &host,
		.target_user = mutual ? "disk" : NULL,
		.target_secret = mutual ? &disk : NULL,
	};
	for (size_t i = 0; i < sizeof(config.auth.nonce.challenge); i++)
		config.auth.nonce.challenge[i] = (uint8_t)(0xa0 + i);
	return config;
}

struct login_run login_play(const struct login_config *config, const struct step *steps,
                            const struct manner *manner)
{
	struct login_run run = {.login = login_new(config)};
	const struct engine engine = {.start = start, .step = step, .data = &run};

	assert_non_null(run.login);
	run.script = script_run(steps, &engine, manner);
	return run;
}

void login_play_all(const struct login_config *config, const struct step *steps,
                    void (*check)(const struct login_run *run, const void *expected),
                    const void *expected)
{
	struct manner manner = {0};
	struct login_run run = login_play(config, steps, &manner);
	size_t longest = run.script.longest_text;

	check(&run, expected);
	login_free(run.login);
	manner.by_byte = true;
	run = login_play(config, steps, &manner);
	check(&run, expected);
	login_free(run.login);
	manner = (struct manner){.split = true};
	for (manner.split_at = 1; manner.split_at < longest; manner.split_at++) {
		run = login_play(config, steps, &manner);
		check(&run, expected);
		login_free(run.login);
	}
}

static uint32_t value_of(const struct iscsi_params *params, const struct login_value *v)
{
	const uint8_t *at = (const uint8_t *)params + v->offset;
	uint32_t u32;

	if (v->size != sizeof(u32))
		return *at;
	memcpy(&u32, at, sizeof(u32));
	return u32;
}

void login_has_values(const struct login_run *run, const char *name,
                      const struct login_value values[static LOGIN_VALUES_MAX])
{
	const struct iscsi_params *params = &login_result(run->login)->params;

	for (size_t i = 0; i < LOGIN_VALUES_MAX && values[i].size; i++) {
		if (value_of(params, &values[i]) != values[i].value)
			fail_msg("%s: value %zu is %u", name, i, value_of(params, &values[i]));
	}
}
