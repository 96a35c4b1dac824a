"""Made-up transactions as the JSON of analysers and of a feed."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.pipelines.statement_layouts import Txn

HOLDER, NUMBER, IFSC = "ASHA VERMA", "XXXXXX4321", "HDFC0000123"
FEED_KINDS = {"CR": 1, "DR": 2}


def finbox(txns: Sequence[Txn], *, holder: str = HOLDER) -> dict[str, Any]:
    details = {"name": holder, "account_number": NUMBER, "bank": "hdfc", "ifsc": IFSC}
    listed = [
        {
            "transaction_type": "credit" if txn.side == "CR" else "debit",
            "transaction_note": txn.narration,
            "chq_num": txn.reference,
            "amount": float(txn.amount),
            "balance": float(txn.balance),
            "date": f"{txn.on} 00:00:00",
            "hash": "d41d8cd98f00b204e9800998ecf8427e",
            "category": "Others",
            "metadata": {"transaction_channel": "upi"},
        }
        for txn in txns
    ]
    data = {"account_details": details, "fraud": [], "transactions": listed, "monthly_analysis": {}}
    return {"session_id": "s", "accounts": [{"account_id": "a", "data": data}]}


def cart(txns: Sequence[Txn], *, listed: bool = True) -> dict[str, Any]:
    lines = [
        {
            "transactionDate": int(
                datetime(txn.on.year, txn.on.month, txn.on.day, tzinfo=UTC).timestamp() * 1000
            ),
            "narration": txn.narration,
            "cheque": txn.reference,
            "amount": float(txn.amount),
            "balance": float(txn.balance),
            "type": "CREDIT" if txn.side == "CR" else "DEBIT",
        }
        for txn in txns
    ]
    part = {
        "bankName": "HDFC",
        "accountName": HOLDER,
        "accountNumber": NUMBER,
        "ifscCode": IFSC,
        "camAnalysisData": {"inwardReturnCount": 0, "averageBalance": 1200.5},
        "salary": [{"month": "Jan 2026", "totalSalary": 50000.0, "transactions": lines[:1]}],
    }
    return {"status": "Processed", "data": [part | ({"transactions": lines} if listed else {})]}


def scoreme(txns: Sequence[Txn]) -> dict[str, Any]:
    lines = [
        {
            "txnDate": txn.on.strftime("%d-%m-%Y"),
            "description": txn.narration,
            "chequeNo": txn.reference,
            "debit": str(txn.amount) if txn.side == "DR" else None,
            "credit": str(txn.amount) if txn.side == "CR" else None,
            "closingBalance": str(txn.balance),
        }
        for txn in txns
    ]
    about = {"bankName": "HDFC Bank", "accountNumber": NUMBER, "ifscCode": IFSC, "accountHolderName": HOLDER}
    analysis = {"salaryCredits": lines[:2], "allTransactions": lines, "summary": {"averageSalary": 100}}
    return {"responseCode": "SRC001", "data": {"statements": [{"accountInfo": about, "analysis": analysis}]}}


def feed(txns: Sequence[Txn]) -> dict[str, Any]:
    lines = [
        [str(t.amount), t.narration, t.on.isoformat(), FEED_KINDS[t.side], "OTHERS", str(t.balance)]
        for t in txns
    ]
    return {"schemaDescription": "...", "bankTransactions": [{"bank": "HDFC Bank", "txns": lines}]}


def written(payload: Any) -> bytes:
    return json.dumps(payload).encode()
