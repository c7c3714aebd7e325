"""Uploaded statements (providers/basiq.md, section 5.3)."""

from __future__ import annotations

import httpx
import pytest

from .caller import Partner, code

CSV = b"Date,Description,Amount,Balance\n2026-01-05,COFFEE,-4.50,95.50\n2026-01-04,PAY,100.00,100.00\n"


def _upload(partner: Partner, content: bytes, institution: str = "AU00002") -> httpx.Response:
    return partner.post(
        f"/users/{partner.user}/statements",
        data={"institutionId": institution},
        files={"statement": ("statement.csv", content, "text/csv")},
    )


def test_a_statement_that_is_uploaded_becomes_an_account(partner: Partner) -> None:
    response = _upload(partner, CSV)
    assert response.status_code == 202
    job = f"/jobs/{response.json()['id']}"
    assert [step["status"] for step in partner.get(job).json()["steps"]] == ["in-progress", *["pending"] * 3]
    partner.wait()
    done = partner.get(job).json()
    assert [step["title"] for step in done["steps"]][-1] == "retrieve-statements"
    assert {step["status"] for step in done["steps"]} == {"success"}
    assert "source" not in done["links"]
    assert [one["id"] for one in partner.get(f"/users/{partner.user}/jobs").json()["data"]] == [done["id"]]
    assert [row["amount"] for row in partner.transactions()] == ["-4.50", "100.00"]
    assert partner.get(f"/users/{partner.user}/accounts").json()["data"][0]["balance"] == "95.50"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b" ", "empty-file"),
        (b"%PDF-1.4", "bank-statement-not-supported"),
        (b"Date,Description,Amount\n2026-01-05,COFFEE,much\n", "invalid-csv-row"),
        (b"Day,Text\n2026-01-05,COFFEE\n", "invalid-csv-row"),
        (b"Date,Description,Amount\n2026-01-05\n", "invalid-csv-row"),
        (b"Date,Description,Amount\n2026-01-05,X,NaN\n", "invalid-csv-row"),
        (b"Date,Description,Amount\n2026-01-05,X,Infinity\n", "invalid-csv-row"),
        (b"\xff\xfe\xff", "bank-statement-invalid"),
    ],
)
def test_a_statement_that_cannot_be_read_makes_a_failed_job(partner: Partner, content: bytes, expected: str) -> None:
    job = _upload(partner, content).json()["id"]
    partner.wait()
    step = partner.get(f"/jobs/{job}").json()["steps"][-1]
    assert (step["status"], step["result"]["code"]) == ("failed", expected)
    partner.wait()
    assert partner.transactions() == []


def test_uploads_are_refused_by_institution_size_and_form(partner: Partner) -> None:
    assert code(_upload(partner, CSV, "AU00000")) == (400, "institution-not-supported")
    assert code(_upload(partner, CSV, "AU99999")) == (400, "parameter-not-valid")
    path = f"/users/{partner.user}/statements"
    assert code(partner.post(path, json={})) == (415, "unsupported-content-type")
    assert code(partner.post(path, files={"statement": ("x.csv", CSV)})) == (400, "parameter-not-supplied")
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert code(partner.post(path, content=b"--y nonsense", headers=broken))[0] == 400
    partner.switch(statement_bytes=10)
    assert code(_upload(partner, CSV)) == (413, "request-not-valid")
