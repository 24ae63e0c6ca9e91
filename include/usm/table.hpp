/** The answer to a query: by column, by row, as an Arrow stream, as text. */
#ifndef USM_TABLE_HPP
#define USM_TABLE_HPP

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arrow.hpp"
#include "handle.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

/** Numbers that belong to somebody else; a std::span takes them as well. */
class Numbers {
public:
    Numbers() = default;
    Numbers(const double *first, std::size_t count) noexcept
        : first_(first), count_(first == nullptr ? 0 : count) {}

    const double *begin() const noexcept { return first_; }
    const double *end() const noexcept { return first_ + count_; }
    const double *data() const noexcept { return first_; }
    std::size_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    double operator[](std::size_t index) const noexcept { return first_[index]; }

private:
    const double *first_ = nullptr;
    std::size_t count_ = 0;
};

/** One series of a table; what it points to lives as long as the table. */
struct Column : detail::Sized<usm_column> {
    /** The values, one for each time; NaN where nothing is known. */
    const double *begin() const noexcept { return values; }
    const double *end() const noexcept { return values + rows; }
    const double *data() const noexcept { return values; }
    std::size_t size() const noexcept { return rows; }
    double operator[](std::size_t row) const noexcept { return values[row]; }
    /** A value; nothing where it is not known, and beyond the end. */
    std::optional<double> at(std::size_t row) const noexcept {
        return row < rows ? known(values[row]) : std::nullopt;
    }

    std::size_t rows = 0;
};

/** The values of all columns at one time; lives as long as the rows it is from. */
class Row {
public:
    Row(double time, const std::vector<Column> *columns, std::size_t index) noexcept
        : time_(time), columns_(columns), index_(index) {}

    /** Seconds since 1970. */
    double timestamp() const noexcept { return time_; }
    Time time() const noexcept { return Time(Seconds(time_)); }
    std::size_t size() const noexcept { return columns_->size(); }
    /** The value of a column; NaN where nothing is known. */
    double operator[](std::size_t column) const noexcept { return (*columns_)[column][index_]; }
    /** The value of a column; nothing where it is not known, and beyond the last column. */
    std::optional<double> at(std::size_t column) const noexcept {
        return column < size() ? (*columns_)[column].at(index_) : std::nullopt;
    }

private:
    double time_;
    const std::vector<Column> *columns_;
    std::size_t index_;
};

/** The rows of a table, for a range-for; they live as long as the table. */
class Rows {
public:
    Rows(Numbers times, std::vector<Column> columns) noexcept
        : times_(times), columns_(std::move(columns)) {}

    std::size_t size() const noexcept { return times_.size(); }
    bool empty() const noexcept { return times_.empty(); }
    /** A row that there is. */
    Row at(std::size_t index) const noexcept { return Row(times_[index], &columns_, index); }
    Row operator[](std::size_t index) const noexcept { return at(index); }
    detail::Iterator<Rows> begin() const noexcept { return {this, 0}; }
    detail::Iterator<Rows> end() const noexcept { return {this, size()}; }
    const std::vector<Column> &columns() const noexcept { return columns_; }

private:
    Numbers times_;
    std::vector<Column> columns_;
};

/** The answer to a query: one axis of time, and a column for each series. It never changes. */
class Table : public Handle<usm_table, usm_table_free> {
public:
    using Handle::Handle;

    std::size_t rows() const { return size().first; }
    std::size_t columns() const { return size().second; }
    /** Seconds since 1970, one for each row; they live as long as the table. */
    Numbers times() const & {
        const double *times = nullptr;
        check(usm_table_times(get(), &times));
        return Numbers(times, rows());
    }
    void times() const && = delete;
    /** Width of a row; 0 for samples as they were taken. */
    Seconds step() const {
        return Seconds(detail::given<double>(
            [&](double *seconds) { return usm_table_step_seconds(get(), seconds); }));
    }
    /** What the reader should know, a line for each note. */
    std::string notes() const {
        return detail::lent([&](const char **notes) { return usm_table_notes(get(), notes); });
    }
    /** Throws Error for an index beyond the end. */
    Column column(std::size_t index) const & {
        Column column;
        check(usm_table_column(get(), index, &column));
        column.rows = column.values == nullptr ? 0 : rows();
        return column;
    }
    void column(std::size_t) const && = delete;
    /** All columns, in the order of the query's series. */
    std::vector<Column> all_columns() const & {
        const std::size_t count = columns();
        std::vector<Column> list;
        list.reserve(count);
        for (std::size_t i = 0; i < count; i++) list.push_back(column(i));
        return list;
    }
    void all_columns() const && = delete;
    /** Row by row: for (const usm::Row row : table.by_row()) ... */
    Rows by_row() const & { return Rows(times(), all_columns()); }
    void by_row() const && = delete;
    /** The labels of a column, by name. */
    std::vector<std::pair<std::string, std::string>> labels(std::size_t index) const {
        Column column;
        check(usm_table_column(get(), index, &column));
        std::vector<std::pair<std::string, std::string>> labels(column.label_count);
        for (std::size_t i = 0; i < labels.size(); i++) {
            const char *name = "";
            const char *value = "";
            check(usm_table_label(get(), index, i, &name, &value));
            labels[i] = {name, value};
        }
        return labels;
    }
    /** A column of times and one for each series. The values are not copied. */
    ArrowStream arrow_stream() const {
        ArrowStream stream;
        check(usm_table_arrow_stream(get(), stream.get()));
        return stream;
    }
    /** A row for each value that is known. */
    ArrowStream arrow_stream_long() const {
        ArrowStream stream;
        check(usm_table_arrow_stream_long(get(), stream.get()));
        return stream;
    }
    std::string json() const {
        return detail::text_of([&](char **text) { return usm_table_json(get(), text); });
    }
    std::string csv() const {
        return detail::text_of([&](char **text) { return usm_table_csv(get(), text); });
    }

private:
    std::pair<std::size_t, std::size_t> size() const {
        std::pair<std::size_t, std::size_t> size;
        check(usm_table_size(get(), &size.first, &size.second));
        return size;
    }
};

USM_END_NAMESPACE

#endif  // USM_TABLE_HPP
