"""Translation with a pocket dictionary; what it does not know is marked with the target language."""

from __future__ import annotations

import re

from typedrun_sandbox.answers.answer import Answer, Question
from typedrun_sandbox.answers.plain import transcribe
from typedrun_sandbox.jsontypes import as_list, as_text

LANGUAGES = ("en", "es", "fr", "de", "pt", "it")

_ROWS = """
hello|hola|bonjour|hallo|olá|ciao
hello world|hola mundo|bonjour le monde|hallo welt|olá mundo|ciao mondo
good morning|buenos días|bonjour|guten morgen|bom dia|buongiorno
good night|buenas noches|bonne nuit|gute nacht|boa noite|buonanotte
how are you|cómo estás|comment vas-tu|wie geht es dir|como você está|come stai
thank you|gracias|merci|danke|obrigado|grazie
thanks|gracias|merci|danke|obrigado|grazie
goodbye|adiós|au revoir|auf wiedersehen|adeus|arrivederci
please|por favor|s'il vous plaît|bitte|por favor|per favore
yes|sí|oui|ja|sim|sì
no|no|non|nein|não|no
test|prueba|essai|probe|teste|prova
world|mundo|monde|welt|mundo|mondo
friend|amigo|ami|freund|amigo|amico
house|casa|maison|haus|casa|casa
water|agua|eau|wasser|água|acqua
bread|pan|pain|brot|pão|pane
day|día|jour|tag|dia|giorno
night|noche|nuit|nacht|noite|notte
cat|gato|chat|katze|gato|gatto
dog|perro|chien|hund|cachorro|cane
book|libro|livre|buch|livro|libro
city|ciudad|ville|stadt|cidade|città
the|el|le|das|o|il
a|un|un|ein|um|un
and|y|et|und|e|e
is|es|est|ist|é|è
i love you|te quiero|je t'aime|ich liebe dich|eu te amo|ti amo
where|dónde|où|wo|onde|dove
today|hoy|aujourd'hui|heute|hoje|oggi
tomorrow|mañana|demain|morgen|amanhã|domani
"""

PHRASES: tuple[dict[str, str], ...] = tuple(
    dict(zip(LANGUAGES, row.split("|"), strict=True)) for row in _ROWS.strip().splitlines()
)
"""One entry per meaning: language code → words."""


def translate(question: Question) -> Answer:
    """The text in the target language."""
    source = language(question, "sourcelanguage", "language", "from") or "en"
    target = language(question, "targetlanguage", "targetlanguages", "to") or "en"
    return Answer(data=render(question.text, source, target))


def interpret(question: Question) -> Answer:
    """Speech in one language, text in another."""
    heard = as_text(transcribe(question).data)
    return Answer(data=render(heard, "en", language(question, "targetlanguage") or "en"))


def language(question: Question, *names: str) -> str:
    """A language code of the request; a fixed parameter need not be sent, its value is in the catalog."""
    given = question.value(*names)
    code = as_text(as_list(given)[0]) if as_list(given) else as_text(given)
    return short(code or next((text for name in names if (text := question.model.preset(name))), ""))


def short(code: str) -> str:
    """`pt-BR` and `pt_BR` as `pt`."""
    return re.split(r"[-_]", code, maxsplit=1)[0].casefold()


def render(text: str, source: str, target: str) -> str:
    """Phrase by phrase, longest first; a text of which nothing is known comes back whole, marked."""
    known = {entry[source]: entry[target] for entry in PHRASES if source in entry and target in entry}
    if source == target:
        return text
    pattern = "|".join(rf"\b{re.escape(phrase)}\b" for phrase in sorted(known, key=len, reverse=True))
    found, count = (
        re.subn(pattern, lambda m: _as_written(m[0], known), text, flags=re.IGNORECASE) if pattern else (text, 0)
    )
    return found if count else f"[{target}] {text}"


def _as_written(phrase: str, known: dict[str, str]) -> str:
    """The translation, with a capital where the source has one."""
    words = known[phrase.casefold()]
    return words[:1].upper() + words[1:] if phrase[:1].isupper() else words
