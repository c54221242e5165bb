// Errors as the XML protocols carry them.
#pragma once

#include <string>
#include <string_view>

#include "wire/codec.h"
#include "wire/error.h"
#include "wire/service.h"
#include "wire/xml_writer.h"

namespace wire {

/// <Code>, <Message> and the error's own members, into an open element.
void write_error_members(const Error& error, XmlWriter& xml);

/// Reads any of the XML protocols' error documents: <ErrorResponse>, <Response>, or S3's bare <Error>.
Error read_xml_error(int status, std::string_view body);

}  // namespace wire
