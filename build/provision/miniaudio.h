// A stand-in for miniaudio, the audio decoder that llama.cpp keeps in its `vendor` folder.
//
// Why: the Go module of Ollama leaves that folder out, so a build from the module alone stops at
// `#include "miniaudio/miniaudio.h"`. Thortime's tests train and run text models only, so every
// audio file may be refused: `ma_decoder_init_memory` always fails, and its one caller
// (tools/mtmd/mtmd-helper.cpp, decode_audio_from_buf) then reports "not decodable" and goes on.
// Only the names which that caller uses are declared; a newer Ollama that uses more will not compile,
// which is the honest outcome.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring> // the caller uses memcmp and gets it through the real miniaudio.h

typedef int32_t ma_result;
typedef uint64_t ma_uint64;

enum { MA_SUCCESS = 0, MA_NOT_IMPLEMENTED = -29 };
enum ma_format { ma_format_f32 = 5 };

struct ma_decoder_config {};
struct ma_decoder {};

static inline ma_decoder_config ma_decoder_config_init(ma_format, uint32_t, uint32_t) {
    return ma_decoder_config();
}

static inline ma_result ma_decoder_init_memory(const void *, size_t, const ma_decoder_config *, ma_decoder *) {
    return MA_NOT_IMPLEMENTED;
}

static inline ma_result ma_decoder_get_length_in_pcm_frames(ma_decoder *, ma_uint64 * frames) {
    *frames = 0;
    return MA_NOT_IMPLEMENTED;
}

static inline ma_result ma_decoder_read_pcm_frames(ma_decoder *, void *, ma_uint64, ma_uint64 * framesRead) {
    *framesRead = 0;
    return MA_NOT_IMPLEMENTED;
}

static inline ma_result ma_decoder_uninit(ma_decoder *) {
    return MA_SUCCESS;
}
