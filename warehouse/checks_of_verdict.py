"""Checks of what the verdict stands on."""

from __future__ import annotations

from warehouse.check import Check

VERDICT_CHECKS: tuple[Check, ...] = (
    Check(
        "zone_is_drawn",
        "stop",
        "a zone's centre lies within its edges and on its side of the close",
        """
        SELECT session_date, index_id, kind, zone_rank, lower, centre, upper, distance_pct
        FROM mart.zone
        WHERE NOT (lower <= centre AND centre <= upper) OR distance_pct < 0 OR pivots < 2
          OR known_from > session_date OR bounces > touches
        """,
    ),
    Check(
        "zones_do_not_overlap",
        "stop",
        "zones of one kind are apart from each other, the nearest first",
        """
        SELECT a.session_date, a.index_id, a.kind, a.zone_rank
        FROM mart.zone a JOIN mart.zone b ON b.session_date = a.session_date
          AND b.index_id = a.index_id AND b.kind = a.kind AND b.zone_rank = a.zone_rank + 1
        WHERE CASE a.kind WHEN 'support' THEN a.centre <= b.centre ELSE a.centre >= b.centre END
        """,
    ),
    Check(
        "regime_every_session",
        "stop",
        "from its first row on an index has one state a session, by each set of rules",
        """
        SELECT s.session_date, i.index_id, i.rules
        FROM (SELECT index_id, rules, min(session_date) AS first FROM mart.regime GROUP BY ALL) i
        JOIN core.trading_session s ON s.session_date >= i.first
        ANTI JOIN mart.regime r ON r.session_date = s.session_date
          AND r.index_id = i.index_id AND r.rules = i.rules
        """,
    ),
    Check(
        "transition_is_told",
        "stop",
        "a state changes exactly where a transition says so, from and to the states it names",
        """
        SELECT coalesce(c.session_date, t.session_date) AS session_date,
          coalesce(c.index_id, t.index_id) AS index_id, coalesce(c.rules, t.rules) AS rules,
          c.before, c.state, t.from_state, t.to_state
        FROM (
          SELECT r.session_date, r.index_id, r.rules, b.state AS before, r.state
          FROM mart.regime r
          JOIN core.trading_session s USING (session_date)
          JOIN mart.regime b ON b.session_date = s.previous_session_date
            AND b.index_id = r.index_id AND b.rules = r.rules
          WHERE b.state <> r.state) c
        FULL JOIN mart.regime_transition t ON t.session_date = c.session_date
          AND t.index_id = c.index_id AND t.rules = c.rules
        WHERE c.before IS DISTINCT FROM t.from_state OR c.state IS DISTINCT FROM t.to_state
        """,
    ),
    Check(
        "appetite_within_reach",
        "stop",
        "risk appetite lies between its pillars, and on four of them at least",
        """
        SELECT a.session_date, a.composite, a.pillars, min(p.value) AS lowest,
          max(p.value) AS highest
        FROM mart.risk_appetite a JOIN mart.risk_pillar p USING (session_date)
        WHERE a.composite IS NOT NULL GROUP BY ALL
        HAVING a.pillars < 4 OR NOT a.composite BETWEEN min(p.value) - 1e-9 AND max(p.value) + 1e-9
        """,
    ),
    Check(
        "monitor_has_its_colour",
        "stop",
        "a monitor's colour is that of every session since the one it changed on",
        """
        SELECT m.session_date, m.monitor_id, m.colour, m.changed_on
        FROM mart.monitor m
        LEFT JOIN mart.monitor c ON c.monitor_id = m.monitor_id AND c.session_date = m.changed_on
        WHERE c.colour IS DISTINCT FROM m.colour OR m.changed_on > m.session_date
          OR m.previous_colour = m.colour
        """,
    ),
    Check(
        "study_adds_up",
        "stop",
        "a study's probabilities lie in 0 to 1, and no q lies under its p",
        """
        SELECT through_date, event_id, target, horizon_sessions, events, hits, p_value, q_value
        FROM mart.event_study
        WHERE hits > events OR hypothetical_events > events OR NOT p_value BETWEEN 0 AND 1
          OR q_value < p_value - 1e-12 OR q_value > 1
        """,
    ),
    Check(
        "regime_not_held",
        "warn",
        "no missing data keeps the state of small caps from being decided at the last session",
        """
        SELECT session_date, index_id, state, held_by_data FROM mart.regime
        WHERE index_id = 'nifty-smallcap-100' AND rules = 'full' AND held_by_data <> ''
          AND session_date = (SELECT max(session_date) FROM core.trading_session)
        """,
    ),
)
