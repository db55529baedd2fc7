import tomllib
from pathlib import Path

import httpx
import pytest

from pipeline.errors import ConfigError
from pipeline.local.launch import LocalEngine
from pipeline.local.words.lexicon import check
from pipeline.local.words.more_words import together
from tests.pipeline.local.bodies import chat, draw_invoice, encoded, image_part, wanting
from tests.pipeline.local.sheets import nullable, record

WORDS = """
[concept.invoice_number]
de = ["Vorgang"]

[concept.berth]
kind = "id"
names = ["berth"]
nl = ["ligplaats"]

[value]
cash = ["klinkende munt"]

[same]
vessel = ["ship", "schip"]

[spelt]
eta = "arrival time"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "words.toml"
    path.write_text(text, "utf-8")
    return path


def test_words_of_a_file_stand_beside_the_built_in_ones() -> None:
    known = {
        "concept": {"invoice_number": {"kind": "id", "de": ["rechnung nr"], "names": ["number"]}},
        "value": {"cash": ["bar"]},
        "same": {},
        "words": {"each": ["x"]},
        "spelt": {},
    }

    table = together(known, tomllib.loads(WORDS))

    assert table["concept"]["invoice_number"]["de"] == ["rechnung nr", "Vorgang"]
    assert list(table["concept"]) == ["berth", "invoice_number"]
    assert table["value"]["cash"] == ["bar", "klinkende munt"]
    assert table["same"] == {"vessel": ["ship", "schip"]}
    assert table["words"] == {"each": ["x"]}


def test_a_good_file_is_taken(tmp_path: Path) -> None:
    check(written(tmp_path, WORDS))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[concept.berth]\nkind =", "not valid TOML"),
        ("[concepts.berth]\nkind = 'id'", "no table"),
        ("[concept.berth]\nnl = ['ligplaats']", "needs a kind"),
        ("[concept.berth]\nkind = 'boat'", "needs a kind"),
        ("[concept.total]\nkind = 'text'", "cannot have 'kind'"),
        ("[concept.total]\nsv = ['summa']", "cannot have 'sv'"),
        ("[concept.total]\nde = 'Summe'", "must be a list of texts"),
        ("[concept.total]\nalso = ['nothing']", "no concept"),
        ("[same]\nship = 'boat'", "must be a list of texts"),
        ("[spelt]\neta = ['arrival']", "must be a text"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        check(written(tmp_path, text))

    assert "words.toml" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_refused_before_the_engine_starts(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match=r"gone\.toml cannot be read: No such file or directory$"),
        LocalEngine(lexicon=tmp_path / "gone.toml"),
    ):
        pytest.fail("it started")


def test_the_engine_reads_by_the_words_of_a_file(tmp_path: Path) -> None:
    words = written(
        tmp_path, '[concept.frame]\nkind = "money"\nnames = ["frame price"]\nde = ["Nettobetrag"]\n'
    )
    body = chat(
        image_part(encoded(draw_invoice())),
        response_format=wanting(record(frame_price=nullable("number"))),
    )

    with LocalEngine(workers=1, lexicon=words) as engine:
        headers = {"Authorization": f"Bearer {engine.api_key}"}
        reply = httpx.post(f"{engine.base_url}/chat/completions", json=body, headers=headers, timeout=60)

    assert '"frame_price": 310' in reply.json()["choices"][0]["message"]["content"]
