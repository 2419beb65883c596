"""Money alone, in words per second of one core: the sample site's articles, rules only."""

import time

from benchmarks.extract import articles

GOAL = 50_000
ROUNDS = 5


def main() -> None:
    from extractors.money import find_money

    texts = articles() * 30
    words = sum(len(text.split()) for text in texts)
    find_money(texts[0])
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        found = sum(len(find_money(text)) for text in texts)
        best = min(best, time.process_time() - started)
    rate = words / best
    print(f"{len(texts)} articles, {words:,} words, {found:,} amounts: {rate:,.0f} words per CPU second", end=" ")
    print(f"({rate / GOAL:.1f} times the goal of {GOAL:,})")


if __name__ == "__main__":
    main()
