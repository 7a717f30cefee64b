/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop over sd-event.  Callbacks never fail the loop: what goes wrong is theirs to
 * handle.
 */
#include "iscsid/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <systemd/sd-event.h>

#include "lib/base/clock.h"
#include "lib/base/resident.h"

struct loop {
	sd_event *event;
};

struct loop_source {
	sd_event_source *source;
	union {
		void (*ready)(void *data, uint32_t events);
		void (*call)(void *data);
		void (*ended)(void *data, const siginfo_t *info);
	};
	/* borrowed */
	void *data;
};

static int on_fd(sd_event_source *es _unused_, int fd _unused_, uint32_t events, void *data)
{
	struct loop_source *s = (struct loop_source *)data;

	s->ready(s->data, events);
	return 0;
}

static int on_timer(sd_event_source *es _unused_, uint64_t usec _unused_, void *data)
{
	struct loop_source *s = (struct loop_source *)data;

	s->call(s->data);
	return 0;
}

static int on_signal(sd_event_source *es _unused_, const struct signalfd_siginfo *info _unused_,
                     void *data)
{
	struct loop_source *s = (struct loop_source *)data;

	s->call(s->data);
	return 0;
}

static int on_child(sd_event_source *es _unused_, const siginfo_t *info, void *data)
{
	struct loop_source *s = (struct loop_source *)data;

	s->ended(s->data, info);
	return 0;
}

static struct loop_source *source_new(void *data)
{
	struct loop_source *s = (struct loop_source *)calloc(1, sizeof(*s));

	if (s)
		s->data = data;
	return s;
}

/* Hand the new source out, or undo it. */
static int source_finish(struct loop_source *s, int result, struct loop_source **ret)
{
	if (result < 0) {
		free(s);
		return result;
	}
	*ret = s;
	return 0;
}

int loop_new(struct loop **ret)
{
	struct loop *l = (struct loop *)calloc(1, sizeof(*l));
	sigset_t set;
	int r;

	if (!l)
		return -ENOMEM;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) {
		r = -errno;
		free(l);
		return r;
	}
	r = sd_event_new(&l->event);
	if (r < 0) {
		free(l);
		return r;
	}
	*ret = l;
	return 0;
}

void loop_lock_library(void)
{
	resident_lock_object((const void *)(uintptr_t)sd_event_run);
}

struct loop *loop_free(struct loop *loop)
{
	if (!loop)
		return NULL;
	sd_event_unref(loop->event);
	free(loop);
	return NULL;
}

int loop_run(struct loop *loop)
{
	return sd_event_loop(loop->event);
}

void loop_exit(struct loop *loop, int code)
{
	sd_event_exit(loop->event, code);
}

int loop_step(struct loop *loop, uint64_t timeout_usec)
{
	int r = sd_event_run(loop->event, timeout_usec);

	return r < 0 ? r : 0;
}

uint64_t loop_now(void)
{
	return clock_usec();
}

int loop_add_fd(struct loop *loop, int fd, uint32_t events,
                void (*ready)(void *data, uint32_t events), void *data, struct loop_source **ret)
{
	struct loop_source *s = source_new(data);

	if (!s)
		return -ENOMEM;
	s->ready = ready;
	return source_finish(s, sd_event_add_io(loop->event, &s->source, fd, events, on_fd, s),
	                     ret);
}

void loop_source_events(struct loop_source *source, uint32_t events)
{
	sd_event_source_set_io_events(source->source, events);
}

int loop_add_timer(struct loop *loop, void (*due)(void *data), void *data, struct loop_source **ret)
{
	struct loop_source *s = source_new(data);
	int r;

	if (!s)
		return -ENOMEM;
	s->call = due;
	r = sd_event_add_time(loop->event, &s->source, CLOCK_MONOTONIC, UINT64_MAX, 0, on_timer, s);
	if (r >= 0)
		r = sd_event_source_set_enabled(s->source, SD_EVENT_OFF);
	return source_finish(s, r, ret);
}

void loop_timer_set(struct loop_source *source, uint64_t usec)
{
	sd_event_source_set_time(source->source, loop_now() + usec);
	/* a thousandth of a second at most: logins are counted in those */
	sd_event_source_set_time_accuracy(source->source, USEC_PER_MSEC);
	sd_event_source_set_enabled(source->source, SD_EVENT_ONESHOT);
}

void loop_timer_stop(struct loop_source *source)
{
	sd_event_source_set_enabled(source->source, SD_EVENT_OFF);
}

int loop_add_signal(struct loop *loop, int signo, void (*caught)(void *data), void *data,
                    struct loop_source **ret)
{
	struct loop_source *s = source_new(data);
	sigset_t set;

	if (!s)
		return -ENOMEM;
	s->call = caught;
	sigemptyset(&set);
	sigaddset(&set, signo);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return source_finish(s, -errno, ret);
	return source_finish(s, sd_event_add_signal(loop->event, &s->source, signo, on_signal, s),
	                     ret);
}

int loop_add_child(struct loop *loop, pid_t pid, void (*ended)(void *data, const siginfo_t *info),
                   void *data, struct loop_source **ret)
{
	struct loop_source *s = source_new(data);

	if (!s)
		return -ENOMEM;
	s->ended = ended;
	return source_finish(
		s, sd_event_add_child(loop->event, &s->source, pid, WEXITED, on_child, s), ret);
}

struct loop_source *loop_source_free(struct loop_source *source)
{
	if (!source)
		return NULL;
	sd_event_source_disable_unref(source->source);
	free(source);
	return NULL;
}
