/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load for a target, and what it costs there: prints one figure or row a call.
 *
 *   load io PID SHAPE SECONDS PORTAL TARGET LUN    IOPS MB/s p50 p99 us-of-CPU-per-I/O CPU%
 *   load logins PID SECONDS PORTAL TARGET          logins and logouts a second
 *   load memory PID COUNT PORTAL TARGET            kB resident with that many sessions
 *   load start PORTAL TARGET COMMAND...            ms from exec to the first login
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"
#include "tests/bench/target/client.h"

#include <dirent.h>
#include <fcntl.h>

enum {
	BLOCK = 512,
	DEPTH_MAX = 64,
	LUN_BYTES = 256 << 20,
	LATENCY_MAX = 1 << 17, /* microseconds that are told apart */
	SESSIONS_MAX = 1000,
	PATIENCE_SEC = 20,
};

static const struct shape {
	const char *name;
	uint32_t bytes;
	bool write, random;
	uint32_t depth;
} shapes[] = {
	{"4k-read-1", 4096, false, true, 1},      {"4k-read-32", 4096, false, true, 32},
	{"4k-write-32", 4096, true, true, 32},    {"128k-read-8", 131072, false, false, 8},
	{"128k-write-8", 131072, true, false, 8},
};

struct run {
	struct client client;
	const struct shape *shape;
	uint8_t lun;
	uint64_t next; /* of a sequential run, in transfers */
	uint64_t done;
	uint64_t begun_nsec[DEPTH_MAX]; /* by tag */
	uint32_t latencies[LATENCY_MAX];
	bool stopping;
	uint32_t busy;
	const char *fault;
};

static uint64_t now_nsec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

/* ---- what the target's process costs ------------------------------------------------------ */

/* Nanoseconds on a CPU of all threads, as the scheduler counts them. */
static uint64_t cpu_nsec(const char *pid)
{
	char path[64];
	struct dirent *entry;
	uint64_t sum = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		char name[128], line[128];

		snprintf(name, sizeof(name), "%.60s/%.20s/schedstat", path, entry->d_name);
		if (entry->d_name[0] != '.' &&
		    file_read_line(AT_FDCWD, name, line, sizeof(line)) > 0)
			sum += strtoull(line, NULL, 10);
	}
	if (dir)
		closedir(dir);
	return sum;
}

static unsigned long resident_kb(const char *pid)
{
	_cleanup_fclose_ FILE *f = NULL;
	unsigned long kb = 0;
	char path[64], line[256];

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %lu", &kb) == 1)
			break;
	return kb;
}

/* ---- input and output --------------------------------------------------------------------- */

static const uint8_t *pattern(void)
{
	static uint8_t bytes[1 << 20];

	return bytes;
}

/* Data-Out from offset to end, in PDUs that the target takes. */
static void put_data(struct run *r, uint32_t itt, uint32_t ttt, uint32_t offset, uint32_t end)
{
	uint32_t max = r->client.params.max_xmit_data_segment_length;

	for (uint32_t sn = 0; offset < end; sn++) {
		uint32_t len = MIN(end - offset, max);
		struct pdu pdu = {.opcode = ISCSI_OP_DATA_OUT,
		                  .flags = offset + len == end ? ISCSI_FLAG_FINAL : 0,
		                  .lun = {0, r->lun},
		                  .itt = itt,
		                  .ttt = ttt,
		                  .exp_stat_sn = r->client.exp_stat_sn,
		                  .data_sn = sn,
		                  .buffer_offset = offset,
		                  .data = pattern(),
		                  .data_len = len};

		client_put(&r->client, &pdu);
		offset += len;
	}
}

static void put_command(struct run *r, uint32_t itt)
{
	const struct shape *s = r->shape;
	const struct iscsi_params *p = &r->client.params;
	uint64_t place = s->random ? (uint64_t)random() : r->next++;
	uint32_t lba = (uint32_t)(place % (LUN_BYTES / s->bytes) * (s->bytes / BLOCK));
	uint32_t blocks = s->bytes / BLOCK;
	uint32_t unasked = s->write ? MIN(p->first_burst_length, s->bytes) : 0;
	uint32_t immediate = p->immediate_data ? MIN(unasked, p->max_xmit_data_segment_length) : 0;
	struct pdu pdu = {.opcode = ISCSI_OP_SCSI_CMD,
	                  .flags = s->write ? ISCSI_CMD_WRITE : ISCSI_CMD_READ,
	                  .lun = {0, r->lun},
	                  .itt = itt,
	                  .transfer_len = s->bytes,
	                  .cmd_sn = r->client.cmd_sn++,
	                  .exp_stat_sn = r->client.exp_stat_sn,
	                  .cdb = {s->write ? 0x2a : 0x28, 0, (uint8_t)(lba >> 24),
	                          (uint8_t)(lba >> 16), (uint8_t)(lba >> 8), (uint8_t)lba, 0,
	                          (uint8_t)(blocks >> 8), (uint8_t)blocks},
	                  .data = immediate ? pattern() : NULL,
	                  .data_len = immediate};
	bool more = unasked > immediate && !p->initial_r2t;

	pdu.flags |= more ? 0 : ISCSI_FLAG_FINAL;
	r->begun_nsec[itt] = now_nsec();
	client_put(&r->client, &pdu);
	if (more)
		put_data(r, itt, ISCSI_TAG_RESERVED, immediate, unasked);
}

static void complete(struct run *r, const struct pdu *pdu)
{
	uint64_t usec = (now_nsec() - r->begun_nsec[pdu->itt]) / 1000;

	if (pdu->status != 0)
		r->fault = "a command failed";
	r->latencies[MIN(usec, (uint64_t)LATENCY_MAX - 1)]++;
	r->done++;
	if (r->stopping)
		r->busy--;
	else
		put_command(r, pdu->itt);
}

static void take(struct client *c, const struct pdu *pdu, void *data)
{
	struct run *r = data;
	bool status = pdu->opcode == ISCSI_OP_SCSI_RSP ||
	              (pdu->opcode == ISCSI_OP_DATA_IN && pdu->flags & ISCSI_DATA_IN_STATUS);

	if (status)
		c->exp_stat_sn = pdu->stat_sn + 1;
	if ((status || pdu->opcode == ISCSI_OP_R2T) && pdu->itt >= r->shape->depth)
		r->fault = "a tag that was never sent";
	else if (status)
		complete(r, pdu);
	else if (pdu->opcode == ISCSI_OP_R2T)
		put_data(r, pdu->itt, pdu->ttt, pdu->buffer_offset,
		         pdu->buffer_offset + pdu->transfer_len);
	else if (pdu->opcode != ISCSI_OP_DATA_IN)
		r->fault = pdu_opcode_name(pdu->opcode);
}

/* Keep the queue full until then, and let it run dry. */
static int drive(struct run *r, uint64_t end_nsec)
{
	int result = 0;

	r->busy = r->shape->depth;
	r->stopping = false;
	for (uint32_t i = 0; i < r->shape->depth; i++)
		put_command(r, i);
	while (r->busy > 0 && result == 0 && !r->fault) {
		result = client_flush(&r->client);
		client_wait(&r->client);
		if (result == 0)
			result = client_read(&r->client, take, r);
		if (now_nsec() >= end_nsec)
			r->stopping = true;
	}
	return r->fault ? -EPROTO : result;
}

static void ignore(struct client *c, const struct pdu *pdu, void *data)
{
	c->exp_stat_sn = pdu->stat_sn + 1;
	*(bool *)data = true;
}

/* The unit attention of a new session. */
static int settle(struct run *r)
{
	for (int i = 0; i < 4; i++) {
		struct pdu pdu = {.opcode = ISCSI_OP_SCSI_CMD,
		                  .flags = ISCSI_FLAG_FINAL,
		                  .lun = {0, r->lun},
		                  .cmd_sn = r->client.cmd_sn++,
		                  .exp_stat_sn = r->client.exp_stat_sn};
		bool answered = false;
		int result;

		client_put(&r->client, &pdu);
		result = client_flush(&r->client);
		while (result == 0 && !answered) {
			client_wait(&r->client);
			result = client_read(&r->client, ignore, &answered);
		}
		if (result < 0)
			return result;
	}
	return 0;
}

static unsigned int percentile(const struct run *r, unsigned int percent)
{
	uint64_t seen = 0;
	unsigned int usec = 0;

	while (usec < LATENCY_MAX - 1 && (seen += r->latencies[usec]) * 100 < r->done * percent)
		usec++;
	return usec;
}

static int io(char **argv)
{
	static struct run r;
	uint64_t begin, cpu, spent;
	uint32_t seconds, lun;
	int result;

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		if (strcmp(shapes[i].name, argv[1]) == 0)
			r.shape = &shapes[i];
	if (!r.shape || num_u32(argv[2], 1, 3600, &seconds) < 0 ||
	    num_u32(argv[5], 0, 255, &lun) < 0)
		return -EINVAL;
	r.lun = (uint8_t)lun;
	result = client_login(&r.client, argv[3], argv[4], 1);
	if (result == 0)
		result = settle(&r);
	if (result < 0)
		return result;
	result = drive(&r, now_nsec() + 200000000ULL); /* warm up */
	r.done = 0;
	memset(r.latencies, 0, sizeof(r.latencies));
	begin = now_nsec();
	cpu = cpu_nsec(argv[0]);
	if (result == 0)
		result = drive(&r, begin + seconds * 1000000000ULL);
	cpu = cpu_nsec(argv[0]) - cpu;
	spent = now_nsec() - begin;
	if (r.fault)
		fprintf(stderr, "load: %s\n", r.fault);
	client_done(&r.client);
	if (result == 0)
		printf("%.0f %.0f %u %u %.1f %.0f\n", (double)r.done * 1e9 / (double)spent,
		       (double)r.done * r.shape->bytes * 1e3 / (double)spent, percentile(&r, 50),
		       percentile(&r, 99), (double)cpu / 1e3 / (double)MAX(r.done, 1ULL),
		       (double)cpu * 100 / (double)spent);
	return result;
}

/* ---- sessions ----------------------------------------------------------------------------- */

static int logins(char **argv)
{
	uint64_t begin = now_nsec(), count = 0;
	uint32_t seconds;
	int r = num_u32(argv[1], 1, 3600, &seconds);

	while (r == 0 && now_nsec() - begin < seconds * 1000000000ULL) {
		struct client c;

		r = client_login(&c, argv[2], argv[3], 1);
		if (r == 0)
			r = client_logout(&c);
		count++;
	}
	if (r == 0)
		printf("%.0f\n", (double)count * 1e9 / (double)(now_nsec() - begin));
	return r;
}

static int memory(char **argv)
{
	static struct client clients[SESSIONS_MAX];
	uint32_t count, i;
	int r = num_u32(argv[1], 1, SESSIONS_MAX, &count);

	if (r < 0)
		return r;
	for (i = 0; r == 0 && i < count; i++)
		r = client_login(&clients[i], argv[2], argv[3], (uint16_t)i);
	if (r == 0)
		printf("%lu\n", resident_kb(argv[0]));
	while (i-- > 0)
		client_done(&clients[i]);
	return r;
}

static int start(char **argv)
{
	uint64_t begin = now_nsec();
	struct client c;
	pid_t pid = fork();
	int r;

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	do
		r = client_login(&c, argv[0], argv[1], 1);
	while (r < 0 && now_nsec() - begin < PATIENCE_SEC * 1000000000ULL);
	if (r == 0) {
		printf("%.1f\n", (double)(now_nsec() - begin) / 1e6);
		client_done(&c);
	}
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	return r;
}

static const struct {
	const char *name;
	int words;
	int (*run)(char **argv);
} commands[] = {
	{"io", 6, io},
	{"logins", 4, logins},
	{"memory", 4, memory},
	{"start", 3, start},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(commands); i++) {
		int r;

		if (strcmp(commands[i].name, argv[1]) != 0 || argc - 2 < commands[i].words)
			continue;
		r = commands[i].run(argv + 2);
		if (r < 0)
			fprintf(stderr, "load %s: %s\n", argv[1], strerror(-r));
		return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	fprintf(stderr, "usage: load io|logins|memory|start ...; its source says it all\n");
	return 2;
}
