// For tests: a socket that sends exactly the bytes it is told to, as no well-behaved client would.
#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

#include "base/files.h"

namespace net {

/// Blocking, with five seconds of patience.
class RawClient {
  public:
    explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        const int on = 1;
        ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const timeval patience{.tv_sec = 5, .tv_usec = 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    }

    bool connected() const { return connected_; }

    /// False when the peer has closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// One answer with its body (by Content-Length; "100 Continue" counts as one), or what came before the
    /// end.
    std::string receive() {
        while (received_.find("\r\n\r\n") == std::string::npos) {
            if (!receive_some()) return std::exchange(received_, {});
        }
        const std::size_t head = received_.find("\r\n\r\n") + 4;
        const std::size_t field = received_.find("Content-Length: ");
        std::size_t size = head;
        if (field < head) size += std::stoul(received_.substr(field + 16));
        while (received_.size() < size) {
            if (!receive_some()) break;
        }
        std::string answer = received_.substr(0, size);
        received_.erase(0, size);
        return answer;
    }

    /// Everything until the peer closes.
    std::string receive_all() {
        while (receive_some()) {
        }
        return std::exchange(received_, {});
    }

    std::string exchange(std::string_view request) {
        send(request);
        return receive();
    }

    void set_send_patience(timeval patience) {
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    }
    void finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }
    /// True when nothing more comes: the peer has closed.
    bool at_end() { return !receive_some(); }
    void close() { socket_.reset(); }

  private:
    bool receive_some() {
        char block[65536];
        const ssize_t got = ::recv(socket_.get(), block, sizeof block, 0);
        if (got <= 0) return false;
        received_.append(block, static_cast<std::size_t>(got));
        return true;
    }

    base::Fd socket_;
    bool connected_ = false;
    std::string received_;
};

}  // namespace net
