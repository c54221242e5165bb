# aws_service(SVC): the library aws_<svc>, generated from models/<svc>/ and Debian's botocore model.
#
# The generator runs when the model, the allow-list, the patch or the generator changes, and rewrites only files whose
# content differs, so that a new comment in patch.json rebuilds nothing.
find_program(DEBIAN_PYTHON3 python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
set(BOTOCORE_MODELS /usr/lib/python3/dist-packages/botocore/data)

#
# FOLDER and MODEL choose another allow-list and model: the toy of the generator's own tests.
function(aws_service svc)
  cmake_parse_arguments(arg "" "FOLDER;MODEL" "" ${ARGN})
  set(out ${PROJECT_BINARY_DIR}/generated/aws/${svc})
  set(folder ${PROJECT_SOURCE_DIR}/models/${svc})
  if(arg_FOLDER)
    set(folder ${arg_FOLDER})
  endif()
  file(GLOB generator CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/modelgen/*.py)
  set(model ${arg_MODEL})
  set(choose_model)
  if(model)
    set(choose_model --model ${model})
  else()
    file(GLOB model ${BOTOCORE_MODELS}/${svc}/*/service-2.json)
  endif()
  if(NOT model)
    message(FATAL_ERROR "no model of ${svc} under ${BOTOCORE_MODELS}: is python3-botocore installed?")
  endif()
  set(headers types.h api.h overrides.inc errors.h schema.h client.h)
  set(sources errors.cpp schema.cpp service.cpp client.cpp)
  list(TRANSFORM headers PREPEND ${out}/)
  list(TRANSFORM sources PREPEND ${out}/)
  set(stamp ${out}/stamp)
  file(GLOB inputs CONFIGURE_DEPENDS ${folder}/operations.txt ${folder}/patch.json)
  add_custom_command(
    OUTPUT ${stamp}
    BYPRODUCTS ${headers} ${sources}
    COMMAND ${DEBIAN_PYTHON3} ${PROJECT_SOURCE_DIR}/tools/modelgen/modelgen.py --service ${folder} --out ${out}
            ${choose_model}
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${generator} ${model} ${inputs}
    COMMENT "modelgen ${svc}"
    VERBATIM)
  add_custom_target(aws_${svc}_generated DEPENDS ${stamp})
  add_library(aws_${svc} STATIC ${sources})
  target_link_libraries(aws_${svc} PUBLIC wire)
  target_compile_options(aws_${svc} PRIVATE -O1 -g1)
  add_dependencies(aws_${svc} aws_${svc}_generated)
endfunction()
