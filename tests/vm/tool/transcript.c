/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transcript FOLDER PROGRAM <ROWS: run a program once for each row, a command line quoted as for
 * the shell, and write down what it printed, its exit status and what it changed in the folder:
 * each folder, link and file that went or came, modes and the lines of a file included.
 *
 *   any-order WORDS   what it prints comes in no certain order: it is sorted, without numbers of
 * sessions ! COMMAND         sets the scene: run by the shell, nothing of it is written down #
 * TEXT, < TEXT, > TEXT and empty lines are not for this program
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

#include "lib/base/file.h"
#include "lib/base/macros.h"

enum { FILE_MAX = 1 << 20 };

struct lines {
	char **at;
	size_t count;
};

static void die(const char *what)
{
	fprintf(stderr, "transcript: %s: %s\n", what, strerror(errno));
	exit(2);
}

static _printf_(2, 3) void add(struct lines *l, const char *format, ...)
{
	va_list ap;
	int n;

	l->at = reallocarray(l->at, l->count + 1, sizeof(*l->at));
	if (!l->at)
		die("memory");
	va_start(ap, format);
	n = vasprintf(&l->at[l->count++], format, ap);
	va_end(ap);
	if (n < 0)
		die("memory");
}

/* Each line of a text, the last one too where it does not end. */
static void add_text(struct lines *l, const char *before, char *text, size_t len)
{
	for (char *p = text, *end; p < text + len; p = end + 1) {
		end = memchr(p, '\n', (size_t)(text + len - p));
		if (!end) {
			add(l, "%s%s (no end of line)", before, p);
			return;
		}
		*end = '\0';
		add(l, "%s%s", before, p);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct lines *l)
{
	if (l->count > 0)
		qsort(l->at, l->count, sizeof(*l->at), by_text);
}

static void clear(struct lines *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->at[i]);
	free(l->at);
	*l = (struct lines){0};
}

/* ---- the folder ------------------------------------------------------------------------------ */

static void add_link(struct lines *l, int fd, const char *name, const char *path)
{
	char to[PATH_MAX];
	ssize_t n = readlinkat(fd, name, to, sizeof(to) - 1);

	if (n < 0)
		die(path);
	to[n] = '\0';
	add(l, "%s -> %s", path, to);
}

/* One entry, which starts with the name. */
static void add_file(struct lines *l, int fd, const char *name, const char *path, mode_t mode)
{
	_cleanup_free_ char *text = NULL, *whole = NULL;
	struct lines content = {0};
	size_t len, size;
	FILE *f = open_memstream(&whole, &size);

	if (!f || file_read(fd, name, FILE_MAX, &text, &len) < 0)
		die(path);
	fprintf(f, "%s %03o", path, mode & 07777);
	add_text(&content, "\ndb:  ", text, len);
	for (size_t i = 0; i < content.count; i++)
		fputs(content.at[i], f);
	clear(&content);
	fclose(f);
	add(l, "%s", whole);
}

static void add_folder(struct lines *l, int parent, const char *name, const char *path)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *e;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		die(name);
	while ((e = readdir(dir))) {
		_cleanup_free_ char *below = NULL;
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (asprintf(&below, "%s%s%s", path, *path ? "/" : "", e->d_name) < 0 ||
		    fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			die(e->d_name);
		if (S_ISDIR(st.st_mode)) {
			add(l, "%s/ %03o", below, st.st_mode & 07777);
			add_folder(l, fd, e->d_name, below);
		} else if (S_ISLNK(st.st_mode)) {
			add_link(l, fd, e->d_name, below);
		} else {
			add_file(l, fd, e->d_name, below, st.st_mode);
		}
	}
	closedir(dir);
}

static struct lines folder_now(const char *path)
{
	struct lines l = {0};

	add_folder(&l, AT_FDCWD, path, "");
	sort(&l);
	return l;
}

static void print_changes(const struct lines *was, const struct lines *is)
{
	size_t a = 0, b = 0;

	while (a < was->count || b < is->count) {
		int order;

		if (a == was->count)
			order = 1;
		else
			order = b == is->count ? -1 : strcmp(was->at[a], is->at[b]);
		if (order < 0)
			printf("db: -%.*s\n", (int)strcspn(was->at[a], "\n"), was->at[a]);
		if (order > 0)
			printf("db: +%s\n", is->at[b]);
		a += order <= 0;
		b += order >= 0;
	}
}

/* ---- the program ----------------------------------------------------------------------------- */

static int run(const char *program, char **words, const int *output)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
		dup2(output[0], STDOUT_FILENO);
		dup2(output[1], STDERR_FILENO);
		execv(program, words);
		die(program);
	}
	if (waitpid(pid, &status, 0) < 0)
		die("waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* "sid: 12" is made "sid: ". */
static void forget_numbers(char *line)
{
	char *p = line;

	while ((p = strcasestr(p, "sid: "))) {
		const char *end;

		p += strlen("sid: ");
		end = p + strspn(p, "0123456789");
		memmove(p, end, strlen(end) + 1);
	}
}

static void print_output(int fd, const char *before, bool sorted)
{
	off_t len = lseek(fd, 0, SEEK_END);
	_cleanup_free_ char *text = calloc(1, (size_t)len + 1);
	struct lines l = {0};

	if (!text || pread(fd, text, (size_t)len, 0) != len)
		die(before);
	add_text(&l, before, text, (size_t)len);
	for (size_t i = 0; sorted && i < l.count; i++)
		forget_numbers(l.at[i]);
	if (sorted)
		sort(&l);
	for (size_t i = 0; i < l.count; i++)
		puts(l.at[i]);
	clear(&l);
	close(fd);
}

static void row(const char *program, const char *line, const char *folder)
{
	static const char any_order[] = "any-order ";
	bool sorted = strncmp(line, any_order, sizeof(any_order) - 1) == 0;
	const int output[] = {memfd_create("out", MFD_CLOEXEC), memfd_create("err", MFD_CLOEXEC)};
	struct lines was = folder_now(folder), is;
	wordexp_t words = {.we_offs = 1};
	int status;

	printf("$ %s\n", line);
	if (wordexp(line + (sorted ? sizeof(any_order) - 1 : 0), &words,
	            WRDE_DOOFFS | WRDE_NOCMD | WRDE_UNDEF) != 0)
		die(line);
	words.we_wordv[0] = strdup(basename(program)); /* as if it was found in $PATH */
	status = run(program, words.we_wordv, output);
	print_output(output[0], "out: ", sorted);
	print_output(output[1], "err: ", sorted);
	printf("exit %d\n", status);
	is = folder_now(folder);
	print_changes(&was, &is);
	clear(&was);
	clear(&is);
	free(words.we_wordv[0]);
	words.we_wordv[0] = NULL;
	wordfree(&words);
}

int main(int argc, char **argv)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (argc != 3) {
		fprintf(stderr, "usage: transcript FOLDER PROGRAM <ROWS\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	while ((n = getline(&line, &size, stdin)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		fflush(stdout); /* or a child may print it again */
		if (line[0] == '!' && system(line + 1) != 0)
			die(line);
		if (line[0] != '\0' && !strchr("#<>!", line[0]))
			row(argv[2], line, argv[1]);
	}
	return 0;
}
