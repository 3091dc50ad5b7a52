// sdk/cli/commands.hpp: the commands; each is declared and carried out in its own file.
#pragma once
#include "sdk/cli/command_line.hpp"

namespace weft::cli {

void add_node(command_line& weft);
void add_invite(command_line& weft);
void add_publish(command_line& weft);
void add_subscribe(command_line& weft);
void add_topics(command_line& weft);
void add_contracts(command_line& weft);
void add_groups(command_line& weft);
void add_cuts(command_line& weft);
void add_dead_letters(command_line& weft);
void add_nodes(command_line& weft);
void add_flows(command_line& weft);
void add_links(command_line& weft);
void add_route(command_line& weft);
void add_leave(command_line& weft);
void add_lag(command_line& weft);
void add_trace(command_line& weft);
void add_verify(command_line& weft);
void add_dump(command_line& weft);
void add_bench(command_line& weft);
void add_demo(command_line& weft);
void add_monitor(command_line& weft);
void add_help(command_line& weft);
void add_completions(command_line& weft);

} // namespace weft::cli
