"""The forms in which results are filed: which elements, in which order, holding which line.

Names as in public readers of genuine documents: Ind-AS, banks, lenders that are no banks, and life
insurers, who fill in accounts of their own and leave the common elements empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

SEGMENTS = 4
NOTES = "DisclosureOfNotesOnFinancialResultsExplanatoryTextBlock"


@dataclass(frozen=True)
class Fact:
    """An element and the key of its value; without a key it is written and left empty."""

    name: str
    key: str
    unit: Literal["INR", "INRPerShare", "pure"] = "INR"
    of_groups: bool = False
    """Only a consolidated result has it."""


@dataclass(frozen=True)
class Form:
    """`tells_isin` is of the old taxonomy: in the new one every form does."""

    name_element: str
    flows: tuple[Fact, ...]
    positions: tuple[Fact, ...]
    cash_flow: tuple[Fact, ...]
    tells_isin: bool = False


PER_SHARE = tuple(
    Fact(f"{kind}EarningsLossPerShareFrom{of}Operations", key, "INRPerShare")
    for of, key in (
        ("Continuing", "eps_continuing"),
        ("Discontinued", "eps_discontinued"),
        ("ContinuingAndDiscontinued", "eps"),
    )
    for kind in ("Basic", "Diluted")
)
CAPITAL = (
    Fact("PaidUpValueOfEquityShareCapital", "paid_up"),
    Fact("FaceValueOfEquityShareCapital", "face_value", "INRPerShare"),
)
AFTER_TAX = (
    Fact("CurrentTax", "tax"),
    Fact("DeferredTax", "nought"),
    Fact("TaxExpense", "tax"),
    Fact("ProfitLossForPeriodFromContinuingOperations", "profit_continuing"),
    Fact("ProfitLossFromDiscontinuedOperationsBeforeTax", "profit_discontinued"),
    Fact("TaxExpenseOfDiscontinuedOperations", "nought"),
    Fact("ProfitLossFromDiscontinuedOperationsAfterTax", "profit_discontinued"),
    Fact("ShareOfProfitLossOfAssociatesAndJointVenturesAccountedForUsingEquityMethod", "nought"),
    Fact("ProfitLossForPeriod", "profit"),
    Fact("OtherComprehensiveIncomeNetOfTaxes", "nought"),
    Fact("ComprehensiveIncomeForThePeriod", "profit"),
    Fact("ProfitOrLossAttributableToOwnersOfParent", "profit_to_owners", of_groups=True),
    Fact("ProfitOrLossAttributableToNonControllingInterests", "minorities", of_groups=True),
    Fact(
        "ComprehensiveIncomeForThePeriodAttributableToOwnersOfParent",
        "profit_to_owners",
        of_groups=True,
    ),
    Fact(
        "ComprehensiveIncomeForThePeriodAttributableToOwnersOfParentNonControllingInterests",
        "minorities",
        of_groups=True,
    ),
)
RATIOS = tuple(
    Fact(name, "ratio", "pure")
    for name in ("DebtEquityRatio", "DebtServiceCoverageRatio", "InterestServiceCoverageRatio")
)

IND_AS_FLOWS = (
    Fact("RevenueFromOperations", "revenue"),
    Fact("OtherIncome", "other_income"),
    Fact("Income", "income"),
    Fact("CostOfMaterialsConsumed", "materials"),
    Fact("PurchasesOfStockInTrade", "nought"),
    Fact("ChangesInInventoriesOfFinishedGoodsWorkInProgressAndStockInTrade", "nought"),
    Fact("EmployeeBenefitExpense", "employee"),
    Fact("FinanceCosts", "finance_costs"),
    Fact("DepreciationDepletionAndAmortisationExpense", "depreciation"),
    Fact("OtherExpenses", "other_expenses"),
    Fact("Expenses", "expenses"),
    Fact("ProfitBeforeExceptionalItemsAndTax", "profit_before_tax"),
    Fact("ExceptionalItemsBeforeTax", "nought"),
    Fact("ProfitBeforeTax", "profit_before_tax"),
    *AFTER_TAX,
    *CAPITAL,
    *PER_SHARE,
    *RATIOS,
)
LENDER_FLOWS = (
    Fact("InterestIncome", "revenue"),
    Fact("DividendIncome", "nought"),
    Fact("FeesAndCommissionIncome", "nought"),
    Fact("RevenueFromOperations", "revenue"),
    Fact("OtherIncome", "other_income"),
    Fact("Income", "income"),
    Fact("FinanceCosts", "finance_costs"),
    Fact("FeesAndCommissionExpense", "nought"),
    Fact("ImpairmentOnFinancialInstruments", "depreciation"),
    Fact("EmployeeBenefitExpense", "employee"),
    Fact("OtherExpenses", "other_expenses"),
    Fact("Expenses", "expenses"),
    Fact("ProfitBeforeExceptionalItemsAndTax", "profit_before_tax"),
    Fact("ExceptionalItemsBeforeTax", "nought"),
    Fact("ProfitBeforeTax", "profit_before_tax"),
    *AFTER_TAX,
    *CAPITAL,
    *PER_SHARE,
)
BANK_FLOWS = (
    Fact("InterestOrDiscountOnAdvancesOrBills", "revenue"),
    Fact("RevenueOnInvestments", "nought"),
    Fact("InterestOnBalancesWithReserveBankOfIndiaAndOtherInterBankFunds", "nought"),
    Fact("OtherInterest", "nought"),
    Fact("InterestEarned", "revenue"),
    Fact("OtherIncome", "other_income"),
    Fact("Income", "income"),
    Fact("InterestExpended", "finance_costs"),
    Fact("EmployeesCost", "employee"),
    Fact("OtherOperatingExpenses", "other_expenses"),
    Fact("OperatingExpenses", "operating"),
    Fact("ExpenditureExcludingProvisionsAndContingencies", "spent_before_provisions"),
    Fact("OperatingProfitBeforeProvisionAndContingencies", "before_provisions"),
    Fact("ProvisionsOtherThanTaxAndContingencies", "depreciation"),
    Fact("ExceptionalItems", "nought"),
    Fact("ProfitLossFromOrdinaryActivitiesBeforeTax", "profit_before_tax"),
    Fact("TaxExpense", "tax"),
    Fact("ProfitLossFromOrdinaryActivitiesAfterTax", "profit_continuing"),
    Fact("ExtraordinaryItems", "nought"),
    Fact("ProfitLossForThePeriod", "profit"),
    Fact("ShareOfProfitLossOfAssociates", "nought", of_groups=True),
    Fact("ProfitLossOfMinorityInterest", "minorities", of_groups=True),
    Fact(
        "ProfitLossAfterTaxesMinorityInterestAndShareOfProfitLossOfAssociates",
        "profit_to_owners",
        of_groups=True,
    ),
    *CAPITAL,
    Fact("CET1Ratio", "ratio", "pure"),
    Fact("AdditionalTier1Ratio", "nought", "pure"),
    Fact("BasicEarningsPerShareBeforeExtraordinaryItems", "eps", "INRPerShare"),
    Fact("DilutedEarningsPerShareBeforeExtraordinaryItems", "eps", "INRPerShare"),
    Fact("BasicEarningsPerShareAfterExtraordinaryItems", "eps", "INRPerShare"),
    Fact("DilutedEarningsPerShareAfterExtraordinaryItems", "eps", "INRPerShare"),
    Fact("GrossNonPerformingAssets", "depreciation"),
    Fact("NonPerformingAssets", "nought"),
    Fact("PercentageOfGrossNpa", "ratio", "pure"),
    Fact("PercentageOfNpa", "nought", "pure"),
    Fact("ReturnOnAssets", "nought", "pure"),
)
INSURER_FLOWS = (
    Fact("GrossPremiumIncome", "revenue"),
    Fact("NetPremiumIncome", "revenue"),
    Fact("IncomeFromInvestmentsNet", "nought"),
    Fact("PolicyholdersAccountOtherIncome", "other_income"),
    Fact("Income", "income"),
    Fact("Commission", "employee"),
    Fact("ExpensesOfManagement", "other_expenses"),
    Fact("BenefitsPaidNet", "finance_costs"),
    Fact("ChangeInActuarialLiability", "depreciation"),
    Fact("Expenses", "expenses"),
    Fact("ProfitLossBeforeTax", "profit_before_tax"),
    Fact("ProvisionForTax", "tax"),
    Fact("ProfitLossAfterTaxBeforeExtraordinaryItems", "profit"),
    Fact("ProfitLossAfterTaxAndExtraordinaryItems", "profit"),
    Fact("RevenueFromOperations", ""),
    Fact("OtherIncome", ""),
    Fact("FinanceCosts", ""),
    Fact("ProfitBeforeTax", ""),
    Fact("ProfitLossForPeriodFromContinuingOperations", ""),
    Fact("ProfitLossForPeriod", ""),
    Fact("PaidUpValueOfEquityShareCapital", ""),
)
IND_AS_POSITIONS = (
    Fact("PropertyPlantAndEquipment", "tenth"),
    Fact("CapitalWorkInProgress", "nought"),
    Fact("Goodwill", "nought"),
    Fact("OtherIntangibleAssets", "nought"),
    Fact("NoncurrentInvestments", "tenth"),
    Fact("LoansNoncurrent", "nought"),
    Fact("OtherNoncurrentAssets", "tenth"),
    Fact("NoncurrentAssets", "half"),
    Fact("Inventories", "tenth"),
    Fact("CurrentInvestments", "nought"),
    Fact("TradeReceivablesCurrent", "tenth"),
    Fact("CashAndCashEquivalents", "tenth"),
    Fact("BankBalanceOtherThanCashAndCashEquivalents", "nought"),
    Fact("OtherCurrentAssets", "tenth"),
    Fact("CurrentAssets", "rest"),
    Fact("Assets", "assets"),
    Fact("EquityShareCapital", "paid_up"),
    Fact("OtherEquity", "reserves"),
    Fact("EquityAttributableToOwnersOfParent", "equity"),
    Fact("NonControllingInterest", "nought"),
    Fact("Equity", "equity"),
    Fact("BorrowingsNoncurrent", "borrowings_noncurrent"),
    Fact("ProvisionsNoncurrent", "nought"),
    Fact("NoncurrentLiabilities", "borrowings_noncurrent"),
    Fact("BorrowingsCurrent", "borrowings_current"),
    Fact("TradePayablesCurrent", "other"),
    Fact("ProvisionsCurrent", "nought"),
    Fact("EquityAndLiabilities", "assets"),
)
LENDER_POSITIONS = (
    Fact("CashAndCashEquivalents", "tenth"),
    Fact("Loans", "half"),
    Fact("Investments", "tenth"),
    Fact("FinancialAssets", "half"),
    Fact("NonFinancialAssets", "rest"),
    Fact("Assets", "assets"),
    Fact("Borrowings", "borrowings"),
    Fact("EquityShareCapital", "paid_up"),
    Fact("OtherEquity", "reserves"),
    Fact("Equity", "equity"),
    Fact("EquityAndLiabilities", "assets"),
)
BANK_POSITIONS = (
    Fact("Capital", "paid_up"),
    Fact("ReservesAndSurplus", "reserves"),
    Fact("Deposits", "other"),
    Fact("Borrowings", "borrowings"),
    Fact("OtherLiabilitiesAndProvisions", "nought"),
    Fact("CapitalAndLiabilities", "assets"),
    Fact("CashAndBalancesWithReserveBankOfIndia", "tenth"),
    Fact("Investments", "tenth"),
    Fact("Advances", "half"),
    Fact("Assets", "assets"),
)
CASH_FLOW = (
    Fact("AdjustmentsForFinanceCosts", "nought"),
    Fact("AdjustmentsForDepreciationAndAmortisationExpense", "nought"),
    Fact("AdjustmentsForDecreaseIncreaseInInventories", "nought"),
    Fact("AdjustmentsForDecreaseIncreaseInTradeReceivablesCurrent", "nought"),
    Fact("AdjustmentsForIncreaseDecreaseInTradePayablesCurrent", "nought"),
    Fact("AdjustmentsForInterestIncome", "nought"),
    Fact("CashFlowsFromUsedInOperations", "operating"),
    Fact("IncomeTaxesPaidRefundClassifiedAsOperatingActivities", "nought"),
    Fact("CashFlowsFromUsedInOperatingActivities", "operating"),
    Fact("ProceedsFromSalesOfPropertyPlantAndEquipmentClassifiedAsInvestingActivities", "nought"),
    Fact("PurchaseOfPropertyPlantAndEquipmentClassifiedAsInvestingActivities", "nought"),
    Fact("CashFlowsFromUsedInInvestingActivities", "investing"),
    Fact("ProceedsFromBorrowingsClassifiedAsFinancingActivities", "nought"),
    Fact("RepaymentsOfBorrowingsClassifiedAsFinancingActivities", "nought"),
    Fact("DividendsPaidClassifiedAsFinancingActivities", "nought"),
    Fact("CashFlowsFromUsedInFinancingActivities", "financing"),
    Fact("IncreaseDecreaseInCashAndCashEquivalents", "change"),
)

FORMS: Mapping[str, Form] = {
    "ind_as": Form("NameOfTheCompany", IND_AS_FLOWS, IND_AS_POSITIONS, CASH_FLOW),
    "nbfc": Form("NameOfTheCompany", LENDER_FLOWS, LENDER_POSITIONS, CASH_FLOW),
    "banking": Form("NameOfBank", BANK_FLOWS, BANK_POSITIONS, CASH_FLOW, tells_isin=True),
    "insurance": Form("NameOfTheCompany", INSURER_FLOWS, (), ()),
}
