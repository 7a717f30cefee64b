/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: descriptors, timers, signals and children, each as a source that calls back.
 * A source may be freed in any callback, its own included.
 */
#ifndef ISCSID_LOOP_H
#define ISCSID_LOOP_H

#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

#include "lib/base/macros.h"

struct loop;
struct loop_source;

/* A loop; SIGCHLD is blocked from now on in this thread.  0 or a negative errno. */
int loop_new(struct loop **ret);

/* Load and lock the library that the loop is made with (lib/base/resident.h). */
void loop_lock_library(void);
struct loop *loop_free(struct loop *loop);

/* Serve until loop_exit(); returns the code given there, or a negative errno. */
int loop_run(struct loop *loop);
void loop_exit(struct loop *loop, int code);

/* Wait at most timeout_usec for one event and serve it.  0 or a negative errno. */
int loop_step(struct loop *loop, uint64_t timeout_usec);

/* CLOCK_MONOTONIC in microseconds. */
uint64_t loop_now(void);

/* events: EPOLLIN, EPOLLOUT; the callback gets what happened. */
int loop_add_fd(struct loop *loop, int fd, uint32_t events,
                void (*ready)(void *data, uint32_t events), void *data, struct loop_source **ret);
void loop_source_events(struct loop_source *source, uint32_t events);

/* A timer that is not armed; loop_timer_set() arms it once, from now. */
int loop_add_timer(struct loop *loop, void (*due)(void *data), void *data,
                   struct loop_source **ret);
void loop_timer_set(struct loop_source *source, uint64_t usec);
void loop_timer_stop(struct loop_source *source);

/* The signal is blocked and delivered to the callback instead. */
int loop_add_signal(struct loop *loop, int signo, void (*caught)(void *data), void *data,
                    struct loop_source **ret);

/* The end of a child process, which is reaped: the callback gets what waitid(2) says. */
int loop_add_child(struct loop *loop, pid_t pid, void (*ended)(void *data, const siginfo_t *info),
                   void *data, struct loop_source **ret);

struct loop_source *loop_source_free(struct loop_source *source);

DEFINE_CLEANUP(struct loop, loop_free)

#endif
