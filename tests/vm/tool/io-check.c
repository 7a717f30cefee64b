/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * io-check DEVICE MEBIBYTES: write and read blocks of a device at random until SIGTERM, four
 * processes at once, past the page cache.  A block holds its place, the number of the write and
 * what follows from both: one that is lost, old or mixed is found out.  At the end all blocks are
 * read.  Appends a byte to stdout for each operation.
 *
 * Exit status: 0 when every operation succeeded and every block was as written last.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/macros.h"

enum { WORKERS = 4, BLOCK = 64 * 1024, WORDS = BLOCK / sizeof(uint64_t) };

static volatile sig_atomic_t ended;
static pid_t workers[WORKERS]; /* of the first process */

static void on_term(int signal _unused_)
{
	ended = 1;
	for (size_t i = 0; i < WORKERS; i++) {
		if (workers[i] > 0)
			kill(workers[i], SIGTERM);
	}
}

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Of block number at, written the nth time. */
static void fill(uint64_t *block, uint64_t at, uint64_t n)
{
	uint64_t state = (at + 1) << 32 | n;

	block[0] = at;
	block[1] = n;
	for (size_t i = 2; i < WORDS; i++)
		block[i] = next(&state);
}

struct worker {
	uint64_t *block, *wanted; /* BLOCK bytes each */
	uint64_t *written;        /* of each block: how often */
	uint64_t first, count;    /* its part of the device */
	int fd;
};

static bool write_block(struct worker *w, uint64_t i)
{
	fill(w->block, w->first + i, w->written[i] + 1);
	if (pwrite(w->fd, w->block, BLOCK, (off_t)((w->first + i) * BLOCK)) != BLOCK) {
		fprintf(stderr, "io-check: write of block %llu: %s\n",
		        (unsigned long long)(w->first + i), strerror(errno));
		return false;
	}
	w->written[i]++;
	return true;
}

static bool check_block(struct worker *w, uint64_t i)
{
	if (w->written[i] == 0)
		return true;
	if (pread(w->fd, w->block, BLOCK, (off_t)((w->first + i) * BLOCK)) != BLOCK) {
		fprintf(stderr, "io-check: read of block %llu: %s\n",
		        (unsigned long long)(w->first + i), strerror(errno));
		return false;
	}
	fill(w->wanted, w->first + i, w->written[i]);
	if (memcmp(w->block, w->wanted, BLOCK) == 0)
		return true;
	fprintf(stderr, "io-check: block %llu, write %llu: found block %llu, write %llu\n",
	        (unsigned long long)(w->first + i), (unsigned long long)w->written[i],
	        (unsigned long long)w->block[0], (unsigned long long)w->block[1]);
	return false;
}

static bool work(struct worker *w)
{
	uint64_t dice = w->first + 1;

	while (!ended) {
		const uint64_t i = next(&dice) % w->count;

		if (!(next(&dice) % 2 ? write_block(w, i) : check_block(w, i)))
			return false;
		if (write(STDOUT_FILENO, ".", 1) != 1)
			return false;
	}
	for (uint64_t i = 0; i < w->count; i++) {
		if (!check_block(w, i))
			return false;
	}
	return true;
}

static int run(const char *device, uint64_t first, uint64_t count)
{
	struct worker w = {.first = first, .count = count};

	w.fd = open(device, O_RDWR | O_DIRECT | O_CLOEXEC);
	w.block = (uint64_t *)aligned_alloc(4096, BLOCK);
	w.wanted = (uint64_t *)malloc(BLOCK);
	w.written = (uint64_t *)calloc(count, sizeof(*w.written));
	if (w.fd < 0 || !w.block || !w.wanted || !w.written) {
		perror("io-check");
		return 1;
	}
	return !work(&w);
}

int main(int argc, char **argv)
{
	/* I/O under way is not cut short */
	const struct sigaction action = {.sa_handler = on_term, .sa_flags = SA_RESTART};
	const uint64_t blocks =
		argc == 3 ? strtoull(argv[2], NULL, 10) * 1024 * 1024 / BLOCK / WORKERS : 0;
	int status, result = 0;

	if (blocks == 0) {
		fprintf(stderr, "usage: io-check DEVICE MEBIBYTES\n");
		return 2;
	}
	sigaction(SIGTERM, &action, NULL);
	for (uint64_t i = 0; i < WORKERS; i++) {
		const pid_t pid = fork();

		if (pid == 0) {
			memset(workers, 0, sizeof(workers)); /* those before it are not its own */
			_exit(run(argv[1], i * blocks, blocks));
		}
		workers[i] = pid;
	}
	for (size_t i = 0; i < WORKERS; i++) {
		while (waitpid(workers[i], &status, 0) < 0)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			result = 1;
	}
	return result;
}
