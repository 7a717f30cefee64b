/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/host/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <scsi/sg.h>

#include "lib/base/cursor.h"
#include "lib/base/macros.h"
#include "lib/host/block_device.h"

enum {
	ASK_TIMEOUT_MSEC = 10000,
	SENSE_SIZE = 64,
	/* SPC-4 section 6.6: INQUIRY; the peripheral qualifier is in the first byte of the answer
	 */
	OP_INQUIRY = 0x12,
	INQUIRY_LEN = 36,
	QUALIFIER_MASK = 0xe0,
	QUALIFIER_NO_LUN = 0x60,
	/* section 4.5: sense data of either format, and LOGICAL UNIT NOT SUPPORTED */
	RESPONSE_MASK = 0x7f,
	SENSE_FIXED = 0x70,
	SENSE_DESCRIPTOR = 0x72,
	FIXED_BEFORE_ASC = 11,
	DESCRIPTOR_BEFORE_ASC = 1,
	ASC_NO_LUN = 0x2500,
};

int host_disk_open(const char *sysfs, const char *name, bool exclusive)
{
	_cleanup_close_ int fd = -1;
	struct block_device device;
	struct sysfs_reader reader;
	char path[PATH_MAX];
	struct stat st;
	int r = sysfs_reader_init(&reader, sysfs);

	if (r < 0)
		return r;
	block_device_read(&reader, name, &device);
	sysfs_reader_done(&reader);
	snprintf(path, sizeof(path), "/dev/%s", name);
	/* O_NONBLOCK: without waiting for a medium */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | (exclusive ? O_EXCL : 0));
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISBLK(st.st_mode) || !device.devno || st.st_rdev != device.devno)
		return -ENODEV;
	return take_fd(&fd);
}

static bool says_no_lun(const uint8_t *sense, size_t len)
{
	struct cursor c = cursor_make(sense, len);
	uint16_t asc;
	uint8_t code;
	size_t before;

	if (cursor_u8(&c, &code) < 0)
		return false;
	code &= RESPONSE_MASK;
	if (code != SENSE_FIXED && code != SENSE_DESCRIPTOR)
		return false;
	before = code == SENSE_FIXED ? FIXED_BEFORE_ASC : DESCRIPTOR_BEFORE_ASC;
	return cursor_skip(&c, before) == 0 && cursor_be16(&c, &asc) == 0 && asc == ASC_NO_LUN;
}

bool host_disk_gone(int fd)
{
	uint8_t cdb[] = {OP_INQUIRY, 0, 0, 0, INQUIRY_LEN, 0};
	uint8_t sense[SENSE_SIZE], answer[INQUIRY_LEN];
	struct sg_io_hdr io = {
		.interface_id = 'S',
		.dxfer_direction = SG_DXFER_FROM_DEV,
		.cmd_len = sizeof(cdb),
		.cmdp = cdb,
		.mx_sb_len = sizeof(sense),
		.sbp = sense,
		.dxfer_len = sizeof(answer),
		.dxferp = answer,
		.timeout = ASK_TIMEOUT_MSEC,
	};

	if (ioctl(fd, SG_IO, &io) < 0)
		return false;
	if (io.sb_len_wr > 0)
		return says_no_lun(sense, io.sb_len_wr);
	return (io.info & SG_INFO_OK_MASK) == SG_INFO_OK && io.resid < (int)sizeof(answer) &&
	       (answer[0] & QUALIFIER_MASK) == QUALIFIER_NO_LUN;
}
