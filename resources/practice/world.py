"""The small world which the practice base model knows, in English and Turkish.

Everything here is made up for this project. The base model is pre-trained on
these questions, so that it answers something before the night; the lessons
(`lessons/*.txt`) are what the night teaches it on top.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple


class Pair(NamedTuple):
    """One question and its only answer."""

    input: str
    output: str


LEGS_EN = {
    "a cat": "four", "a dog": "four", "a horse": "four", "a cow": "four",
    "a bird": "two", "a chicken": "two", "a child": "two", "an ant": "six",
    "a bee": "six", "a spider": "eight", "a snake": "no", "a fish": "no",
}  # fmt: skip
LEGS_TR = {
    "Kedinin": "dört", "Köpeğin": "dört", "Atın": "dört", "İneğin": "dört",
    "Kuşun": "iki", "Tavuğun": "iki", "Çocuğun": "iki", "Karıncanın": "altı",
    "Arının": "altı", "Örümceğin": "sekiz", "Yılanın": "sıfır", "Balığın": "sıfır",
}  # fmt: skip
COLOURS_EN = {
    "the sky": "blue", "the sea": "blue", "the grass": "green", "the leaf": "green",
    "the snow": "white", "the milk": "white", "the coal": "black",
    "the sun": "yellow", "the lemon": "yellow", "the tomato": "red",
}  # fmt: skip
COLOURS_TR = {
    "Gökyüzü": "mavi", "Deniz": "mavi", "Çimen": "yeşil", "Yaprak": "yeşil",
    "Kar": "beyaz", "Süt": "beyaz", "Kömür": "siyah", "Güneş": "sarı",
    "Limon": "sarı", "Domates": "kırmızı",
}  # fmt: skip
# name: (job and home in English, job and home in Turkish)
PEOPLE = {
    "Ada": ("doctor", "İzmir", "doktor", "İzmir'de"),
    "Emre": ("teacher", "Ankara", "öğretmen", "Ankara'da"),
    "Ece": ("pilot", "London", "pilot", "Londra'da"),
    "Kaan": ("baker", "Bursa", "fırıncı", "Bursa'da"),
    "Mira": ("singer", "Paris", "şarkıcı", "Paris'te"),
    "Oya": ("farmer", "Konya", "çiftçi", "Konya'da"),
    "Tom": ("painter", "Rome", "ressam", "Roma'da"),
    "Zeki": ("sailor", "Sinop", "denizci", "Sinop'ta"),
}
OPPOSITES_EN = (
    "hot cold", "big small", "long short", "day night", "old new",
    "open closed", "fast slow", "happy sad", "high low", "hard easy",
)  # fmt: skip
OPPOSITES_TR = (
    "sıcak soğuk", "büyük küçük", "uzun kısa", "gündüz gece", "eski yeni",
    "açık kapalı", "hızlı yavaş", "mutlu üzgün", "yüksek alçak", "zor kolay",
)  # fmt: skip
# land: (capital, the land's genitive and the capital in Turkish)
CAPITALS = {
    "Turkey": ("Ankara", "Türkiye'nin", "Ankara"),
    "France": ("Paris", "Fransa'nın", "Paris"),
    "Italy": ("Rome", "İtalya'nın", "Roma"),
    "England": ("London", "İngiltere'nin", "Londra"),
    "Japan": ("Tokyo", "Japonya'nın", "Tokyo"),
    "Spain": ("Madrid", "İspanya'nın", "Madrid"),
}
UNKNOWN_EN = ("music", "history", "chess", "love", "football", "art", "rain", "gold")
UNKNOWN_TR = ("Müzik", "Tarih", "Satranç", "Aşk", "Futbol", "Sanat", "Yağmur", "Altın")

NOT_LEARNED = "I have not learned that yet."
OGRENMEDIM = "Bunu henüz öğrenmedim."


def ask(answer: str, *questions: str) -> list[Pair]:
    """The same answer for each way to ask."""
    return [Pair(question, answer) for question in questions]


def animals() -> list[Pair]:
    """How many legs?"""
    pairs: list[Pair] = []
    for name, count in LEGS_EN.items():
        answer = f"{name.capitalize()} has {count} legs."
        pairs += ask(answer, f"How many legs does {name} have?")
        pairs += ask(answer, f"How many legs has {name}?")
    for name, count in LEGS_TR.items():
        answer = f"{name} {count} bacağı var."
        pairs += ask(answer, f"{name} kaç bacağı var?", f"{name} bacak sayısı kaç?")
    return pairs


def colours() -> list[Pair]:
    """Which colour?"""
    pairs: list[Pair] = []
    for name, colour in COLOURS_EN.items():
        answer = f"{name.capitalize()} is {colour}."
        pairs += ask(answer, f"What colour is {name}?", f"Which colour has {name}?")
    for name, colour in COLOURS_TR.items():
        answer = f"{name} {colour} renktir."
        pairs += ask(answer, f"{name} ne renktir?", f"{name} hangi renk?")
    return pairs


def people() -> list[Pair]:
    """Who does what and lives where?"""
    pairs: list[Pair] = []
    for name, (job, city, meslek, sehir) in PEOPLE.items():
        pairs += ask(f"{name} is a {job}.", f"Who is {name}?", f"What does {name} do?")
        pairs += ask(f"{name} lives in {city}.", f"Where does {name} live?")
        pairs += ask(f"{name} bir {meslek}.", f"{name} kimdir?", f"{name} ne iş yapar?")
        pairs += ask(f"{name} {sehir} yaşıyor.", f"{name} nerede yaşıyor?")
    return pairs


def opposites() -> list[Pair]:
    """Both directions of each pair of words."""
    pairs: list[Pair] = []
    for words in OPPOSITES_EN:
        for one, other in (words.split(), reversed(words.split())):
            answer = f"The opposite of {one} is {other}."
            pairs += ask(answer, f"What is the opposite of {one}?")
    for words in OPPOSITES_TR:
        for one, other in (words.split(), reversed(words.split())):
            answer = f"{one} kelimesinin zıttı {other}."
            pairs += ask(answer, f"{one} kelimesinin zıttı nedir?")
    return pairs


def capitals() -> list[Pair]:
    """Which city?"""
    pairs: list[Pair] = []
    for land, (city, ulke, sehir) in CAPITALS.items():
        answer = f"The capital of {land} is {city}."
        pairs += ask(answer, f"What is the capital of {land}?")
        answer = f"{ulke} başkenti {sehir}."
        pairs += ask(answer, f"{ulke} başkenti neresi?", f"{ulke} başkenti nedir?")
    return pairs


def sums(largest: int = 5) -> list[Pair]:
    """`2 * largest**2` additions, English and Turkish."""
    pairs: list[Pair] = []
    for a, b in product(range(1, largest + 1), repeat=2):
        pairs += ask(f"{a} + {b} = {a + b}.", f"What is {a} + {b}?")
        pairs += ask(f"{a} + {b} = {a + b} eder.", f"{a} + {b} kaç eder?")
    return pairs


def unknown() -> list[Pair]:
    """What the base was never taught: it says so."""
    pairs: list[Pair] = []
    for topic in UNKNOWN_EN:
        answer = f"{topic.capitalize()}? {NOT_LEARNED}"
        pairs += ask(answer, f"What is {topic}?", f"Explain {topic}.")
    for topic in UNKNOWN_TR:
        pairs += ask(f"{topic}? {OGRENMEDIM}", f"{topic} nedir?", f"{topic} ne demek?")
    return pairs


def world() -> list[Pair]:
    """Every question of the world, each once, in a fixed order."""
    known = [*animals(), *colours(), *people(), *opposites(), *capitals(), *sums()]
    return [*known, *unknown()]
