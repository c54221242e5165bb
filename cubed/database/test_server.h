// A private PostgreSQL for tests: one cluster per test program, removed with it. Header only; tests define
// STRATUS_SOURCE_DIR.
#pragma once

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "base/files.h"
#include "cubed/database/connection.h"

namespace cubed::database {

/// Settings of a superuser; the cluster starts at the first call.
class TestServer {
  public:
    static TestServer& instance() {
        static TestServer server;
        return server;
    }

    const Settings& admin() const { return admin_; }

    /// An empty database of its own.
    Settings fresh_database() {
        static std::atomic<int> count{0};
        Settings settings = admin_;
        settings.database = "test_" + std::to_string(++count);
        auto connection = Connection::open(admin_);
        EXPECT_TRUE(connection.ok()) << connection.error().what;
        Statement create("CREATE DATABASE ");
        EXPECT_TRUE(connection->execute(create.identifier(settings.database)).ok());
        return settings;
    }

    void stop(const std::string& mode) { std::ignore = run("stop", mode); }
    void start() { ASSERT_NE(run("start", ""), ""); }

  private:
    TestServer() : directory_("cubed-postgres") {
        const std::string url = run("start", "");
        auto settings = settings_from_connection_string(url);
        EXPECT_TRUE(settings.ok()) << "the test server did not start";
        if (settings.ok()) admin_ = *settings;
    }
    ~TestServer() { std::ignore = run("wipe", ""); }

    std::string run(const std::string& verb, const std::string& argument) {
        const std::string command = std::string(STRATUS_SOURCE_DIR) + "/tools/postgres/postgres " + verb +
                                    " " + (directory_.path() / "db").string() + " " + argument;
        std::string output;
        if (std::FILE* pipe = ::popen(command.c_str(), "r")) {
            char buffer[512];
            while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
            ::pclose(pipe);
        }
        while (!output.empty() && output.back() == '\n') output.pop_back();
        return output;
    }

    base::TempDirectory directory_;
    Settings admin_;
};

}  // namespace cubed::database
