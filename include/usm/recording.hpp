/** Recordings: made of this host, replayed, and made of tables in text. */
#ifndef USM_RECORDING_HPP
#define USM_RECORDING_HPP

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>

#include "config.hpp"
#include "handle.hpp"
#include "history.hpp"
#include "state.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

/** Records this host into a file; ended by finish(), or when it is destroyed. */
class Recorder : public Handle<usm_recorder, usm_recorder_free> {
public:
    using Handle::Handle;
    /** With the defaults and what the environment says. */
    explicit Recorder(const Text &path) : Handle(make(nullptr, path)) {}
    /** With settings, which are copied. */
    Recorder(const Config &config, const Text &path) : Handle(make(config.get(), path)) {}

    /** Waits for a state newer than a given one; returns the number of the newest. */
    std::uint64_t wait(std::uint64_t after_sequence, Seconds timeout) const {
        return detail::given<std::uint64_t>([&](std::uint64_t *sequence) {
            return usm_recorder_wait(get(), after_sequence, timeout.count(), sequence);
        });
    }
    /** The newest state. */
    State state() const {
        return State(detail::made<usm_state>(
            [&](usm_state **state) { return usm_recorder_state(get(), state); }));
    }
    /** Stops, and leaves one file. The recorder is no more after that. */
    RecordingSummary finish() {
        RecordingSummary summary;
        check(usm_recorder_finish(address(), &summary));
        return summary;
    }

private:
    static usm_recorder *make(const usm_config *config, const Text &path) {
        return detail::made<usm_recorder>([&](usm_recorder **recorder) {
            return usm_recorder_start(config, path.c_str(), recorder);
        });
    }
};

/**
 * The states of a recording, judged again in their order:
 *
 *     for (const usm::State &state : replay) ...
 */
class Replay : public Handle<usm_replay, usm_replay_free> {
public:
    using Handle::Handle;
    /** A range of time; 0 for its beginning and end. */
    explicit Replay(const Text &path, Moment since = 0.0, Moment until = 0.0)
        : Handle(detail::made<usm_replay>([&](usm_replay **replay) {
              return usm_replay_open(path.c_str(), since.seconds(), until.seconds(), replay);
          })) {}

    /** Samples that the range holds. */
    std::uint64_t size() const {
        return detail::given<std::uint64_t>(
            [&](std::uint64_t *samples) { return usm_replay_size(get(), samples); });
    }
    /** What could not be read so far and so is missing, a line for each note. */
    std::string notes() const {
        return detail::text_of([&](char **text) { return usm_replay_notes(get(), text); });
    }
    /** The next state; nothing at the end. */
    std::optional<State> next() {
        State state(detail::made<usm_state>(
            [&](usm_state **made) { return usm_replay_next(get(), made); }));
        if (!state) return std::nullopt;
        return state;
    }

    /** The end of the states. */
    struct Sentinel {};

    /** Goes through the states that are still to come, once. */
    class iterator {
    public:
        using value_type = State;
        using reference = const State &;
        using pointer = const State *;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;

        iterator() = default;
        explicit iterator(Replay *replay) : replay_(replay) { ++*this; }
        const State &operator*() const noexcept { return *state_; }
        const State *operator->() const noexcept { return &*state_; }
        iterator &operator++() {
            state_ = replay_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator &at, Sentinel) noexcept { return !at.state_; }
        friend bool operator!=(const iterator &at, Sentinel) noexcept { return !!at.state_; }

    private:
        Replay *replay_ = nullptr;
        std::optional<State> state_;
    };
    iterator begin() { return iterator(this); }
    Sentinel end() noexcept { return {}; }
};

/** Makes a recording of a table in text; format is one of USM_TEXT_... */
inline RecordingSummary import_recording(const Text &from, std::uint32_t format, const Text &to) {
    RecordingSummary summary;
    check(usm_recording_import(from.c_str(), format, to.c_str(), &summary));
    return summary;
}

USM_END_NAMESPACE

#endif  // USM_RECORDING_HPP
