// A folder's files, read once at start and served from memory.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/message.h"

namespace cubed::dash {

/// Only files that were there at start exist, under their own names: no path of a request ever reaches the
/// file system. Thread-safe after loading.
class StaticFiles {
  public:
    /// Every file directly in `folder`; `not_found` when the folder is missing or holds none.
    static base::Result<StaticFiles> load(const std::filesystem::path& folder);

    /// The file of that name ("/dash.js"), or of `otherwise` when given and there is none.
    net::Response answer(std::string_view path, std::string_view otherwise = {}) const;

  private:
    struct File {
        std::string content_type;
        std::string bytes;
    };
    std::map<std::string, File, std::less<>> files_;
};

}  // namespace cubed::dash
