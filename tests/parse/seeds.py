"""One good file, or more, of every layout: invented figures, in the form of each publisher."""

from __future__ import annotations

from pathlib import Path

from tests.parse import test_action_list as actions
from tests.parse import test_category_turnover as turnover
from tests.parse import test_depository as depository
from tests.parse import test_depository_periods as periods
from tests.parse import test_depository_sectors as sectors
from tests.parse import test_equity_bars as bars
from tests.parse import test_equity_deliveries as deliveries
from tests.parse import test_equity_list as listed
from tests.parse import test_filing_list as filings
from tests.parse import test_fund_list as funds
from tests.parse import test_index_history as history
from tests.parse import test_index_members as members
from tests.parse import test_market_cap as sizes
from tests.parse import test_name_changes as names
from tests.parse import test_participant_contracts as contracts
from tests.parse import test_pr_set as pr_set
from tests.parse import test_published_extremes as extremes
from tests.parse import test_reconstitutions as reconstitutions
from tests.parse import test_symbol_changes as symbols
from transforms.parse.index_close import HEADER
from transforms.parse.layout import Payload

API = (
    b'[{"category":"DII","date":"11-Feb-2026","buyValue":"1","sellValue":"2","netValue":"-1"},'
    b'{"category":"FII/FPI","date":"11-Feb-2026","buyValue":"1","sellValue":"2","netValue":"-1"}]'
)
VOLUMES = contracts.body(title=f'"{contracts.VOL_TITLE} Feb 11, 2026",,,')
INSTANCES = {
    path.name: path.read_bytes()
    for path in sorted(Path(__file__).with_name("instances").glob("*.xml"))
}


SEEDS: dict[str, list[Payload]] = {
    "index_close": [
        Payload(",".join(HEADER).encode() + b"\nNifty 50,11-02-2026,1,2,1,2,-.5,.1,5,6,7,8,9\n")
    ],
    "index_history_csv": [
        Payload(history.csv("2026-02-11,1,4,0.5,3,20,3,1.5"), "price/NIFTY SMLCAP 100.csv")
    ],
    "index_history_json": [Payload(history.wrapped(history.PRICE))],
    "total_return_json": [Payload(history.bare(history.TOTAL))],
    "flow_csv": [
        Payload(b"date,participant,scope,unit,buy,sell,net\n2026-02-11,FII,NSE,lakh,1,2,-1\n"),
        Payload(b"date,fii_net_cr,dii_net_cr\n2026-02-11,1,2\n"),
    ],
    "fii_dii_saved": [
        Payload(b"category,date,buyValue,sellValue,netValue\nFII/FPI **,11-Feb-2026,1,2,-1\n")
    ],
    "fii_dii_api": [Payload(API)],
    "fii_dii_nse_api": [Payload(API, "fiidiiTradeNse")],
    "holiday_list": [
        Payload(
            b'{"CM":[{"tradingDate":"26-Jan-2026","weekDay":"Monday",'
            b'"description":"Republic Day"}]}'
        )
    ],
    "depository_daily": [Payload(depository.page(depository.block()))],
    "depository_periods": [Payload(periods.page([periods.JANUARY, periods.UNDER_WAY]))],
    "depository_sectors": [
        Payload(sectors.page(sectors.SECTORS), "FIIInvestSector_May312026.html")
    ],
    "category_turnover": [Payload(turnover.book(turnover.sheet()), turnover.NAME)],
    "participant_contracts_open_interest": [Payload(contracts.body(), contracts.NAME)],
    "participant_contracts_volume": [Payload(VOLUMES, "fao_participant_vol_11022026.csv")],
    "participant_contracts_joined_open_interest": [
        Payload(contracts.joined("02-03-2026", "04-03-2026"), contracts.NAME)
    ],
    "participant_contracts_joined_volume": [
        Payload(contracts.joined("02-03-2026"), contracts.NAME.replace("_oi_", "_vol_"))
    ],
    "filing_list_old": [Payload(filings.old(filings.OLD))],
    "filing_list_integrated": [Payload(filings.new(filings.NEW))],
    "result_document": [Payload(body, name) for name, body in INSTANCES.items()],
    "fred_csv": [
        Payload(b"observation_date,DGS2\n2026-02-02,3.51\n2026-02-03,.\n", stated={"item": "DGS2"})
    ],
    "fred_resaved_csv": [
        Payload(b"date,value\n2026-02-02,26.0\n2026-02-03,\n", "inbox/fred/DCOILWTICO.csv")
    ],
    "macro_csv": [Payload(b"series_id,observation_date,value\nRBI_REPO,2026-02-02,5.25\n")],
    "index_members": [Payload(members.ROWS, "ind_niftysmallcap100list.csv")],
    "symbol_changes": [Payload(symbols.ROWS), Payload(symbols.HEADER + symbols.ROWS)],
    "pr_set": [Payload(pr_set.packed(pr_set.MEMBERS), pr_set.NAME)],
    "pr_set_without_sizes": [Payload(pr_set.packed(pr_set.FORMER), "PR110220.zip")],
    "market_cap": [Payload(sizes.body(sizes.ALPHA, sizes.NEVER, sizes.SUMS), sizes.NAME)],
    "action_list_csv": [Payload(actions.csv(actions.SPLIT, actions.FORMER), actions.NAME)],
    "published_extremes": [Payload(extremes.BODY, extremes.NAME)],
    "fund_list": [Payload(funds.body(), funds.NAME)],
    "action_list_api": [Payload(actions.api())],
    "equity_list": [Payload((listed.HEADER + listed.ALPHA + listed.COMMA).encode())],
    "name_changes": [Payload((names.HEADER + names.ROWS).encode())],
    "reconstitutions_csv": [
        Payload((reconstitutions.HEADER + reconstitutions.IN + reconstitutions.OUT).encode())
    ],
    **{one.layout.id: [Payload(one.body(one.row()))] for one in bars.GENERATIONS},
    "equity_mto": [Payload(deliveries.body(deliveries.ALPHA))],
}
