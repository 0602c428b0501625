#include <csetjmp>
#include <cstdio>
// libjpeg's headers need the two above.
#include <jerror.h>
#include <jpeglib.h>

#include <string>

#include "core/data/image_file.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// A picture of the largest sides needs 100 MB when its scans come one after the other: the decoder
/// keeps all coefficients, two bytes each.
constexpr long kMostDecoderBytes = 128L << 20;
/// Each scan costs a pass over the whole picture, and may have a few bytes. Encoders write
/// about 10.
constexpr int kMostScans = 100;

/// libjpeg reports errors by a callback that must not return. Ours jumps back to the setjmp of
/// `guarded`, whose frame and those below it hold no object with a destructor; C++ exceptions are
/// thrown after that.
struct JpegState {
  jpeg_decompress_struct decoder{};
  jpeg_error_mgr manager{};
  std::jmp_buf jump{};
  jpeg_progress_mgr progress{};
  char message[JMSG_LENGTH_MAX] = "";

  // Arguments and result of the steps below.
  const unsigned char* bytes = nullptr;
  unsigned long size = 0;
  std::uint8_t* rows = nullptr;
};

JpegState& state_of(j_common_ptr common) {
  return *static_cast<JpegState*>(common->client_data);
}

[[noreturn]] void on_error(j_common_ptr common) {
  JpegState& state = state_of(common);
  state.manager.format_message(common, state.message);
  std::longjmp(state.jump, 1);
}

void on_message(j_common_ptr common, int level) {
  JpegState& state = state_of(common);
  const bool warning = level < 0;
  // Padding before a marker is common and harmless. After another warning libjpeg would make up the
  // missing pixels.
  if (warning && state.manager.msg_code != JWRN_EXTRANEOUS_DATA) on_error(common);
}

void on_progress(j_common_ptr common) {
  JpegState& state = state_of(common);
  if (state.decoder.input_scan_number <= kMostScans) return;
  std::snprintf(state.message, sizeof state.message, "more than %d scans", kMostScans);
  std::longjmp(state.jump, 1);
}

void read_header(JpegState& state) {
  jpeg_mem_src(&state.decoder, state.bytes, state.size);
  jpeg_read_header(&state.decoder, TRUE);
}

void read_rows(JpegState& state) {
  jpeg_decompress_struct& decoder = state.decoder;
  decoder.out_color_space = decoder.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  decoder.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&decoder);
  const std::size_t stride =
      std::size_t{decoder.output_width} * static_cast<std::size_t>(decoder.output_components);
  while (decoder.output_scanline < decoder.output_height) {
    JSAMPROW row = state.rows + stride * decoder.output_scanline;
    jpeg_read_scanlines(&decoder, &row, 1);
  }
  jpeg_finish_decompress(&decoder);
}

/// False when libjpeg gave up; `state.message` says why.
bool guarded(void (*step)(JpegState&), JpegState& state) {
  if (setjmp(state.jump) != 0) return false;
  step(state);
  return true;
}

class JpegReader {
 public:
  explicit JpegReader(std::string_view bytes) {
    state_.bytes = reinterpret_cast<const unsigned char*>(bytes.data());
    state_.size = bytes.size();
    state_.decoder.err = jpeg_std_error(&state_.manager);
    state_.manager.error_exit = on_error;
    state_.manager.emit_message = on_message;
    state_.decoder.client_data = &state_;
    run([](JpegState& state) { jpeg_create_decompress(&state.decoder); });
    state_.decoder.mem->max_memory_to_use = kMostDecoderBytes;
    state_.progress.progress_monitor = on_progress;
    state_.decoder.progress = &state_.progress;
  }
  ~JpegReader() { jpeg_destroy_decompress(&state_.decoder); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  DecodedImage decode() {
    run(read_header);
    const jpeg_decompress_struct& decoder = state_.decoder;
    check_image_sides(decoder.image_height, decoder.image_width);
    if (decoder.num_components != 1 && decoder.num_components != 3) {
      throw Error(ErrorKind::kUnsupported,
                  "JPEG with " + std::to_string(decoder.num_components) +
                      " components (CMYK?); convert it to grey or RGB first");
    }
    DecodedImage result;
    result.channels = static_cast<std::size_t>(decoder.num_components);
    result.height = decoder.image_height;
    result.width = decoder.image_width;
    std::vector<std::uint8_t> interleaved(result.channels * result.height * result.width);
    state_.rows = interleaved.data();
    run(read_rows);
    result.pixels = to_planes(interleaved, result.channels);
    return result;
  }

 private:
  void run(void (*step)(JpegState&)) {
    if (guarded(step, state_)) return;
    throw Error(ErrorKind::kData,
                std::string("damaged or truncated JPEG file (") + state_.message + ")");
  }

  JpegState state_;
};

}  // namespace

DecodedImage decode_jpeg(std::string_view bytes) {
  return JpegReader(bytes).decode();
}

}  // namespace nas
