#include "cubed/dash/static_files.h"

#include <fmt/format.h>

#include "base/files.h"

namespace cubed::dash {
namespace {

std::string_view content_type_of(const std::filesystem::path& path) {
    const std::string extension = path.extension().string();
    if (extension == ".html") return "text/html; charset=utf-8";
    if (extension == ".css") return "text/css; charset=utf-8";
    if (extension == ".js") return "text/javascript; charset=utf-8";
    if (extension == ".svg") return "image/svg+xml";
    return "application/octet-stream";
}

}  // namespace

base::Result<StaticFiles> StaticFiles::load(const std::filesystem::path& folder) {
    StaticFiles out;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (!entry.is_regular_file()) continue;
        std::string bytes = TRY(base::read_file(entry.path()));
        out.files_["/" + entry.path().filename().string()] =
            File{std::string(content_type_of(entry.path())), std::move(bytes)};
    }
    if (out.files_.empty()) {
        return base::Failure{base::FailureKind::not_found,
                             fmt::format("no pages in {}; ./make builds them", folder.string())};
    }
    return out;
}

net::Response StaticFiles::answer(std::string_view path, std::string_view otherwise) const {
    auto found = files_.find(path);
    if (found == files_.end()) found = files_.find(otherwise);
    if (found == files_.end()) return net::Response{404, {{"Content-Type", "text/plain"}}, "Not found\n"};
    return net::Response{200,
                         {{"Content-Type", found->second.content_type},
                          {"Cache-Control", "no-cache"},
                          {"X-Content-Type-Options", "nosniff"}},
                         found->second.bytes};
}

}  // namespace cubed::dash
