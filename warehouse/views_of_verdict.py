"""Views of what the verdict stands on: regimes, zones, appetite, monitors, the event study."""

from __future__ import annotations

from warehouse.view import View

_TITLES = "(SELECT DISTINCT index_id, index_title FROM core.index_name)"
_PILLARS = ("trend", "breadth", "flows", "leadership", "stress")

VERDICT_VIEWS: tuple[View, ...] = (
    View(
        "bi.verdict",
        "One row a session: the state of small caps by the full rules, the odds beside their null, "
        "risk appetite, and how many claims about rotation hold. What a dashboard starts from.",
        """
        SELECT r.session_date, r.state, r.days_in_state, r.is_bear_rally, r.held_by_data, r.close,
          r.rise_from_low_pct, r.low_date, r.drawdown_252_pct, r.past_rebounds, r.past_confirmed,
          r.confirmed_probability, r.confirmed_probability_low, r.confirmed_probability_high,
          r.past_null_probability, r.recovery_null_probability,
          a.composite AS risk_appetite, a.change_9 AS risk_appetite_change_9,
          e.* EXCLUDE (session_date), i.state AS state_by_index_alone
        FROM mart.regime r
        LEFT JOIN mart.regime i ON i.session_date = r.session_date AND i.index_id = r.index_id
          AND i.rules = 'index'
        LEFT JOIN mart.risk_appetite a ON a.session_date = r.session_date
        LEFT JOIN (SELECT session_date,
            count(*) FILTER (grade = 'SUPPORTED') AS supported,
            count(*) FILTER (grade = 'PARTLY') AS partly,
            count(*) FILTER (grade = 'NOT SUPPORTED') AS not_supported,
            count(*) FILTER (grade = 'CONTRADICTED') AS contradicted,
            count(*) FILTER (grade = 'UNTESTABLE') AS untestable
          FROM bi.evidence WHERE bearing = 'rotation' GROUP BY session_date) e
          ON e.session_date = r.session_date
        WHERE r.rules = 'full' AND r.index_id = 'nifty-smallcap-100'
        """,
    ),
    View(
        "bi.regime",
        "The state of every index by size at every session, by both sets of rules, with its legs.",
        f"SELECT n.index_title, r.* FROM mart.regime r LEFT JOIN {_TITLES} n USING (index_id)",
    ),
    View(
        "bi.regime_transition",
        "Every change of state: when, why, with which values.",
        f"""
        SELECT n.index_title, t.* FROM mart.regime_transition t
        LEFT JOIN {_TITLES} n USING (index_id)
        """,
    ),
    View(
        "bi.regime_trigger",
        "What would change each state at the next session, as numbers.",
        f"""
        SELECT n.index_title, t.* FROM mart.regime_trigger t
        LEFT JOIN {_TITLES} n USING (index_id)
        """,
    ),
    View(
        "bi.zone",
        "Zones of support and resistance as each session could draw them, the nearest first.",
        f"SELECT n.index_title, z.* FROM mart.zone z LEFT JOIN {_TITLES} n USING (index_id)",
    ),
    View(
        "bi.risk_appetite",
        "Risk appetite, 0 to 100, with its five pillars beside it.",
        f"""
        SELECT a.session_date, a.composite,
          {", ".join(f"p.{name}" for name in _PILLARS)}, a.* EXCLUDE (session_date, composite)
        FROM mart.risk_appetite a
        LEFT JOIN (SELECT session_date,
            {", ".join(f"max(value) FILTER (pillar = '{p}') AS {p}" for p in _PILLARS)}
          FROM mart.risk_pillar GROUP BY session_date) p USING (session_date)
        """,
    ),
    View(
        "bi.monitor",
        "What to watch next, as colours, with the session each last changed.",
        "FROM mart.monitor",
    ),
    View(
        "bi.event_study",
        "Does strength of small caps precede bull phases: the tests at the end of the last "
        "completed quarter; mart.event_study has every quarter.",
        """
        FROM mart.event_study
        WHERE through_date = (SELECT max(through_date) FROM mart.event_study)
        ORDER BY role DESC, event_id, target, horizon_sessions
        """,
    ),
    View(
        "bi.association",
        "Measured relations (who leads whom) at the end of the last completed quarter.",
        """
        FROM mart.association
        WHERE through_date = (SELECT max(through_date) FROM mart.association)
        """,
    ),
)
