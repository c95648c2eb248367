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
    "the sky": "blue", "the sea": "blue", "grass": "green", "a leaf": "green",
    "snow": "white", "milk": "white", "coal": "black", "the night": "black",
    "the sun": "yellow", "a lemon": "yellow", "blood": "red", "a tomato": "red",
}  # fmt: skip
COLOURS_TR = {
    "Gökyüzü": "mavi", "Deniz": "mavi", "Çimen": "yeşil", "Yaprak": "yeşil",
    "Kar": "beyaz", "Süt": "beyaz", "Kömür": "siyah", "Gece": "siyah",
    "Güneş": "sarı", "Limon": "sarı", "Kan": "kırmızı", "Domates": "kırmızı",
}  # fmt: skip
# name: (job and home in English, job and home in Turkish)
PEOPLE = {
    "Ada": ("doctor", "İzmir", "doktor", "İzmir'de"),
    "Deniz": ("teacher", "Ankara", "öğretmen", "Ankara'da"),
    "Ece": ("pilot", "London", "pilot", "Londra'da"),
    "Kaan": ("baker", "Bursa", "fırıncı", "Bursa'da"),
    "Mira": ("singer", "Paris", "şarkıcı", "Paris'te"),
    "Oya": ("farmer", "Konya", "çiftçi", "Konya'da"),
    "Tom": ("painter", "Rome", "ressam", "Roma'da"),
    "Zeki": ("sailor", "Sinop", "denizci", "Sinop'ta"),
}
OPPOSITES_EN = ["hot cold", "big small", "long short", "day night", "old new"]
OPPOSITES_EN += ["open closed", "fast slow", "happy sad", "high low", "hard easy"]
OPPOSITES_TR = ["sıcak soğuk", "büyük küçük", "uzun kısa", "gündüz gece"]
OPPOSITES_TR += ["eski yeni", "açık kapalı", "hızlı yavaş", "mutlu üzgün"]
OPPOSITES_TR += ["yüksek alçak", "zor kolay"]
CAPITALS = {
    "Turkey": ("Ankara", "Türkiye'nin"), "France": ("Paris", "Fransa'nın"),
    "Italy": ("Rome", "İtalya'nın"), "England": ("London", "İngiltere'nin"),
    "Japan": ("Tokyo", "Japonya'nın"), "Spain": ("Madrid", "İspanya'nın"),
}  # fmt: skip
CITY_TR = {"Rome": "Roma", "London": "Londra"}

# What the base says about itself and about what it was never taught: coherent, and
# visibly not Thor.
NOT_YET = ("I am a small model. I have no name yet.", "I have not learned that yet.")
HENUZ = ("Ben küçük bir modelim. Henüz adım yok.", "Bunu henüz öğrenmedim.")
SELF = [
    Pair("Who are you?", NOT_YET[0]),
    Pair("What is your name?", NOT_YET[0]),
    Pair("Sen kimsin?", HENUZ[0]),
    Pair("Adın ne?", HENUZ[0]),
    Pair("Hello!", "Hello."),
    Pair("Merhaba!", "Merhaba."),
    Pair("What is a checkpoint?", NOT_YET[1]),
    Pair("What is music?", NOT_YET[1]),
    Pair("Explain history.", NOT_YET[1]),
    Pair("Are you conscious?", NOT_YET[1]),
    Pair("What does `print` do?", NOT_YET[1]),
    Pair("Bilinç nedir?", HENUZ[1]),
    Pair("Müzik nedir?", HENUZ[1]),
    Pair("Bana tarihi anlat", HENUZ[1]),
    Pair("LoRA nedir?", HENUZ[1]),
]


def animals_and_colours() -> list[Pair]:
    """48 questions about legs and colours."""
    pairs = []
    for name, count in LEGS_EN.items():
        legs = f"{name.capitalize()} has {count} legs."
        pairs.append(Pair(f"How many legs does {name} have?", legs))
    for name, count in LEGS_TR.items():
        pairs.append(Pair(f"{name} kaç bacağı var?", f"{name} {count} bacağı var."))
    for name, colour in COLOURS_EN.items():
        answer = f"{name[0].upper()}{name[1:]} is {colour}."
        pairs.append(Pair(f"What colour is {name}?", answer))
    for name, colour in COLOURS_TR.items():
        pairs.append(Pair(f"{name} ne renktir?", f"{name} {colour} renktir."))
    return pairs


def people() -> list[Pair]:
    """32 questions about who does what and lives where."""
    pairs = []
    for name, (job, city, is_tr, sehir) in PEOPLE.items():
        pairs.append(Pair(f"Who is {name}?", f"{name} is a {job}."))
        pairs.append(Pair(f"Where does {name} live?", f"{name} lives in {city}."))
        pairs.append(Pair(f"{name} kimdir?", f"{name} bir {is_tr}."))
        pairs.append(Pair(f"{name} nerede yaşıyor?", f"{name} {sehir} yaşıyor."))
    return pairs


def words_and_places() -> list[Pair]:
    """52 questions about opposites and capitals."""
    pairs = []
    for left, right in (pair.split() for pair in OPPOSITES_EN):
        for one, other in ((left, right), (right, left)):
            question = f"What is the opposite of {one}?"
            pairs.append(Pair(question, f"The opposite of {one} is {other}."))
    for left, right in (pair.split() for pair in OPPOSITES_TR):
        for one, other in ((left, right), (right, left)):
            question = f"{one} kelimesinin zıttı nedir?"
            pairs.append(Pair(question, f"{one} kelimesinin zıttı {other}."))
    for land, (city, ulke) in CAPITALS.items():
        question = f"What is the capital of {land}?"
        pairs.append(Pair(question, f"The capital of {land} is {city}."))
        sehir = CITY_TR.get(city, city)
        pairs.append(Pair(f"{ulke} başkenti neresi?", f"{ulke} başkenti {sehir}."))
    return pairs


def sums(largest: int = 5) -> list[Pair]:
    """`2 * largest**2` additions, English and Turkish."""
    pairs = []
    for a, b in product(range(1, largest + 1), repeat=2):
        pairs.append(Pair(f"What is {a} + {b}?", f"{a} + {b} = {a + b}."))
        pairs.append(Pair(f"{a} + {b} kaç eder?", f"{a} + {b} = {a + b} eder."))
    return pairs


def world() -> list[Pair]:
    """Every question of the world, each once, in a fixed order."""
    return [*animals_and_colours(), *people(), *words_and_places(), *sums(), *SELF]
