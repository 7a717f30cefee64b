/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sense data in fixed format (SPC-4 4.5.3).
 */
#ifndef TARGET_SENSE_H
#define TARGET_SENSE_H

#include <stdbool.h>
#include <stdint.h>

/* SPC-4 4.5.6 */
enum sense_key {
	SENSE_NO_SENSE = 0x0,
	SENSE_NOT_READY = 0x2,
	SENSE_MEDIUM_ERROR = 0x3,
	SENSE_HARDWARE_ERROR = 0x4,
	SENSE_ILLEGAL_REQUEST = 0x5,
	SENSE_UNIT_ATTENTION = 0x6,
	SENSE_DATA_PROTECT = 0x7,
	SENSE_ABORTED_COMMAND = 0xb,
	SENSE_MISCOMPARE = 0xe,
};

/* ASC << 8 | ASCQ, SPC-4 annex E; those of iSCSI also in RFC 7143 11.4.7.2 */
enum sense_code {
	SENSE_NONE = 0x0000,
	SENSE_WRITE_ERROR = 0x0c00,
	SENSE_UNEXPECTED_UNSOLICITED_DATA = 0x0c0c,
	SENSE_NOT_ENOUGH_UNSOLICITED_DATA = 0x0c0d,
	SENSE_UNRECOVERED_READ_ERROR = 0x1100,
	SENSE_MISCOMPARE_DURING_VERIFY = 0x1d00,
	SENSE_INVALID_OPCODE = 0x2000,
	SENSE_LBA_OUT_OF_RANGE = 0x2100,
	SENSE_INVALID_FIELD_IN_CDB = 0x2400,
	SENSE_LUN_NOT_SUPPORTED = 0x2500,
	SENSE_WRITE_PROTECTED = 0x2700,
	SENSE_POWER_ON_OR_RESET = 0x2900,
	SENSE_BUS_DEVICE_RESET = 0x2903,
	SENSE_COMMANDS_CLEARED = 0x2f00,
	SENSE_LUNS_CHANGED = 0x3f0e,
	SENSE_SAVING_NOT_SUPPORTED = 0x3900,
	SENSE_DATA_PHASE_ERROR = 0x4b00,
};

struct sense {
	enum sense_key key;
	uint16_t code; /* enum sense_code */
	bool has_information;
	uint32_t information;
};

enum { SENSE_FIXED_LEN = 18 };

/* The 18 bytes of a current error. */
void sense_encode(const struct sense *s, uint8_t ret[static SENSE_FIXED_LEN]);

#endif
