/** Exports and reports of what a history holds. */
#ifndef USM_FILES_HPP
#define USM_FILES_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "handle.hpp"
#include "progress.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

/** What is exported, and how; the metrics of the last day as CSV. */
struct ExportOptions {
    /** USM_EXPORT_... */
    std::uint32_t kind = USM_EXPORT_METRICS;
    /** USM_FORMAT_... */
    std::uint32_t format = USM_FORMAT_CSV;
    /** Beside each metric the least and the greatest value within its row. */
    bool extremes = false;
    /** From this time on; 0 for the beginning; negative for so many seconds before the end. */
    Moment since = -86400.0;
    /** To before this time; 0 for now. */
    Moment until = {};
    /** Width of a row of metrics; 0 for every row as it is kept. */
    Seconds step = Seconds(0);
    /** Told of the progress; false ends it. */
    ProgressFunction progress = nullptr;
};

/** What is reported, and how; the health of the last day as an HTML page. */
struct ReportOptions {
    /** USM_REPORT_... */
    std::uint32_t kind = USM_REPORT_HEALTH;
    /** USM_FORMAT_HTML or USM_FORMAT_JSON. */
    std::uint32_t format = USM_FORMAT_HTML;
    /** With what is advised. */
    bool recommendations = true;
    /** From this time on; 0 for the beginning; negative for so many seconds before the end. */
    Moment since = -86400.0;
    /** To before this time; 0 for now. */
    Moment until = {};
    /** Told of the progress; false ends it. */
    ProgressFunction progress = nullptr;
};

/** What an export or a report came to. */
struct Written : detail::Sized<usm_written> {
    /** The file; nothing when there was no data, and where none was asked for. */
    std::optional<std::string> path;
    /** What the reader should know, a line for each. */
    std::string notes;
};

/** Takes one piece of an export after the other; false ends it. */
using WriteFunction = std::function<bool(std::string_view)>;

namespace detail {

/** The options of an export as C has them. */
struct Exported {
    explicit Exported(const ExportOptions &given) noexcept : telling(given.progress) {
        options.kind = given.kind;
        options.format = given.format;
        options.extremes = given.extremes ? 1 : 0;
        options.since = given.since.seconds();
        options.until = given.until.seconds();
        options.step_seconds = given.step.count();
        options.progress = telling.callback();
        options.user_data = telling.user_data();
    }

    Telling telling;
    usm_export_options options = USM_EXPORT_OPTIONS_INIT;
};

/** The options of a report as C has them. */
struct Reported {
    explicit Reported(const ReportOptions &given) noexcept : telling(given.progress) {
        options.kind = given.kind;
        options.format = given.format;
        options.recommendations = given.recommendations ? 1 : 0;
        options.since = given.since.seconds();
        options.until = given.until.seconds();
        options.progress = telling.callback();
        options.user_data = telling.user_data();
    }

    Telling telling;
    usm_report_options options = USM_REPORT_OPTIONS_INIT;
};

/** Hands pieces to a function; an exception waits here until the call has returned. */
class Writing {
public:
    explicit Writing(const WriteFunction &write) noexcept : write_(write) {}
    Writing(const Writing &) = delete;
    Writing &operator=(const Writing &) = delete;

    usm_write_callback callback() const noexcept { return write_ ? &call : nullptr; }
    void rethrow() const {
        if (thrown_) throw_on(thrown_);
    }

private:
    static std::int32_t call(const char *bytes, std::size_t count, void *user_data) noexcept {
        auto *writing = static_cast<Writing *>(user_data);
        bool goes_on = false;
        writing->thrown_ =
            thrown_by([&] { goes_on = writing->write_(std::string_view(bytes, count)); });
        return goes_on && !writing->thrown_ ? 0 : 1;
    }

    const WriteFunction &write_;
    std::exception_ptr thrown_;
};

/** A text that may not be there. */
inline std::optional<std::string> take_if_any(char *text) {
    if (text == nullptr) return std::nullopt;
    return take(text);
}

}  // namespace detail

/**
 * Writes an export to a file, or to a new file in a folder; `source` is a data folder, a
 * database or a recording, or NULL for the default data folder.
 */
inline Written export_to(const Text &source, const Text &to, const ExportOptions &given = {}) {
    detail::Exported exported(given);
    Written written;
    char *path = nullptr;
    char *notes = nullptr;
    const usm_status status = usm_export(source.c_str(), &exported.options, to.c_str(),
                                         &written, &path, &notes);
    written.path = detail::take_if_any(path);
    written.notes = detail::take(notes);
    exported.telling.finish(status);
    return written;
}

/** An export as text; nothing when there was no data. */
inline std::optional<std::string> export_text(const Text &source,
                                              const ExportOptions &given = {}) {
    detail::Exported exported(given);
    char *text = nullptr;
    const usm_status status = usm_export_text(source.c_str(), &exported.options, &text);
    std::optional<std::string> taken = detail::take_if_any(text);
    exported.telling.finish(status);
    return taken;
}

/** Gives an export piece by piece to a function; what that throws is thrown on. */
inline Written export_write(const Text &source, const WriteFunction &write,
                            const ExportOptions &given = {}) {
    detail::Exported exported(given);
    detail::Writing writing(write);
    Written written;
    char *notes = nullptr;
    const usm_status status = usm_export_write(source.c_str(), &exported.options,
                                               writing.callback(), &writing, &written, &notes);
    written.notes = detail::take(notes);
    writing.rethrow();
    exported.telling.finish(status);
    return written;
}

/** Makes a report and writes it to a file, or to a new file in a folder; see export_to(). */
inline Written report_to(const Text &source, const Text &to, const ReportOptions &given = {}) {
    detail::Reported reported(given);
    Written written;
    char *path = nullptr;
    const usm_status status =
        usm_report_write(source.c_str(), &reported.options, to.c_str(), &written, &path);
    written.path = detail::take_if_any(path);
    reported.telling.finish(status);
    return written;
}

/** A report as a JSON object; nothing when nothing was recorded in the range. */
inline std::optional<std::string> report_json(const Text &source,
                                              const ReportOptions &given = {}) {
    detail::Reported reported(given);
    char *text = nullptr;
    const usm_status status = usm_report_json(source.c_str(), &reported.options, &text);
    std::optional<std::string> taken = detail::take_if_any(text);
    reported.telling.finish(status);
    return taken;
}

USM_END_NAMESPACE

#endif  // USM_FILES_HPP
