/** What was found in a state: alerts, anomalies, incidents, insights, forecasts, security. */
#ifndef USM_FINDINGS_HPP
#define USM_FINDINGS_HPP

#include <cstddef>
#include <string>
#include <vector>

#include "handle.hpp"
#include "text.hpp"
#include "time.hpp"

USM_BEGIN_NAMESPACE

/** An alert; its texts live as long as the findings. */
struct Alert : detail::Sized<usm_alert> {};

/** A metric outside of its normal range; its text lives as long as the findings. */
struct Anomaly : detail::Sized<usm_anomaly> {};

/** Anomalies with one cause; the text lives as long as the findings. */
struct Incident : detail::Sized<usm_incident> {};

/** A process that moved with an incident; its texts live as long as the findings. */
struct IncidentCulprit : detail::Sized<usm_incident_culprit> {};

/** What is the matter; the texts live as long as the findings. */
struct Insight : detail::Sized<usm_insight> {};

/** A number that an insight stands on; its texts live as long as the findings. */
struct Evidence : detail::Sized<usm_evidence> {};

/** What is expected of a metric; its texts live as long as the findings. */
struct Forecast : detail::Sized<usm_forecast> {};

/** When a metric reaches a limit; the text lives as long as the findings. */
struct Exhaustion : detail::Sized<usm_exhaustion> {};

/** A security finding; its texts live as long as the findings. */
struct SecurityFinding : detail::Sized<usm_security_finding> {};

/** Something that could be done; its texts live as long as the findings. */
struct Advice : detail::Sized<usm_advice> {};

/** A weak setting of the kernel; its texts live as long as the findings. */
struct WeakSetting : detail::Sized<usm_weak_setting> {};

/** The names of USM_SEVERITY_... and the like; "unknown" for a number that is none. */
inline const char *severity_name(std::uint32_t severity) noexcept {
    return usm_severity_name(severity);
}
inline const char *alert_severity_name(std::uint32_t severity) noexcept {
    return usm_alert_severity_name(severity);
}
inline const char *alert_status_name(std::uint32_t status) noexcept {
    return usm_alert_status_name(status);
}
inline const char *insight_kind_name(std::uint32_t kind) noexcept {
    return usm_insight_kind_name(kind);
}
inline const char *security_kind_name(std::uint32_t kind) noexcept {
    return usm_security_kind_name(kind);
}
inline const char *outcome_name(std::uint32_t outcome) noexcept {
    return usm_outcome_name(outcome);
}

/**
 * Reads findings; Source says by get() which. Findings that would be gone at the end of the
 * expression can't be read: the texts would be gone with them.
 */
template <typename Source>
class FindingsReader {
public:
    /** Alerts that are not over, the worst one first. */
    std::vector<Alert> alerts() const & {
        return all<Alert>(usm_findings_alert_count, usm_findings_alert_at);
    }
    /** Metrics outside of their normal range, the worst one first. */
    std::vector<Anomaly> anomalies() const & {
        return all<Anomaly>(usm_findings_anomaly_count, usm_findings_anomaly_at);
    }
    /** Anomalies with one cause. */
    std::vector<Incident> incidents() const & {
        return all<Incident>(usm_findings_incident_count, usm_findings_incident_at);
    }
    /** The metrics of an incident, the one that moved first in front. */
    std::vector<Anomaly> anomalies_of_incident(std::size_t index) const & {
        Incident incident;
        check(usm_findings_incident_at(pointer(), index, &incident));
        return detail::list_of<Anomaly>(
            incident.anomaly_count, [&](std::size_t i, usm_anomaly *anomaly) {
                return usm_findings_incident_anomaly_at(pointer(), index, i, anomaly);
            });
    }
    /** The processes that moved with an incident, most first. */
    std::vector<IncidentCulprit> culprits_of_incident(std::size_t index) const & {
        Incident incident;
        check(usm_findings_incident_at(pointer(), index, &incident));
        return detail::list_of<IncidentCulprit>(
            incident.culprit_count, [&](std::size_t i, usm_incident_culprit *culprit) {
                return usm_findings_incident_culprit_at(pointer(), index, i, culprit);
            });
    }
    /** What is the matter, the most severe first. */
    std::vector<Insight> insights() const & {
        return all<Insight>(usm_findings_insight_count, usm_findings_insight_at);
    }
    /** The numbers that an insight stands on. */
    std::vector<Evidence> evidence_of_insight(std::size_t index) const & {
        Insight insight;
        check(usm_findings_insight_at(pointer(), index, &insight));
        return detail::list_of<Evidence>(
            insight.evidence_count, [&](std::size_t i, usm_evidence *evidence) {
                return usm_findings_insight_evidence_at(pointer(), index, i, evidence);
            });
    }
    /** What could be done about an insight, best first. */
    std::vector<const char *> advice_of_insight(std::size_t index) const & {
        Insight insight;
        check(usm_findings_insight_at(pointer(), index, &insight));
        return detail::list_of<const char *>(
            insight.advice_count, [&](std::size_t i, const char **text) {
                return usm_findings_insight_advice_at(pointer(), index, i, text);
            });
    }
    /** Forecasts of the main metrics, by horizon. */
    std::vector<Forecast> forecasts() const & {
        return all<Forecast>(usm_findings_forecast_count, usm_findings_forecast_at);
    }
    /** When something is used up, the soonest one first. */
    std::vector<Exhaustion> exhaustion() const & {
        return all<Exhaustion>(usm_findings_exhaustion_count, usm_findings_exhaustion_at);
    }
    /** Security findings, those that matter most first. */
    std::vector<SecurityFinding> security() const & {
        return all<SecurityFinding>(usm_findings_security_count, usm_findings_security_at);
    }
    /** What says so. */
    std::vector<const char *> evidence_of_security(std::size_t index) const & {
        SecurityFinding finding;
        check(usm_findings_security_at(pointer(), index, &finding));
        return detail::list_of<const char *>(
            finding.evidence_count, [&](std::size_t i, const char **text) {
                return usm_findings_security_evidence_at(pointer(), index, i, text);
            });
    }
    /** What could be done about all of it, the most urgent first. */
    std::vector<Advice> recommendations() const & {
        return all<Advice>(usm_findings_recommendation_count, usm_findings_recommendation_at);
    }
    /** Weak settings of the kernel. */
    std::vector<WeakSetting> weak_settings() const & {
        return all<WeakSetting>(usm_findings_weak_setting_count, usm_findings_weak_setting_at);
    }
    /** All of it, and what the structs do not have. */
    std::string json() const {
        return detail::text_of([&](char **text) { return usm_findings_json(pointer(), text); });
    }

    void alerts() const && = delete;
    void anomalies() const && = delete;
    void incidents() const && = delete;
    void anomalies_of_incident(std::size_t) const && = delete;
    void culprits_of_incident(std::size_t) const && = delete;
    void insights() const && = delete;
    void evidence_of_insight(std::size_t) const && = delete;
    void advice_of_insight(std::size_t) const && = delete;
    void forecasts() const && = delete;
    void exhaustion() const && = delete;
    void security() const && = delete;
    void evidence_of_security(std::size_t) const && = delete;
    void recommendations() const && = delete;
    void weak_settings() const && = delete;

protected:
    FindingsReader() = default;

private:
    const usm_findings *pointer() const { return static_cast<const Source *>(this)->get(); }

    template <typename Element, typename Count, typename At>
    std::vector<Element> all(Count count, At at) const {
        std::size_t size = 0;
        check(count(pointer(), &size));
        return detail::list_of<Element>(
            size, [&](std::size_t i, Element *element) { return at(pointer(), i, element); });
    }
};

/** What was found in one state of a host. */
class Findings : public Handle<usm_findings, usm_findings_free>,
                 public FindingsReader<Findings> {
public:
    using Handle::Handle;
};

/** What an event brings, inside a callback; not to be kept. */
class EventFindings : public FindingsReader<EventFindings> {
public:
    explicit EventFindings(const usm_event *event) noexcept : event_(event) {}

    /** Throws Error for an event that brings no findings. */
    const usm_findings *get() const {
        const usm_findings *findings = nullptr;
        check(usm_event_findings(event_, &findings));
        return findings;
    }

private:
    const usm_event *event_;
};

USM_END_NAMESPACE

#endif  // USM_FINDINGS_HPP
