// The five codecs, each in its own .cpp; codec_of() chooses.
#pragma once

#include "wire/codec.h"

namespace wire {

const Codec& aws_json_codec();
const Codec& query_codec();
const Codec& ec2_query_codec();
const Codec& rest_json_codec();
const Codec& rest_xml_codec();

}  // namespace wire
