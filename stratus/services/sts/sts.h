// STS: who is calling, and temporary credentials. See docs/decisions/0004-sts-without-iam.md.
#pragma once

#include "aws/sts/api.h"
#include "base/clock.h"
#include "stratus/runtime/sessions.h"

namespace stratus::sts {

/// Stateless: sessions carry their own proof. Thread-safe. Borrows its dependencies.
class Sts final : public aws::sts::Api {
  public:
    Sts(const Sessions& sessions, const base::Clock& clock) : sessions_(sessions), clock_(clock) {}

#include "aws/sts/overrides.inc"

  private:
    const Sessions& sessions_;
    const base::Clock& clock_;
};

}  // namespace stratus::sts
