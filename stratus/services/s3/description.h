// What requests say about an object beside its bytes: checked, and turned into the record's Description.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/records.h"
#include "wire/error.h"

namespace stratus::s3 {

/// No control characters: what is stored becomes a response header again.
wire::Outcome<base::Unit> check_header_text(std::string_view name, std::string_view value);
wire::Outcome<std::map<std::string, std::string>> check_metadata(
    const std::map<std::string, std::string>& given);
/// Classes that differ from STANDARD in price only are kept as labels; archives, which would have to refuse
/// reads, are NotImplemented.
wire::Outcome<std::string> check_storage_class(const std::optional<std::string>& given);
/// Ownership is enforced by the bucket: only the ACLs that change nothing pass.
wire::Outcome<base::Unit> check_object_acl(const std::optional<std::string>& acl, bool grants);
wire::Outcome<base::Unit> check_no_encryption(const std::optional<std::string>& server_side,
                                              const std::optional<std::string>& customer_algorithm,
                                              const std::optional<std::string>& customer_key,
                                              const std::optional<std::string>& kms_key);
std::optional<std::string> without_aws_chunked(const std::optional<std::string>& content_encoding);

template <class Request>
wire::Outcome<base::Unit> check_no_customer_key(const Request& in) {
    return check_no_encryption(std::nullopt, in.sse_customer_algorithm, in.sse_customer_key, std::nullopt);
}

/// Refuses what is not there: ACLs, encryption, object lock. For PutObject, CopyObject,
/// CreateMultipartUpload.
template <class Request>
wire::Outcome<base::Unit> check_claims(const Request& in) {
    TRY(check_object_acl(in.acl,
                         in.grant_full_control || in.grant_read || in.grant_read_acp || in.grant_write_acp));
    TRY(check_no_encryption(in.server_side_encryption, in.sse_customer_algorithm, in.sse_customer_key,
                            in.ssekms_key_id));
    if (in.object_lock_mode || in.object_lock_retain_until_date || in.object_lock_legal_hold_status) {
        return errors::invalid_request("Bucket is missing Object Lock Configuration");
    }
    return base::Unit{};
}

template <class Request>
wire::Outcome<Description> describe(const Request& in) {
    Description out;
    out.content_type =
        in.content_type && !in.content_type->empty() ? *in.content_type : "binary/octet-stream";
    out.cache_control = in.cache_control;
    out.content_disposition = in.content_disposition;
    out.content_encoding = without_aws_chunked(in.content_encoding);
    out.content_language = in.content_language;
    out.expires = in.expires;
    out.website_redirect_location = in.website_redirect_location;
    out.storage_class = TRY(check_storage_class(in.storage_class));
    out.metadata = TRY(check_metadata(in.metadata));
    TRY(check_header_text("Content-Type", out.content_type));
    for (const auto& [name, value] : {std::pair{"Cache-Control", &out.cache_control},
                                      {"Content-Disposition", &out.content_disposition},
                                      {"Content-Encoding", &out.content_encoding},
                                      {"Content-Language", &out.content_language},
                                      {"Expires", &out.expires},
                                      {"x-amz-website-redirect-location", &out.website_redirect_location}}) {
        if (*value) TRY(check_header_text(name, **value));
    }
    return out;
}

/// The description as headers of GetObject's and HeadObject's output.
template <class Output>
void show_description(const Description& from, Output& out) {
    out.content_type = from.content_type;
    out.cache_control = from.cache_control;
    out.content_disposition = from.content_disposition;
    out.content_encoding = from.content_encoding;
    out.content_language = from.content_language;
    out.expires = from.expires;
    out.website_redirect_location = from.website_redirect_location;
    out.metadata = from.metadata;
    if (from.storage_class != "STANDARD") out.storage_class = from.storage_class;
}

}  // namespace stratus::s3
