"""Write docs/data-dictionary.md from the schema: python scripts/data_dictionary.py."""

from pathlib import Path

from evsyn.tables.dictionary import data_dictionary

if __name__ == "__main__":
    page = Path(__file__).resolve().parents[1] / "docs" / "data-dictionary.md"
    page.write_text(data_dictionary(), encoding="utf-8")
    print(f"{page.name}: {len(page.read_text(encoding='utf-8').splitlines())} lines")
