"""What the service knows: its prompts, its leaflets, and the questions that it is examined with."""

from __future__ import annotations

from datetime import timedelta

DRUG_INFO, TRIAGE = "drug_info", "triage"
ASKED = "How much ibuprofen may an adult take?"
FIRST = "acetylcysteine-600"

LEAFLETS = (
    (FIRST, "Acetylcysteine", "Adults: one 600 mg effervescent tablet once a day."),
    ("amoxicillin-500", "Amoxicillin", "Adults: one 500 mg capsule every 8 hours for 7 days, as prescribed."),
    (
        "aspirin-500",
        "Aspirin",
        "Adults: one or two 500 mg tablets, at most every 4 hours, not more than 3000 mg a day.",
    ),
    ("cetirizine-10", "Cetirizine", "Adults: one 10 mg tablet once a day, in the evening."),
    ("diclofenac-25", "Diclofenac", "Adults: one 25 mg tablet up to three times a day, for 3 days at most."),
    (
        "ibuprofen-400",
        "Ibuprofen",
        "Adults: one 400 mg tablet up to three times a day, not more than 1200 mg in 24 hours without a doctor.",
    ),
    ("loperamide-2", "Loperamide", "Adults: two 2 mg capsules first, then one after each loose stool, 12 mg a day."),
    ("metformin-850", "Metformin", "Adults: one 850 mg tablet two or three times a day with meals, as prescribed."),
    ("omeprazole-20", "Omeprazole", "Adults: one 20 mg capsule once a day before a meal, for 14 days at most."),
    (
        "paracetamol-500",
        "Paracetamol",
        "Adults: one or two 500 mg tablets every 6 hours, not more than 4000 mg a day.",
    ),
)

QUESTIONS = (
    ("ibuprofen", ASKED, "ibuprofen-400", "1200 mg in 24 hours"),
    ("paracetamol", "What is the highest dose of paracetamol per day?", "paracetamol-500", "4000 mg a day"),
    ("aspirin", "How often can I take aspirin?", "aspirin-500", "every 4 hours"),
    ("amoxicillin", "For how many days do I take amoxicillin?", "amoxicillin-500", "for 7 days"),
    ("cetirizine", "How much cetirizine a day?", "cetirizine-10", "one 10 mg tablet"),
    ("loperamide", "How many loperamide capsules do I start with?", "loperamide-2", "two 2 mg capsules"),
    ("metformin", "How strong is a metformin tablet?", "metformin-850", "850 mg tablet"),
    ("omeprazole", "How long may I take omeprazole?", "omeprazole-20", "14 days at most"),
)
RECALLED = QUESTIONS[:5]


def document_of(leaflet: str) -> str:
    """The id of the document that a leaflet's dosage is indexed as."""
    return f"leaflet-{leaflet}.md#dosage"


DOCUMENTS = (
    *((document_of(one), f"{medicine} dosage: how much {medicine}") for one, medicine, _ in LEAFLETS),
    ("leaflet-storage.md#cupboard", "Keep medicines dry, below 25 degrees, out of reach of children"),
    ("leaflet-emergency.md#poison", "After an overdose call the poison centre at once"),
)

GROUNDED = """\
You are the pharmacist's assistant of {place}.
Answer only from the leaflet excerpts that you are given, never from memory.
Name the leaflet that the answer comes from. If no leaflet fits, say so and send the patient to a doctor.
Answer as JSON: {{"answer": "...", "sources": ["..."]}}.
"""
SHORTER = """\
You are a friendly medicine assistant.
Answer in one short sentence. Do not waste tokens.
"""
VERSIONS = (
    ("the shop", timedelta(days=210)),
    ("the shop and its branches", timedelta(days=170)),
    ("a pharmacy", timedelta(days=131)),
    ("a pharmacy chain", timedelta(days=96)),
    ("a pharmacy; doses are always for adults unless asked", timedelta(days=61)),
    ("a pharmacy; doses are always for adults unless asked. Be polite and brief", timedelta(days=34)),
)
TRIAGES = (
    ("Decide whether the question is about a medicine.", timedelta(days=200)),
    ("Decide whether the question is about a medicine, an order or neither.", timedelta(days=110)),
    ("Decide whether the question is about a medicine, an order, an emergency or neither.", timedelta(days=41)),
)


def prompts() -> tuple[tuple[str, int, str, timedelta], ...]:
    """(name, version, text, age) of every prompt version; the last of each is the active one."""
    drug_info = ((DRUG_INFO, at, GROUNDED.format(place=one), age) for at, (one, age) in enumerate(VERSIONS, 1))
    triage = ((TRIAGE, at, f"{one}\nAnswer with one word.\n", age) for at, (one, age) in enumerate(TRIAGES, 1))
    return (*drug_info, *triage)
