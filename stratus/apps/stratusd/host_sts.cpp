#include "stratus/apps/stratusd/hosting.h"
#include "stratus/services/sts/sts.h"

namespace stratus {
namespace {

class StsHosting final : public Hosting {
  public:
    explicit StsHosting(const Platform& platform) : sts_(platform.sessions, platform.clock) {}
    HostedService service() override {
        return {.binding = aws::sts::bind(sts_), .body_bytes_max = 256 * 1024};
    }

  private:
    sts::Sts sts_;
};

}  // namespace

base::Result<std::unique_ptr<Hosting>> host_sts(const Platform& platform) {
    return std::unique_ptr<Hosting>(std::make_unique<StsHosting>(platform));
}

}  // namespace stratus
