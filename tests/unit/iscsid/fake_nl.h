/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scripted kernel in the place of nl.c, for one test program: it writes down what it is told,
 * and says what a test lets happen().
 */
#ifndef TEST_FAKE_NL_H
#define TEST_FAKE_NL_H

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "iscsid/nl_host.h"
#include "lib/base/macros.h"

enum { EVENTS_MAX = 8, SID = 1, HOST_NO = 7 };

static struct {
	char told[512]; /* the commands, one word each */
	int batch_result, unbind_result, send_result, create_result;
	int transport_result;              /* whether it has one (still) */
	int events[2];                     /* a pipe: one byte an event */
	struct nl_event queue[EVENTS_MAX]; /* what the bytes stand for */
	size_t queued, taken;
	unsigned int doors; /* that are open */
	pid_t owner;        /* of the pipe: a child makes one of its own */
	/* adapters */
	int host_result;      /* of what they are told and asked */
	int host_signal;      /* what happens to whoever asks; SIGSTOP: nothing any more */
	uint32_t ping_status; /* what becomes of a ping */
	uint8_t answer[8192]; /* what one says, the payload of */
	size_t answer_len;
	uint32_t answer_count;
} kernel;

/* What an adapter was told last, by a child as well: in memory that is shared.  NULL: not noted. */
static struct adapter {
	char told[512];
	uint8_t request[4096];
	size_t request_len;
} * adapter;

static void told(const char *word)
{
	size_t len = strlen(kernel.told);

	snprintf(kernel.told + len, sizeof(kernel.told) - len, "%s ", word);
}

static inline void happen(struct nl_event event)
{
	assert_true(kernel.queued < EVENTS_MAX);
	kernel.queue[kernel.queued++] = event;
	assert_int_equal(write(kernel.events[1], "", 1), 1);
}

int nl_open(struct nl **ret)
{
	*ret = (struct nl *)&kernel;
	if (kernel.doors++ > 0 && kernel.owner == getpid())
		return 0;
	kernel.owner = getpid();
	return pipe2(kernel.events, O_NONBLOCK | O_CLOEXEC);
}

struct nl *nl_close(struct nl *nl)
{
	if (nl && --kernel.doors == 0) {
		close(kernel.events[0]);
		close(kernel.events[1]);
	}
	return NULL;
}

int nl_watch(struct nl *nl _unused_)
{
	return 0;
}

int nl_event_fd(const struct nl *nl _unused_)
{
	return kernel.events[0];
}

int nl_use_transport(struct nl *nl _unused_, const char *sysfs _unused_, const char *name _unused_)
{
	return kernel.transport_result;
}

int nl_create_session(struct nl *nl _unused_, uint16_t cmds_max _unused_,
                      uint16_t queue_depth _unused_, uint32_t cmd_sn, uint32_t *ret_sid,
                      uint32_t *ret_host_no)
{
	/* the CmdSN that the login carried */
	assert_int_equal(cmd_sn, 17);
	told("create");
	if (kernel.create_result < 0)
		return kernel.create_result;
	*ret_sid = SID;
	*ret_host_no = HOST_NO;
	return 0;
}

struct nl_batch *nl_batch_new(uint32_t sid, uint32_t cid)
{
	assert_int_equal(sid, SID);
	assert_int_equal(cid, 0);
	return (struct nl_batch *)&kernel;
}

struct nl_batch *nl_batch_free(struct nl_batch *b _unused_)
{
	return NULL;
}

void nl_batch_create_conn(struct nl_batch *b _unused_)
{
	told("conn");
}

void nl_batch_bind(struct nl_batch *b _unused_, int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	/* the connected socket, not one that the peer has closed */
	assert_int_equal(getpeername(fd, (struct sockaddr *)&addr, &len), 0);
	told("bind");
}

void nl_batch_param(struct nl_batch *b _unused_, enum nl_param param _unused_,
                    const char *value _unused_)
{
}

void nl_batch_param_u32(struct nl_batch *b _unused_, enum nl_param param, uint32_t value)
{
	if (param == NL_PARAM_EXP_STATSN)
		assert_int_equal(value, 99);
}

void nl_batch_host_param(struct nl_batch *b _unused_, uint32_t host_no _unused_,
                         enum nl_host_param param _unused_, const char *value _unused_)
{
}

void nl_batch_start(struct nl_batch *b _unused_)
{
	told("start");
}

int nl_batch_run(struct nl *nl _unused_, struct nl_batch *b _unused_, const char **ret_what)
{
	if (kernel.batch_result < 0 && ret_what)
		*ret_what = "START_CONN";
	return kernel.batch_result;
}

int nl_stop_conn(struct nl *nl _unused_, uint32_t sid _unused_, uint32_t cid _unused_,
                 enum nl_stop flag)
{
	told(flag == NL_STOP_TERM ? "stop-term" : "stop-recover");
	return 0;
}

int nl_destroy_conn(struct nl *nl _unused_, uint32_t sid _unused_, uint32_t cid _unused_)
{
	told("destroy-conn");
	return 0;
}

int nl_unbind_session(struct nl *nl _unused_, uint32_t sid _unused_)
{
	told("unbind");
	return kernel.unbind_result;
}

int nl_destroy_session(struct nl *nl _unused_, uint32_t sid _unused_)
{
	told("destroy");
	return 0;
}

int nl_send_pdu(struct nl *nl _unused_, uint32_t sid _unused_, uint32_t cid _unused_,
                const uint8_t bhs[static 48], const void *data _unused_, size_t len)
{
	if (bhs[0] == 0x43) { /* Login Request, which is always immediate */
		assert_int_equal(len, 0);
		told("login");
		return kernel.send_result;
	}
	if (bhs[0] == 0x44) { /* Text Request, immediate; RFC 7143 section 11.10 */
		static const uint8_t no_tag[] = {0xff, 0xff, 0xff, 0xff};

		assert_int_equal(bhs[1], 0x80);
		assert_memory_equal(bhs + 20, no_tag, sizeof(no_tag));
		assert_int_equal(len, 0);
		told("text");
		return kernel.send_result;
	}
	/* RFC 7143 section 11.14: Logout Request, immediate; F bit and reason 0 */
	assert_int_equal(bhs[0], 0x46);
	assert_int_equal(bhs[1], 0x80);
	assert_int_equal(len, 0);
	told("logout");
	return kernel.send_result;
}

int nl_get_stats(struct nl *nl _unused_, uint32_t sid _unused_, uint32_t cid _unused_,
                 nl_stats_take take, void *data)
{
	take(data, false, "rjt_pdus", 7);
	take(data, true, "no name", 8);
	return 0;
}

/* Whoever asks an adapter. */
static void meet_adapter(struct writer *w, enum nl_command command)
{
	assert_int_equal(writer_status(w), 0);
	told(nl_command_name(command));
	if (adapter) {
		size_t len = strlen(adapter->told);

		snprintf(adapter->told + len, sizeof(adapter->told) - len, "%s ",
		         nl_command_name(command));
		adapter->request_len = MIN(w->len, sizeof(adapter->request));
		memcpy(adapter->request, w->data, adapter->request_len);
	}
	if (kernel.host_signal)
		raise(kernel.host_signal);
}

int nl_host_call(struct nl *nl _unused_, struct writer *w, enum nl_command command,
                 uint32_t *ret_index)
{
	uint32_t ping_id = 0;

	meet_adapter(w, command);
	if (command == NL_COMMAND_PING) {
		/* u.iscsi_ping.pid; the first that is heard of is somebody else's */
		memcpy(&ping_id, w->data + 48, sizeof(ping_id));
		happen((struct nl_event){.type = NL_EVENT_PING_COMP, .ping_id = ping_id + 1});
		happen((struct nl_event){.type = NL_EVENT_PING_COMP,
		                         .ping_id = ping_id,
		                         .ping_status = kernel.ping_status});
	}
	writer_done(w);
	if (ret_index)
		*ret_index = 4;
	return kernel.host_result;
}

int nl_host_query(struct nl *nl _unused_, struct writer *w, enum nl_command command,
                  uint32_t host_no, nl_host_take take, void *data)
{
	meet_adapter(w, command);
	writer_done(w);
	assert_int_equal(host_no, HOST_NO);
	if (kernel.host_result < 0)
		return kernel.host_result;
	return take(data, kernel.answer, kernel.answer_len, kernel.answer_count);
}

int nl_event_next(struct nl *nl _unused_, struct nl_event *ret)
{
	char byte;

	if (read(kernel.events[0], &byte, 1) != 1)
		return 0;
	*ret = kernel.queue[kernel.taken++];
	return 1;
}

#endif
