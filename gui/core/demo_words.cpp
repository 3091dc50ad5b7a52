#include "gui/core/demo_words.hpp"

namespace weft::monitor::demo {
namespace {

constexpr node_words all_nodes[] = {
    {"gateway", "edge"},    {"order-api", "orders"},     {"payments", "billing"},
    {"inventory", "stock"}, {"picking", "shipping"},     {"reports", "insight"},
    {"cart", "edge"},       {"order-book", "orders"},    {"ledger", "billing"},
    {"warehouse", "stock"}, {"tracking", "shipping"},    {"forecasts", "insight"},
    {"storefront", "edge"}, {"returns", "orders"},       {"invoices", "billing"},
    {"pricing", "stock"},   {"packing", "shipping"},     {"audit", "insight"},
    {"search", "edge"},     {"order-router", "orders"},  {"fraud-check", "billing"},
    {"suppliers", "stock"}, {"carrier-hub", "shipping"}, {"suggestions", "insight"},
    {"sessions", "edge"},   {"promises", "orders"},      {"refunds", "billing"},
    {"counting", "stock"},  {"labels", "shipping"},      {"clicks", "insight"},
};

constexpr topic_words all_topics[] = {
    {"retail.orders", "order-api", 420},       {"retail.carts", "cart", 2600},
    {"retail.payments", "payments", 390},      {"retail.stock", "inventory", 880},
    {"logistics.picks", "picking", 640},       {"logistics.scans", "tracking", 5200},
    {"retail.clicks", "gateway", 9400},        {"billing.ledger", "ledger", 760},
    {"retail.prices", "inventory", 55},        {"logistics.parcels", "warehouse", 310},
    {"billing.invoices", "payments", 120},     {"retail.searches", "gateway", 3100},
    {"insight.forecasts", "forecasts", 4},     {"insight.reports", "reports", 0.5},
    {"retail.refunds", "order-book", 9},       {"logistics.routes", "tracking", 75},
    {"retail.sessions", "gateway", 1500},      {"logistics.labels", "picking", 290},
    {"retail.suggestions", "forecasts", 1800}, {"billing.fraud", "ledger", 2},
};

constexpr group_words all_groups[] = {
    {"packers", "retail.orders", "warehouse"},          {"order-writers", "retail.orders", "order-book"},
    {"ledger-keepers", "retail.payments", "ledger"},    {"stock-counters", "logistics.picks", "inventory"},
    {"parcel-trackers", "logistics.scans", "tracking"}, {"click-counters", "retail.clicks", "reports"},
    {"cart-watchers", "retail.carts", "forecasts"},     {"invoice-makers", "billing.ledger", "payments"},
    {"price-readers", "retail.prices", "gateway"},      {"label-printers", "logistics.parcels", "picking"},
    {"mailers", "billing.invoices", "order-api"},       {"search-indexers", "retail.stock", "gateway"},
    {"demand-readers", "retail.searches", "forecasts"}, {"report-readers", "insight.reports", "order-api"},
    {"refunders", "retail.refunds", "payments"},        {"route-planners", "logistics.routes", "picking"},
    {"session-counters", "retail.sessions", "reports"}, {"fraud-watchers", "billing.fraud", "order-api"},
};

} // namespace

std::span<const node_words> nodes() { return all_nodes; }
std::span<const topic_words> topics() { return all_topics; }
std::span<const group_words> groups() { return all_groups; }

} // namespace weft::monitor::demo
