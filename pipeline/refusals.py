"""Whether a model declined to answer, as its words or the service's own marks show."""

import re

from pipeline.records import Completion

_FILTERED = {"content_filter", "safety", "refusal"}
_BEGINNING = 200
"""Characters within which a text that declines says so."""

# How models begin when they decline, in the languages that they mostly answer in.
_WORDS = re.compile(
    r"\b(?:"
    r"i['’]?m (?:very |really )?sorry|i am (?:very |really )?sorry|sorry, (?:but )?i|i apologi[sz]e"
    r"|i (?:can['’]?t|cannot|can not|won['’]?t|will not|must decline|(?:a|['’])m (?:not able|unable))"
    r"|i['’]m (?:not able|unable)|as an ai\b"
    r"|es tut mir leid|tut mir leid|ich kann (?:dir |ihnen |dabei |das )?(?:leider |nicht )"
    r"|je suis désolée?|désolée?, (?:mais )?je|je ne (?:peux|puis) pas"
    r"|lo siento|no puedo|mi dispiace|non posso|desculpe|não posso|het spijt me|ik kan (?:helaas|niet|geen)"
    r")",
    re.IGNORECASE,
)


def declines(completion: Completion, text: str) -> bool:
    """Whether an answer that holds no JSON is a refusal: marked as one, or said in words.

    Args:
        completion: What came back.
        text: Its content, without thoughts and fences.
    """
    if completion.refusal or completion.finish_reason.lower() in _FILTERED:
        return True
    return "{" not in text and bool(_WORDS.search(text[:_BEGINNING]))
