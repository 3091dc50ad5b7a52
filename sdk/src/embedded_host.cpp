#include "actors/running_node.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/os_disk.hpp"
#include "sdk/src/hosts.hpp"

namespace weft::detail {

namespace {

class embedded_host final : public host {
public:
  explicit embedded_host(const std::string& name) : diagnostics_(name, actors::severity::warning) {}
  ~embedded_host() override {
    if (!node_) return;
    if (door_) node_->close_door(door_);
    node_->stop();
  }

  result<void> start(const actors::node_options& options, node::visitor& to) {
    auto started = actors::running_node::start(options, diagnostics_);
    if (!started) return fail(started.error());
    node_ = std::move(*started);
    data_dir_ = options.data_dir;
    door_ = node_->open_door(to, "the program of this node");
    return {};
  }

  node::door& door() noexcept override { return *door_; }
  std::string address() const override { return node_->address(); }
  std::string data_dir() const override { return data_dir_; }

private:
  actors::diagnostics diagnostics_;
  std::string data_dir_;
  std::unique_ptr<actors::running_node> node_;
  std::shared_ptr<node::door> door_;
};

} // namespace

result<std::unique_ptr<host>> start_embedded(const node_options& options, node::visitor& to) {
  if (options.data_dir.empty()) return fail(errc::invalid_argument, "a node needs a data_dir");
  actors::node_options asked;
  asked.name = options.name;
  asked.data_dir = options.data_dir;
  asked.listen = options.listen;
  if (options.join) {
    const auto invitation = read_file(os_disk(), *options.join, limits::handshake_bytes_max);
    if (!invitation) return fail(invitation.error().within("the invitation"));
    asked.invitation = std::string(as_text(*invitation));
  }
  auto made = std::make_unique<embedded_host>(options.name);
  if (const auto started = made->start(asked, to); !started) return fail(started.error());
  return made;
}

} // namespace weft::detail
