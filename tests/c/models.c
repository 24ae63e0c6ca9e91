/* The detector and the forecaster on values of the program's own. */
#include <math.h>

#include "check.h"

enum { STEP = 60, DAY = 86400 };

/* A metric that swings with the day; the noise is the same in every run. */
static double value_at(int minute) {
    const double angle = 2.0 * 3.14159265358979 * (double)(minute % 1440) / 1440.0;
    const unsigned noise = ((unsigned)minute * 2654435761u) >> 24;
    return 40.0 + 20.0 * sin(angle) + (double)noise / 256.0;
}

static usm_reading push(usm_detector *detector, int minute, double value) {
    usm_reading reading;
    usm_reading_init(&reading);
    CHECK_OK(usm_detector_push(detector, 1.7e9 + (double)minute * STEP, value, &reading));
    CHECK(reading.struct_size == sizeof reading);
    return reading;
}

static void a_detector_finds_what_is_new_and_goes_on_after_it_was_saved(void) {
    usm_detector *detector = NULL;
    usm_detector *loaded = NULL;
    usm_reading reading;
    usm_reading again;
    char *text = NULL;
    char *padded;
    int minute;
    int ended = -1;
    CHECK_OK(usm_detector_new(NULL, &detector));
    reading = push(detector, 0, value_at(0));
    CHECK(reading.is_learning == 1 && reading.is_anomalous == 0 && isnan(reading.score));
    for (minute = 1; minute < 6 * 1440; minute++) {
        CHECK_OK(usm_detector_push(detector, 1.7e9 + (double)minute * STEP, value_at(minute), NULL));
    }
    reading = push(detector, minute, value_at(minute));
    CHECK(reading.is_learning == 0 && reading.is_anomalous == 0 && reading.edge == USM_EDGE_NONE);
    CHECK(reading.score >= 0.0 && reading.score < 0.5);
    CHECK(reading.expected_low < value_at(minute) && value_at(minute) < reading.expected_high);
    CHECK(isnan(reading.unusual_since) && isnan(reading.highest_score));

    CHECK_OK(usm_detector_save(detector, &text));
    CHECK(strncmp(text, "usm-detector:1:", 15) == 0);
    padded = (char *)malloc(strlen(text) + 4);
    CHECK(padded != NULL);
    sprintf(padded, " %s\n", text);
    CHECK_OK(usm_detector_load(padded, &loaded));
    free(padded);
    usm_string_free(text);

    reading = push(detector, minute + 1, 400.0);
    again = push(loaded, minute + 1, 400.0);
    CHECK(reading.is_anomalous == 1 && reading.edge == USM_EDGE_BEGAN && reading.score >= 0.5);
    CHECK(reading.unusual_since == 1.7e9 + (double)(minute + 1) * STEP);
    CHECK(reading.highest_score == reading.score);
    CHECK(memcmp(&reading, &again, sizeof reading) == 0);

    reading = push(detector, minute + 2, NAN);
    CHECK(isnan(reading.score) && isnan(reading.expected_low) && reading.is_anomalous == 0);
    CHECK(reading.unusual_since == 1.7e9 + (double)(minute + 1) * STEP);
    for (minute += 3; minute < 7 * 1440 && ended < 0; minute++) {
        if (push(detector, minute, value_at(minute)).edge == USM_EDGE_ENDED) ended = minute;
    }
    CHECK(ended > 0);
    usm_detector_free(&detector);
    usm_detector_free(&loaded);
    CHECK(detector == NULL);
}

static void a_detector_has_options(void) {
    usm_detector_options options = USM_DETECTOR_OPTIONS_INIT;
    usm_detector *detector = NULL;
    int minute;
    CHECK(options.threshold == 0.5 && options.resolution == 0.0);
    options.resolution = 1e6;
    CHECK_OK(usm_detector_new(&options, &detector));
    for (minute = 0; minute < 3000; minute++) push(detector, minute, value_at(minute));
    CHECK(push(detector, minute, 400.0).is_anomalous == 0);
    usm_detector_free(&detector);
    options.threshold = 1.5;
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT, usm_detector_new(&options, &detector));
    CHECK_MESSAGE("threshold: 1.5 is not allowed");
    CHECK(detector == NULL);
}

static void forecasts_are_tried_before_they_are_told(void) {
    usm_forecaster_options options = USM_FORECASTER_OPTIONS_INIT;
    usm_forecaster *forecaster = NULL;
    usm_forecaster *loaded = NULL;
    usm_forecast forecast;
    usm_forecast again;
    char *text = NULL;
    int minute;
    options.bounds = USM_BOUND_LOWEST | USM_BOUND_HIGHEST;
    options.highest = 100.0;
    CHECK_OK(usm_forecaster_new(&options, &forecaster));
    usm_forecast_init(&forecast);
    CHECK_OK(usm_forecaster_forecast(forecaster, 3600.0, &forecast));
    CHECK(forecast.outcome == USM_OUTCOME_LEARNING && isnan(forecast.value));
    CHECK(forecast.horizon_seconds == 3600.0 && forecast.backtests == 0);

    for (minute = 0; minute < 8 * 1440; minute += 5) {
        CHECK_OK(usm_forecaster_push(forecaster, 1.7e9 + (double)minute * STEP, value_at(minute)));
    }
    CHECK_OK(usm_forecaster_push(forecaster, 1.7e9 + (double)minute * STEP, NAN));
    CHECK_OK(usm_forecaster_forecast(forecaster, 6.0 * 3600.0, &forecast));
    CHECK(forecast.outcome == USM_OUTCOME_FORECAST && forecast.skill > 0.0);
    CHECK(forecast.backtests > 0);
    CHECK(fabs(forecast.value - value_at(minute + 360)) < 8.0);
    CHECK(0.0 <= forecast.low_95 && forecast.low_95 <= forecast.low_80);
    CHECK(forecast.low_80 <= forecast.value && forecast.value <= forecast.high_80);
    CHECK(forecast.high_80 <= forecast.high_95 && forecast.high_95 <= 100.0);
    CHECK(forecast.series == NULL && forecast.unit == NULL && isnan(forecast.now));

    CHECK_OK(usm_forecaster_save(forecaster, &text));
    CHECK_OK(usm_forecaster_load(text, &loaded));
    usm_string_free(text);
    usm_forecast_init(&again);
    CHECK_OK(usm_forecaster_forecast(loaded, 6.0 * 3600.0, &again));
    CHECK(memcmp(&forecast, &again, sizeof forecast) == 0);

    CHECK_OK(usm_forecaster_forecast(forecaster, 30.0 * DAY, &forecast));
    CHECK(forecast.outcome == USM_OUTCOME_LEARNING && isnan(forecast.value));
    usm_forecaster_free(&forecaster);
    usm_forecaster_free(&loaded);
    CHECK(forecaster == NULL);
}

static void what_grows_steadily_reaches_its_limit(void) {
    usm_forecaster *forecaster = NULL;
    usm_exhaustion exhaustion;
    int minute;
    CHECK_OK(usm_forecaster_new(NULL, &forecaster));
    usm_exhaustion_init(&exhaustion);
    CHECK_OK(usm_forecaster_time_to(forecaster, 100.0, &exhaustion));
    CHECK(exhaustion.outcome == USM_OUTCOME_LEARNING && isnan(exhaustion.seconds));
    /* A percent in an hour: from 0 to 72 in three days. */
    for (minute = 0; minute < 3 * 1440; minute += 5) {
        const double noise = (value_at(minute * 7) - 40.0) / 200.0;
        CHECK_OK(usm_forecaster_push(forecaster, 1.7e9 + (double)minute * STEP,
                                     (double)minute / 60.0 + noise));
    }
    CHECK_OK(usm_forecaster_time_to(forecaster, 84.0, &exhaustion));
    CHECK(exhaustion.outcome == USM_OUTCOME_FORECAST && exhaustion.limit == 84.0);
    CHECK(exhaustion.seconds > 6.0 * 3600.0 && exhaustion.seconds < 24.0 * 3600.0);
    CHECK(exhaustion.earliest_seconds <= exhaustion.seconds);
    CHECK(isnan(exhaustion.latest_seconds) || exhaustion.latest_seconds >= exhaustion.seconds);
    CHECK(exhaustion.series == NULL);
    CHECK_STATUS(USM_ERR_INVALID_ARGUMENT,
                 usm_forecaster_time_to(forecaster, NAN, &exhaustion));
    CHECK(exhaustion.limit == 84.0);
    usm_forecaster_free(&forecaster);
}

static void misuse_is_answered(void) {
    const usm_status invalid = USM_ERR_INVALID_ARGUMENT;
    usm_detector_options detector_options = USM_DETECTOR_OPTIONS_INIT;
    usm_forecaster_options options = USM_FORECASTER_OPTIONS_INIT;
    usm_detector *detector = NULL;
    usm_forecaster *forecaster = NULL;
    usm_detector *wrong_detector;
    usm_forecaster *wrong_forecaster;
    usm_reading reading;
    usm_forecast forecast;
    usm_exhaustion exhaustion;
    char *text = NULL;
    char *other = NULL;
    CHECK_STATUS(invalid, usm_detector_new(NULL, NULL));
    CHECK_STATUS(invalid, usm_forecaster_new(NULL, NULL));
    detector_options.struct_size = 4;
    CHECK_STATUS(invalid, usm_detector_new(&detector_options, &detector));
    CHECK_MESSAGE("USM_DETECTOR_OPTIONS_INIT");
    options.bounds = 4;
    CHECK_STATUS(invalid, usm_forecaster_new(&options, &forecaster));
    CHECK_MESSAGE("USM_BOUND_LOWEST");
    options.bounds = USM_BOUND_LOWEST | USM_BOUND_HIGHEST;
    options.lowest = options.highest = 5.0;
    CHECK_STATUS(invalid, usm_forecaster_new(&options, &forecaster));
    options.highest = NAN;
    CHECK_STATUS(invalid, usm_forecaster_new(&options, &forecaster));
    options.struct_size = 65536 + 8;
    CHECK_STATUS(invalid, usm_forecaster_new(&options, &forecaster));
    CHECK(detector == NULL && forecaster == NULL);

    CHECK_OK(usm_detector_new(NULL, &detector));
    CHECK_OK(usm_forecaster_new(NULL, &forecaster));
    usm_reading_init(&reading);
    usm_forecast_init(&forecast);
    usm_exhaustion_init(&exhaustion);
    CHECK_STATUS(invalid, usm_detector_push(NULL, 1.0, 1.0, &reading));
    CHECK_STATUS(invalid, usm_detector_save(NULL, &text));
    CHECK_STATUS(invalid, usm_detector_save(detector, NULL));
    CHECK_STATUS(invalid, usm_forecaster_push(NULL, 1.0, 1.0));
    CHECK_STATUS(invalid, usm_forecaster_forecast(NULL, 1.0, &forecast));
    CHECK_STATUS(invalid, usm_forecaster_forecast(forecaster, 1.0, NULL));
    CHECK_STATUS(invalid, usm_forecaster_forecast(forecaster, -1.0, &forecast));
    CHECK_STATUS(invalid, usm_forecaster_forecast(forecaster, NAN, &forecast));
    CHECK_STATUS(invalid, usm_forecaster_time_to(forecaster, INFINITY, &exhaustion));
    CHECK_STATUS(invalid, usm_forecaster_time_to(NULL, 1.0, &exhaustion));
    CHECK_STATUS(invalid, usm_forecaster_time_to(forecaster, 1.0, NULL));
    reading.struct_size = forecast.struct_size = exhaustion.struct_size = 8;
    CHECK_STATUS(invalid, usm_detector_push(detector, 1.0, 1.0, &reading));
    CHECK_MESSAGE("usm_reading_init()");
    CHECK_STATUS(invalid, usm_forecaster_forecast(forecaster, 1.0, &forecast));
    CHECK_STATUS(invalid, usm_forecaster_time_to(forecaster, 1.0, &exhaustion));
    /* An older, smaller struct is filled as far as it goes. */
    reading.struct_size = (uint32_t)offsetof(usm_reading, expected_low);
    reading.expected_low = 77.0;
    CHECK_OK(usm_detector_push(detector, 1.0, 1.0, &reading));
    CHECK(isnan(reading.score) && reading.expected_low == 77.0);

    /* Whatever comes is taken or passed over. */
    usm_reading_init(&reading);
    CHECK_OK(usm_detector_push(detector, NAN, 1.0, &reading));
    CHECK_OK(usm_detector_push(detector, 0.0, -INFINITY, &reading));
    CHECK_OK(usm_detector_push(detector, -1e300, 1e308, &reading));
    CHECK_OK(usm_forecaster_push(forecaster, NAN, 1.0));
    CHECK_OK(usm_forecaster_push(forecaster, 1e308, -1e308));

    CHECK_OK(usm_detector_save(detector, &text));
    CHECK_OK(usm_forecaster_save(forecaster, &other));
    wrong_detector = (usm_detector *)(void *)forecaster;
    wrong_forecaster = (usm_forecaster *)(void *)detector;
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_detector_push(wrong_detector, 1.0, 1.0, NULL));
    CHECK_STATUS(USM_ERR_INVALID_HANDLE, usm_forecaster_push(wrong_forecaster, 1.0, 1.0));
    usm_detector_free(&detector);
    usm_forecaster_free(&forecaster);
    usm_detector_free(&detector);
    usm_detector_free(NULL);
    usm_forecaster_free(NULL);

    CHECK_STATUS(invalid, usm_detector_load(NULL, &detector));
    CHECK_STATUS(invalid, usm_detector_load(text, NULL));
    CHECK_STATUS(USM_ERR_MALFORMED, usm_detector_load("", &detector));
    CHECK_STATUS(USM_ERR_MALFORMED, usm_detector_load(other, &detector));
    CHECK_STATUS(USM_ERR_MALFORMED, usm_forecaster_load(text, &forecaster));
    CHECK_STATUS(USM_ERR_INVALID_UTF8, usm_forecaster_load("\xff", &forecaster));
    text[strlen(text) - 1] = '\0';
    CHECK_STATUS(USM_ERR_MALFORMED, usm_detector_load(text, &detector));
    CHECK(detector == NULL && forecaster == NULL);
    usm_string_free(text);
    usm_string_free(other);
}

int main(int argc, char **argv) {
    (void)test_folder(argc, argv);
    a_detector_finds_what_is_new_and_goes_on_after_it_was_saved();
    a_detector_has_options();
    forecasts_are_tried_before_they_are_told();
    what_grows_steadily_reaches_its_limit();
    misuse_is_answered();
    return 0;
}
