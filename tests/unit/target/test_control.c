/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verbs of the control socket, by what a session sees of them.
 */
#include "tests/target/control.h"
#include "tests/unit/target/initiator.h"

/* The answer to a request, as a string. */
static const char *ask(struct fixture *f, const char *request)
{
	static char answer[8192];
	struct writer w = writer_make(sizeof(answer) - 1);

	control_run(&f->server, request, strlen(request), &w);
	assert_int_equal(writer_status(&w), 0);
	snprintf(answer, sizeof(answer), "%.*s", (int)w.len, (const char *)w.data);
	writer_done(&w);
	return answer;
}

static void expect_ok(struct fixture *f, const char *request)
{
	assert_string_equal(ask(f, request), "done=ok\n");
}

static void mistakes_have_a_reason(void **state)
{
	static const struct {
		const char *request;
		const char *reason;
	} cases[] = {
		{"", "verb= is missing"},
		{"verb=dance\n", "no such verb; help lists them"},
		{"verb=add-lun\n", "target= is missing"},
		{"verb=add-lun\ntarget=" NAME "9\nlun=1,size=1M\n", "there is no target " NAME "9"},
		{"verb=counters\nfoo=1\n", "foo is not a key of this verb, which takes none"},
		{"verb=add-lun\ntarget=" NAME "\nlun=0,size=1M\n",
	         "lun 0,size=1M: " NAME " has a LUN 0 already"},
		{"verb=remove-lun\ntarget=" NAME "\nlun=7\n", NAME " has no LUN 7"},
		{"verb=async\nevent=999\n", "expected event=N, a number from 0 to 255"},
		{"verb=async\nevent=1\ndata=zz\n", "expected data=BYTES in hexadecimal"},
		{"verb=drop\nsession=77\n", "no such session"},
		{"verb=add-fault\nline=do dance then\n", NULL},
		{"verb=set\noption=portal\nvalue=127.0.0.1\n",
	         "portal: no option that can be changed while the target serves"},
		{"verb\n", "line 1 is not of the form KEY=VALUE"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *answer = ask(f, cases[i].request);

		assert_non_null(strstr(answer, "done=failed\n"));
		assert_true(!cases[i].reason || strstr(answer, cases[i].reason));
	}
}

static void targets_and_luns_come_and_go(void **state)
{
	struct fixture *f = *state;
	struct target *t;

	expect_ok(f, "verb=add-target\ntarget=" NAME "5\n");
	t = target_find(f->options.targets, NAME "5");
	assert_non_null(t);
	expect_ok(f, "verb=add-lun\ntarget=" NAME "5\nlun=4,size=8M\n");
	assert_int_equal(t->scsi.luns[4]->size, 8 << 20);
	assert_non_null(strstr(ask(f, "verb=list-targets\n"),
	                       "target=" NAME "5\nitem=lun\nlun=4\nsize=8388608\naccess=rw\n"));
	expect_ok(f, "verb=remove-lun\ntarget=" NAME "5\nlun=4\n");
	assert_null(t->scsi.luns[4]);
	expect_ok(f, "verb=remove-target\ntarget=" NAME "5\n");
	assert_null(target_find(f->options.targets, NAME "5"));
	assert_ptr_equal(f->server.removed, t);
	f->server.removed = target_free(t);
}

static void a_removed_target_ends_its_sessions(void **state)
{
	struct fixture *f = *state;
	struct target *t = f->options.targets;

	LOG_IN(f, "");
	expect_ok(f, "verb=remove-target\ntarget=" NAME "2\n");
	assert_int_equal(f->conn->phase, CONN_FULL_FEATURE);
	expect_ok(f, "verb=remove-target\ntarget=" NAME "\n");
	expect_closed(f);
	disconnect(f);
	for (struct target *next; f->server.removed; f->server.removed = next) {
		next = f->server.removed->next;
		target_free(f->server.removed);
	}
	assert_ptr_not_equal(f->options.targets, t);
	connect_to(f);
}

/* Data-In from memory lies where the LUN has it until it is sent. */
static void a_lun_may_go_while_its_data_wait(void **state)
{
	struct fixture *f = *state;
	int small = 4096;
	size_t bytes = 0;
	struct pdu pdu;

	LOG_IN(f, "MaxRecvDataSegmentLength=65536");
	setsockopt(f->conn->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_SCSI_CMD,
	                          .flags = ISCSI_FLAG_FINAL | ISCSI_CMD_READ,
	                          .itt = 1,
	                          .transfer_len = 256 * BLOCK,
	                          .cmd_sn = f->cmd_sn++,
	                          .cdb = {0x28, 0, 0, 0, 0, 0, 0, 1, 0}});
	assert_true(f->conn->out.pending > 0);
	expect_ok(f, "verb=remove-lun\ntarget=" NAME "\nlun=0\n");
	do {
		conn_push(f->conn);
		while (receive(f, &pdu))
			bytes += pdu.data_len;
	} while (f->conn->out.pending > 0);
	assert_int_equal(f->conn->phase, CONN_FULL_FEATURE);
	assert_int_equal(bytes, 256 * BLOCK);
}

static uint16_t sense_code_of(struct fixture *f)
{
	struct pdu pdu;

	send_pdu(f, &(struct pdu){.opcode = ISCSI_OP_SCSI_CMD,
	                          .flags = ISCSI_FLAG_FINAL,
	                          .itt = 1,
	                          .cmd_sn = f->cmd_sn++});
	pdu = expect(f, ISCSI_OP_SCSI_RSP);
	return pdu.status == SCSI_GOOD ? 0 : (uint16_t)(pdu.data[14] << 8 | pdu.data[15]);
}

/* SPC-4 annex E: 2a/09 capacity data has changed, 3f/0e reported LUNs data has changed */
static void sessions_hear_of_what_changed(void **state)
{
	struct fixture *f = *state;

	LOG_IN(f, "");
	expect_ok(f, "verb=resize-lun\ntarget=" NAME "\nlun=0\nsize=2M\n");
	assert_int_equal(f->options.targets->scsi.luns[0]->size, 2 << 20);
	assert_int_equal(sense_code_of(f), 0x2a09);
	expect_ok(f, "verb=add-lun\ntarget=" NAME "\nlun=9,size=1M\n");
	assert_int_equal(sense_code_of(f), 0x3f0e);
	assert_int_equal(sense_code_of(f), 0);
	assert_non_null(strstr(ask(f, "verb=resize-lun\ntarget=" NAME "\nlun=0\nsize=1000\n"),
	                       "reason=the size is no multiple of the block of 512 bytes"));
}

/* 2a/06 asymmetric access state changed; 04/0b, 04/0c: the access state forbids it */
static void the_access_state_changes(void **state)
{
	static const struct {
		const char *state;
		uint16_t code;
	} cases[] = {{"standby", 0x040b},
	             {"unavailable", 0x040c},
	             {"non-optimized", 0},
	             {"optimized", 0}};
	struct fixture *f = *state;
	char request[128];

	LOG_IN(f, "");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(request, sizeof(request), "verb=alua\ntarget=" NAME "\nstate=%s\n",
		         cases[i].state);
		expect_ok(f, request);
		assert_int_equal(sense_code_of(f), 0x2a06);
		assert_int_equal(sense_code_of(f), cases[i].code);
	}
	assert_non_null(strstr(ask(f, "verb=alua\ntarget=" NAME "\nstate=good\n"),
	                       "reason=expected state=optimized"));
}

static void sessions_are_listed_and_dropped(void **state)
{
	struct fixture *f = *state;
	const char *answer;
	char request[64];

	assert_string_equal(ask(f, "verb=list-sessions\n"), "done=ok\n");
	LOG_IN(f, "");
	answer = ask(f, "verb=list-sessions\n");
	assert_non_null(strstr(answer, "initiator=" INITIATOR "\nisid=800102030405\ntarget=" NAME
	                               "\ntasks=0\n"));
	snprintf(request, sizeof(request), "verb=drop\nsession=%u\nhow=reset\n",
	         f->conn->session->tsih);
	assert_string_equal(ask(f, request), "sessions=1\ndone=ok\n");
	assert_true(f->conn->reset);
	expect_closed(f);
}

static void async_messages_carry_all_fields(void **state)
{
	struct fixture *f = *state;
	struct pdu pdu;

	LOG_IN(f, "");
	assert_string_equal(ask(f, "verb=async\nevent=2\nparam1=1\nparam2=3\nparam3=20\n"),
	                    "sessions=1\ndone=ok\n");
	pdu = expect(f, ISCSI_OP_ASYNC);
	assert_int_equal(pdu.async_event, ISCSI_ASYNC_DROP_CONNECTION);
	assert_int_equal(pdu.param1, 1);
	assert_int_equal(pdu.param2, 3);
	assert_int_equal(pdu.param3, 20);
	assert_int_equal(pdu.data_len, 0);
	ask(f, "verb=async\nevent=0\nlun=3\ndata=0003 70 0006\nsession=all\n");
	pdu = expect(f, ISCSI_OP_ASYNC);
	assert_int_equal(pdu.lun[1], 3);
	assert_int_equal(pdu.data_len, 5);
	assert_memory_equal(pdu.data, "\x00\x03\x70\x00\x06", 5);
	ask(f, "verb=async\nevent=255\nvcode=7\n");
	assert_int_equal(expect(f, ISCSI_OP_ASYNC).async_vcode, 7);
}

static void faults_are_added_listed_and_removed(void **state)
{
	struct fixture *f = *state;
	struct pdu nop = {.opcode = ISCSI_OP_NOP_OUT,
	                  .immediate = true,
	                  .flags = ISCSI_FLAG_FINAL,
	                  .itt = 1,
	                  .ttt = ISCSI_TAG_RESERVED,
	                  .cmd_sn = FIRST_CMD_SN};

	LOG_IN(f, "");
	assert_string_equal(ask(f, "verb=add-fault\nline=nop-in do drop\n"), "fault=1\ndone=ok\n");
	assert_string_equal(ask(f, "verb=add-fault\nline=r2t do hold\n"), "fault=2\ndone=ok\n");
	send_pdu(f, &nop);
	expect_nothing(f);
	assert_string_equal(ask(f, "verb=list-faults\n"),
	                    "item=fault\nfault=1\nhits=1\nline=nop-in do drop\n"
	                    "item=fault\nfault=2\nhits=0\nline=r2t do hold\ndone=ok\n");
	expect_ok(f, "verb=remove-fault\nfault=1\n");
	send_pdu(f, &nop);
	expect(f, ISCSI_OP_NOP_IN);
	expect_ok(f, "verb=remove-fault\nfault=all\n");
	assert_null(f->options.faults.first);
}

static void counters_tell_whether_a_connection_was_touched(void **state)
{
	struct fixture *f = *state;
	const char *answer;

	LOG_IN(f, "");
	answer = ask(f, "verb=counters\n");
	assert_non_null(strstr(answer, "sessions=1\nconnections=1\n"));
	assert_non_null(strstr(answer, "\nlogins=1\nlogins-refused=0\n"));
	assert_non_null(strstr(answer, "\nlogin-request=1\n"));
	assert_non_null(strstr(answer, "\nlogin-response=1\n"));
	assert_null(strstr(answer, "nop-in"));
	expect_ok(f, "verb=reset-counters\n");
	assert_string_equal(ask(f, "verb=counters\n"),
	                    "sessions=1\nconnections=0\nturned-away=0\nlogins=0\n"
	                    "logins-refused=0\noctets-in=0\noctets-out=0\ndone=ok\n");
}

static void options_and_accounts_change_for_later_logins(void **state)
{
	struct fixture *f = *state;
	struct pdu rsp;

	expect_ok(f, "verb=set\noption=set\nvalue=MaxBurstLength=1024\n");
	assert_int_equal(f->options.offer.max_burst_length, 1024);
	expect_ok(f, "verb=set\noption=refuse\nvalue=3/1\ntarget=" NAME "\n");
	assert_int_equal(f->options.targets->refuse, 0x0301);
	f->options.targets->refuse = 0;
	expect_ok(f, "verb=add-account\naccount=user/a secret\ntarget=" NAME "\n");
	send_pdu(f, LOGIN(TO_FULL_FEATURE, KEYS("InitiatorName=" INITIATOR "\0TargetName=" NAME)));
	rsp = expect(f, ISCSI_OP_LOGIN_RSP);
	assert_status(&rsp, ISCSI_LOGIN_AUTH_FAILED);
	disconnect(f);
	connect_to(f);
	expect_ok(f, "verb=remove-account\nuser=user\ntarget=" NAME "\n");
	LOG_IN(f, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(mistakes_have_a_reason),
		TEST(targets_and_luns_come_and_go),
		TEST(a_removed_target_ends_its_sessions),
		TEST(a_lun_may_go_while_its_data_wait),
		TEST(sessions_hear_of_what_changed),
		TEST(the_access_state_changes),
		TEST(sessions_are_listed_and_dropped),
		TEST(async_messages_carry_all_fields),
		TEST(faults_are_added_listed_and_removed),
		TEST(counters_tell_whether_a_connection_was_touched),
		TEST(options_and_accounts_change_for_later_logins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
