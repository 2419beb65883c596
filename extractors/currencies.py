"""Currencies: signs, codes and words, and the ISO 4217 code that each stands for."""

import re
from decimal import Decimal

SIGNS: dict[str, str] = {
    "$": "USD",
    "US$": "USD",
    "$US": "USD",
    "U.S.$": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "CAD$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "$A": "AUD",
    "HK$": "HKD",
    "NT$": "TWD",
    "S$": "SGD",
    "SG$": "SGD",
    "R$": "BRL",
    "NZ$": "NZD",
    "MX$": "MXN",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "CN¥": "CNY",
    "JP¥": "JPY",
    "₹": "INR",
    "Rs": "INR",
    "Rs.": "INR",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
    "₽": "RUB",
    "₱": "PHP",
    "₫": "VND",
    "฿": "THB",
    "zł": "PLN",
    "SFr": "CHF",
    "RMB": "CNY",
    "Rmb": "CNY",
    "rmb": "CNY",
    "CNH": "CNY",
    "NIS": "ILS",
    "R": "ZAR",
    "US $": "USD",
    "U.S. $": "USD",
    "INR ₹": "INR",
    "Dh": "AED",
    "Dhs": "AED",
    "SR": "SAR",
    "RM": "MYR",
    "Rp": "IDR",
}
_CODES = """USD EUR GBP JPY CNY INR KRW CAD AUD HKD TWD SGD BRL NZD MXN CHF SEK NOK DKK PLN CZK HUF ILS TRY RUB THB PHP
    VND IDR MYR AED SAR QAR KWD EGP PKR ZAR NGN KES"""
CODES = tuple(_CODES.split())
_REPORTED = "EUR SEK NOK DKK CHF PLN USD"  # reports of the north of Europe count in MSEK and TEUR
WORDS: dict[str, str] = {
    r"(?:u\.?s\.? |us-|american )?dollars?": "USD",
    r"canadian dollars?": "CAD",
    r"australian dollars?": "AUD",
    r"hong kong dollars?": "HKD",
    r"(?:new )?taiwan(?:ese)? dollars?|nt dollars?": "TWD",
    r"singapore(?:an)? dollars?": "SGD",
    r"new zealand dollars?": "NZD",
    r"euros?": "EUR",
    r"(?:british )?pounds?(?: sterling)?|sterling|quid": "GBP",
    r"bucks?": "USD",
    r"pence": "GBX",
    r"(?:u\.?s\.? )?cents?": "USX",
    r"(?:japanese )?yen": "JPY",
    r"(?:chinese )?yuan|renminbi": "CNY",
    r"(?:indian )?rupees?": "INR",
    r"(?:south )?(?:korean )?won": "KRW",
    r"swiss francs?|francs?": "CHF",
    r"swedish (?:kronor|kronas?|crowns?)|kronor": "SEK",
    r"norwegian (?:kroner|kronas?|krone|crowns?)": "NOK",
    r"danish (?:kroner|kronas?|krone|crowns?)": "DKK",
    r"kroner": "NOK",
    r"(?:polish )?zlot(?:y|ys|ies)": "PLN",
    r"(?:saudi )?riyals?": "SAR",
    r"(?:emirati |uae )?dirhams?": "AED",
    r"(?:new )?(?:israeli )?shekels?": "ILS",
    r"(?:brazilian )?(?:reais|reals)": "BRL",
    r"(?:russian )?rou?bles?": "RUB",
    r"(?:turkish )?lira": "TRY",
    r"(?:south african )?rand": "ZAR",
    r"(?:thai )?baht": "THB",
    r"(?:indonesian )?rupiah": "IDR",
    r"ringgit": "MYR",
    r"(?:mexican )?pesos?": "MXN",
    r"philippine pesos?": "PHP",
    r"(?:argentine|argentinian) pesos?": "ARS",
    r"chilean pesos?": "CLP",
    r"colombian pesos?": "COP",
    r"(?:vietnamese )?dong": "VND",
    r"egyptian pounds?": "EGP",
    r"pakistani rupees?": "PKR",
    r"sri lankan rupees?": "LKR",
    r"(?:hungarian )?forints?": "HUF",
    r"czech (?:crowns?|korunas?|koruny)|korunas?": "CZK",
    r"(?:nigerian )?nairas?": "NGN",
    r"kenyan shillings?": "KES",
    r"(?:ukrainian )?hryvnias?": "UAH",
    r"(?:kazakh )?tenge": "KZT",
    r"kuwaiti dinars?": "KWD",
}
_WORD_TABLE = [(re.compile(pattern, re.IGNORECASE), code) for pattern, code in WORDS.items()]
WORD = "(?:" + "|".join(sorted(WORDS, key=len, reverse=True)) + ")"
MULTIPLES: dict[str, tuple[str, Decimal]] = {
    "GBX": ("GBP", Decimal("0.01")),
    "USX": ("USD", Decimal("0.01")),
    **{f"M{code}": (code, Decimal(10) ** 6) for code in _REPORTED.split()},
    **{f"{lead}{code}": (code, Decimal(10) ** 3) for code in _REPORTED.split() for lead in "KT"},
}
"""Parts and multiples of a unit that have no code of their own, and what one of them is worth in that unit."""
CODE = "(?:" + "|".join([*(code for code in MULTIPLES if len(code) > 3), *CODES]) + ")"
_SIGNS = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True) if sign != "R")
# A bare R is the rand only before an amount with a scale: `R12.4bn` is money, `R1` a model.
_RAND = r"R(?=\d[\d.,]*\s?(?:tn|trn|bn|m|mn|[mb]illion|trillion)\b)"
SIGN = f"(?:{_SIGNS}|{_RAND})"


def currency(text: str) -> str:
    """The code of a sign, a code or a word, or a key of `MULTIPLES`. Raises KeyError."""
    plain = " ".join(text.split())
    if plain in SIGNS:
        return SIGNS[plain]
    if plain in MULTIPLES:
        return plain
    if plain.endswith("$") and plain[:3] in CODES:
        return plain[:3]
    if plain.upper() in CODES:
        return plain.upper()
    for pattern, code in _WORD_TABLE:
        if pattern.fullmatch(plain):
            return code
    raise KeyError(text)


_STEM_WORDS = """dollar euro pound sterling quid buck pence cents yen yuan renminbi rupee franc kron crown zlot riyal
    dirham shekel reais reals rouble ruble lira baht rupiah ringgit peso dong forint koruna naira shilling hryvnia tenge
    dinar"""
_STEMS = tuple(_STEM_WORDS.split())
SIGN_ANCHORS = tuple(
    dict.fromkeys(
        [
            *"$€£¥₹₩₪₺₽₱₫฿",
            *CODES,
            *(sign for sign in SIGNS if sign.isalpha() and len(sign) > 1 and sign != "RM"),
            *(f"R{digit}" for digit in range(1, 10)),
            *(f"{lead}RM" for lead in (" ", "-", "\n", "(")),
        ]
    )
)
"""Strings of which one stands in every amount that begins with its currency."""
WORD_ANCHORS = tuple(
    dict.fromkeys(
        [
            "€",
            *CODES,
            *(lead + word for word in ("won", "Won", "WON", "rand", "Rand", "cent", "Cent") for lead in (" ", "-")),
            *(form for stem in _STEMS for form in (stem, stem.capitalize(), stem.upper())),
        ]
    )
)
"""Strings of which one stands in every amount that ends with its currency."""
