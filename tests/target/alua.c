/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asymmetric logical unit access: the state, and the commands that tell and set it (SPC-4 6.37 and
 * 6.45).
 */
#include "tests/target/alua.h"

#include "tests/target/scsi.h"

enum {
	EXTENDED_HEADER = 0x20, /* PARAMETER DATA FORMAT 001b in byte 1 */
	FORMAT_MASK = 0xe0,
	HEADER_TYPE_EXTENDED = 0x10,
	/* T, U, S, AN and AO: the states that there are */
	SUPPORTED = 0x80 | 0x08 | 0x04 | 0x02 | 0x01,
	STATE_MASK = 0x0f,
	LENGTH_FIELD = 4,
	SET_HEADER_LEN = 4,
	SET_DESCRIPTOR_LEN = 4,
	SET_MAX = 256,
};

static void set(struct scsi_target *t, enum alua_state state, enum alua_cause cause,
                const struct nexus *except)
{
	if (t->alua.state == state)
		return;
	t->alua = (struct alua){.state = state, .cause = cause};
	for (uint16_t lun = 0; lun < LUN_COUNT; lun++)
		if (t->luns[lun])
			nexus_attention_all(t, lun, SENSE_ALUA_STATE_CHANGED, except);
}

void alua_set_state(struct scsi_target *t, enum alua_state state)
{
	set(t, state, ALUA_CAUSE_IMPLICIT, NULL);
}

void scsi_report_target_port_groups(struct scsi_cmd *cmd)
{
	const struct alua *alua = &cmd->nexus->target->alua;
	uint8_t format = cmd->cdb[1] & FORMAT_MASK;
	struct writer *w = &cmd->reply;

	if (format > EXTENDED_HEADER) {
		scsi_invalid_cdb(cmd);
		return;
	}
	writer_be32(w, 0);
	if (format == EXTENDED_HEADER) {
		writer_u8(w, HEADER_TYPE_EXTENDED);
		writer_zeros(w, 3);
	}
	writer_u8(w, (uint8_t)alua->state);
	writer_u8(w, SUPPORTED);
	writer_be16(w, ALUA_GROUP);
	writer_u8(w, 0);
	writer_u8(w, (uint8_t)alua->cause);
	writer_u8(w, 0);
	writer_u8(w, 1); /* one port follows */
	writer_be16(w, 0);
	writer_be16(w, ALUA_PORT);
	if (writer_status(w) == 0)
		w->data[LENGTH_FIELD - 1] = (uint8_t)(w->len - LENGTH_FIELD);
	scsi_reply(cmd, scsi_cdb_be32(cmd, 6));
}

void scsi_set_target_port_groups(struct scsi_cmd *cmd)
{
	uint32_t len = scsi_cdb_be32(cmd, 6);

	if (len == 0)
		return;
	if (len < SET_HEADER_LEN || len > SET_MAX)
		scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_PARAMETER_LIST_LENGTH);
	else
		scsi_want(cmd, len);
}

/* Transitioning is no state that can be asked for (SPC-4 table 320). */
static bool can_be_set(uint8_t state)
{
	return state == ALUA_OPTIMIZED || state == ALUA_NON_OPTIMIZED || state == ALUA_STANDBY ||
	       state == ALUA_UNAVAILABLE;
}

void scsi_set_target_port_groups_end(struct scsi_cmd *cmd)
{
	struct cursor c = cursor_make(cmd->parameters.data, cmd->parameters.len);
	enum alua_state wanted = cmd->nexus->target->alua.state;
	uint16_t group;
	uint8_t state;

	cursor_skip(&c, SET_HEADER_LEN);
	while (cursor_left(&c) > 0) {
		if (cursor_u8(&c, &state) < 0 || cursor_skip(&c, 1) < 0 ||
		    cursor_be16(&c, &group) < 0) {
			scsi_fail(cmd, SENSE_ILLEGAL_REQUEST, SENSE_PARAMETER_LIST_LENGTH);
			return;
		}
		if (group != ALUA_GROUP || !can_be_set(state & STATE_MASK)) {
			scsi_invalid_parameter(cmd);
			return;
		}
		wanted = state & STATE_MASK;
	}
	set(cmd->nexus->target, wanted, ALUA_CAUSE_COMMAND, cmd->nexus);
}
