"""Invoice totals by currency and month, straight from the Parquet of an output folder.

python samples/totals.py docpipe-out
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

TOTALS = """
SELECT currency, date_trunc('month', invoice_date) AS month, count(*) AS invoices, round(sum(total), 2) AS total
FROM read_parquet('{out}/invoice/*.parquet')
WHERE _status IN ('ok', 'repaired')
GROUP BY ALL ORDER BY ALL
"""

if __name__ == "__main__":
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "docpipe-out")
    print(duckdb.sql(TOTALS.format(out=str(out).replace("'", "''"))))
