#include "cubed/dcs/exchange.h"

#include "base/json.h"

namespace cubed::dcs {

namespace {

void append_reasons(std::string& out, const std::vector<Reason>& reasons) {
    out += '{';
    for (size_t i = 0; i < reasons.size(); ++i) {
        if (i > 0) out += ", ";
        base::append_json_string(out, reasons[i].field);
        out += ": ";
        base::append_json_string(out, reasons[i].message);
    }
    out += '}';
}

void append_answer(std::string& out, const HitAnswer& answer) {
    if (answer.message.empty()) {
        // Tokens are hex digits: nothing to escape.
        out += R"({"status": true, "vid": ")" + answer.visitor + R"(", "sid": ")" + answer.session + '"';
        if (!answer.reasons.empty()) {
            out += R"(, "reduced": )";
            append_reasons(out, answer.reasons);
        }
    } else {
        out += R"({"status": false, "message": )";
        base::append_json_string(out, answer.message);
        out += R"(, "errors": )";
        append_reasons(out, answer.reasons);
    }
    out += '}';
}

}  // namespace

std::string to_json(const HitAnswer& answer) {
    std::string out;
    append_answer(out, answer);
    return out;
}

std::string to_json(const std::vector<HitAnswer>& answers) {
    std::string out = R"({"status": true, "hits": [)";
    for (size_t i = 0; i < answers.size(); ++i) {
        if (i > 0) out += ", ";
        append_answer(out, answers[i]);
    }
    return out += "]}";
}

void Exchange::settle(const base::Result<base::Unit>& stored) {
    if (!stored.ok()) fail();
    release();
}

void Exchange::release() {
    if (open_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    sink_->send(failed_.load(std::memory_order_relaxed) ? try_again_later() : render_());
}

net::Response try_again_later() {
    return {.status = 503,
            .headers = {{"Retry-After", "5"},
                        {"Content-Type", "application/json"},
                        {"Access-Control-Allow-Origin", "*"}},
            .body = std::string(R"({"status": false, "message": "Try again later", "errors": {}})")};
}

}  // namespace cubed::dcs
