/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iscsiadm/daemon.h"

#include <errno.h>
#include <string.h>

#include "iscsiadm/report.h"
#include "lib/base/macros.h"
#include "lib/base/num.h"

static int not_connected(int error, bool has_startup)
{
	bool absent = error == -ECONNREFUSED || error == -ENOENT;

	if (absent && !has_startup)
		report("iscsid is not running. Could not start it up automatically using the "
		       "startup command in the iscsid.conf iscsid.startup setting. Please check "
		       "that the file exists or that your init scripts have started iscsid.");
	/* one number for "nobody is there", whatever the socket's path says */
	report("can not connect to iSCSI daemon (%d)!", absent ? ECONNREFUSED : -error);
	return error == -EACCES ? ISCSI_ERR_ACCESS : ISCSI_ERR_ISCSID_NOTCONN;
}

int daemon_connect_quietly(struct cli *cli)
{
	int r = cli->client ? 0 : client_connect(cli->paths.control, NULL, &cli->client);

	if (r == 0)
		client_set_deadline(cli->client, cli->deadline_usec);
	return r;
}

int daemon_connect(struct cli *cli)
{
	struct iscsi_db_config *config = NULL;
	/* where iscsid.startup is looked up: the daemon cannot be asked, it does not run */
	const char *path = cli->paths.config ? cli->paths.config : CLI_CONFIG_FILE;
	const char *startup = NULL;
	int r, rc = ISCSI_ERR_SUCCESS;

	if (cli->client)
		return ISCSI_ERR_SUCCESS;
	r = daemon_connect_quietly(cli);
	if (r == 0)
		return ISCSI_ERR_SUCCESS;
	if (iscsi_db_config_read(path, NULL, NULL, &config) == 0)
		startup = iscsi_db_config_get(config, "iscsid.startup");
	if (startup && startup[0])
		r = client_connect(cli->paths.control, startup, &cli->client);
	if (r < 0)
		rc = not_connected(r, startup && startup[0]);
	else
		client_set_deadline(cli->client, cli->deadline_usec);
	iscsi_db_config_free(config);
	return rc;
}

static void note_config(void *data, struct client_request *r _unused_, const struct ipc_message *m)
{
	char **path = data;
	struct kv value;

	if (m && m->reply == IPC_REPLY_DONE && ipc_message_get(m, "config", &value) == 1 &&
	    value.value_len > 0)
		*path = kv_value_dup(&value);
}

char *daemon_config_path(struct cli *cli)
{
	struct client_request request = {.verb = "config"};
	char *path = NULL;

	if (daemon_connect_quietly(cli) < 0)
		return NULL;
	client_run(cli->client, &request, 1, CLIENT_HURRIES, note_config, &path);
	client_request_done(&request);
	return path;
}

struct state_list {
	struct daemon_state *states;
	size_t count;
};

static void note_state(void *data, struct client_request *r _unused_, const struct ipc_message *m)
{
	struct state_list *list = data;
	struct daemon_state state = {0}, *grown;
	int64_t usec;
	struct kv kv;

	if (!m || m->reply != IPC_REPLY_ITEM ||
	    ipc_message_get_int(m, "sid", 0, INT32_MAX, -1, &state.sid) < 0 || state.sid < 0)
		return;
	if (ipc_message_get_int(m, "recoveries", 0, INT32_MAX, 0, &state.recoveries) < 0)
		state.recoveries = 0;
	if (ipc_message_get(m, "login_usec", &kv) == 1 &&
	    num_parse(kv.value, kv.value_len, 0, INT64_MAX, &usec) == 0)
		state.login_usec = (uint64_t)usec;
	ipc_message_copy(m, "state", state.state, sizeof(state.state));
	ipc_message_copy(m, "connection", state.connection, sizeof(state.connection));
	grown = realloc(list->states, (list->count + 1) * sizeof(*grown));
	if (!grown)
		return;
	grown[list->count++] = state;
	list->states = grown;
}

void daemon_states(struct cli *cli, struct daemon_state **ret, size_t *ret_count)
{
	struct client_request request = {.verb = "sessions"};
	struct state_list list = {0};

	if (daemon_connect_quietly(cli) == 0) {
		client_run(cli->client, &request, 1, CLIENT_HURRIES, note_state, &list);
		client_request_done(&request);
	}
	*ret = list.states;
	*ret_count = list.count;
}

struct pending {
	struct cli *cli;
	int error;
};

static void note_pending(void *data, struct client_request *r _unused_, const struct ipc_message *m)
{
	struct pending *pending = data;
	struct cli *cli = pending->cli;
	struct host_session s = {.has_creator = true, .tpgt = PORTAL_TPGT_UNKNOWN}, *grown;

	if (!m || m->reply != IPC_REPLY_ITEM ||
	    ipc_message_get_int(m, "sid", 0, INT32_MAX, -1, &s.sid) < 0 || s.sid != 0 ||
	    ipc_message_get_int(m, "port", 1, UINT16_MAX, ISCSI_PORT, &s.persistent_port) < 0)
		return;
	ipc_message_copy(m, "target", s.target_name, sizeof(s.target_name));
	ipc_message_copy(m, "address", s.persistent_address, sizeof(s.persistent_address));
	ipc_message_copy(m, "iface", s.iface_name, sizeof(s.iface_name));
	grown = realloc(cli->sessions, (cli->session_count + 1) * sizeof(*grown));
	if (!grown) {
		pending->error = -ENOMEM;
		return;
	}
	grown[cli->session_count++] = s;
	cli->sessions = grown;
}

int daemon_add_pending(struct cli *cli)
{
	struct client_request request = {.verb = "sessions"};
	struct pending pending = {.cli = cli};

	if (daemon_connect_quietly(cli) < 0)
		return ISCSI_ERR_SUCCESS;
	client_run(cli->client, &request, 1, CLIENT_HURRIES, note_pending, &pending);
	client_request_done(&request);
	return pending.error < 0 ? cli_failed(pending.error, "logout") : ISCSI_ERR_SUCCESS;
}

int daemon_stop(struct cli *cli)
{
	struct client_request request = {.verb = "stop"};
	int r, rc;

	if (cli->opts.kill_priority != 0) {
		report("Invalid iscsid priority %d. Priority must be 0.", cli->opts.kill_priority);
		return ISCSI_ERR_SUCCESS;
	}
	r = client_connect(cli->paths.control, NULL, &cli->client);
	if (r < 0) {
		rc = not_connected(r, true);
	} else {
		client_run(cli->client, &request, 1, CLIENT_HURRIES, NULL, NULL);
		rc = (int)request.error;
		client_request_done(&request);
	}
	if (rc != ISCSI_ERR_SUCCESS) {
		report("initiator reported error (%d - %s)", rc, iscsi_err_text(rc));
		report("Could not stop iscsid. Trying sending iscsid SIGTERM or SIGKILL signals "
		       "manually");
	}
	return rc;
}
