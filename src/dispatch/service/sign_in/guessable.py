"""What of a password is guessed first: words that many take, rows of keys, counting, years, what is known.

The words are such as stand on top of any list of leaked passwords, in English and in Chinese, where numbers
are read as words (5201314: I love you for ever). Names in pinyin are known by their syllables.
"""

import re
from collections.abc import Iterable
from itertools import groupby, pairwise
from typing import Final

LEAST_OWN: Final = 6
"""Characters that must be left when everything that is guessed first is taken away."""
WORDS: Final = frozenset(
    re.findall(
        r"\S+",
        """
password passwort passwd pass admin administrator root user login guest test testing default changeme secret
welcome letmein iloveyou love lovely princess prince sunshine monkey dragon master superman batman football
baseball basketball soccer shadow michael jordan charlie daniel jessica ashley hello hallo hunter killer
trustno starwars pokemon whatever freedom summer winter spring autumn monday friday january computer
internet server system manager service security access private windows google microsoft apple samsung huawei
xiaomi tencent alibaba baidu money happy lucky flower family angel qwerty qwertyuiop qwert asdfgh asdfghjkl
asdf zxcvbnm zxcvbn zxcv qazwsx qazwsxedc 1qaz 2wsx 3edc 4rfv 1q2w3e4r5t 1q2w3e4r 1q2w3e q1w2e3r4 q1w2e3
zaq1 xsw2 qweasdzxc qweasd asdzxc woaini woaiwo woaiwojia woaizhongguo aini wobuaini mima wodemima nihao
nimen dajiahao zhongguo china beijing shanghai guangzhou shenzhen chongqing changshou zhanghao guanliyuan
wangge wanggeyuan zhihui zhihuizhongxin zhenzhengfu shequ cunweihui zhibanyuan dispatch wangwei zhangwei
lijing wangfang lina zhangmin xiaoming laopo laogong baobei baobao xingfu kuaile jiayou tianya taobao weixin
5201314 1314520 1314521 520520 5211314 520 521 1314 7758521 7758258 5845201314 147258369 147258 159357
!@#$%^&*() !@#$%^&* !@#$%^& !@#$%^ !@#$% !@#$ !@# qwer wasd cisco oracle lenovo hikvision dahua woshinidie
woshinibaba woshi nidie
123123 112233 11223344 121212 123321 1234321 654321 789456123 789456 456852 258369 666 888 999 000 168
""",
    )
)
FINALS: Final = {
    "": "a ai an ang ao e ei en er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan ue uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u uan ue un uo v ve",
    **dict.fromkeys(("g", "k", "h"), "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo"),
    **dict.fromkeys(("j", "q", "x"), "i ia ian iang iao ie in ing iong iu u uan ue un"),
    **dict.fromkeys(("zh", "ch", "sh"), "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo"),
    "r": "an ang ao e en eng i ong ou u uan ui un uo",
    **dict.fromkeys(("z", "c", "s"), "a ai an ang ao e ei en eng i ong ou u uan ui un uo"),
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
"""How a syllable of Chinese goes on after each beginning, in pinyin without tones."""
SYLLABLES: Final = frozenset(start + end for start, ends in FINALS.items() for end in ends.split())
LONGEST_SYLLABLE: Final = max(map(len, SYLLABLES))
LETTERS: Final = re.compile(r"[a-z]{4,}")
SPELLED: Final = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
DATE: Final = re.compile(r"(?:19|20)\d\d(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))?")
REPEATED: Final = re.compile(r"(.+?)\1+")
LEAST_RUN: Final = 3


def own_characters(password: str, known: Iterable[str] = ()) -> int:
    """Return how many characters are a person's own; `known` is what others know of him too."""
    written = password.casefold()
    repeated = REPEATED.fullmatch(written)
    if repeated is not None:
        written = repeated[1]
    words = sorted(
        {*WORDS, *(one.casefold() for one in known if len(one) > 1)}, key=lambda one: (-len(one), one)
    )
    # As it stands first: in what is spelled otherwise, 5201314 isn't known again.
    return min(_left(one, words) for one in (written, written.translate(SPELLED)))


def _left(written: str, words: Iterable[str]) -> int:
    # A blank keeps what was apart from becoming a word.
    written = DATE.sub(" ", written)
    for word in words:
        written = written.replace(word, " ")
    written = LETTERS.sub(_read, written)
    return sum(_of_a_stretch(stretch) for stretch in re.findall(r"[^\W_]+|[^\w\s]|_", written))


def _read(letters: re.Match[str]) -> str:
    """Return a sign for each syllable of what is pinyin from beginning to end, and else the letters.

    A name is two or three of a few hundred, which is no more than so many characters.
    """
    said = letters[0]
    fewest = {0: 0}
    for end in range(1, len(said) + 1):
        starts = range(max(0, end - LONGEST_SYLLABLE), end)
        counts = [fewest[start] + 1 for start in starts if start in fewest and said[start:end] in SYLLABLES]
        if counts:
            fewest[end] = min(counts)
    return "·" * fewest[len(said)] if len(said) in fewest else said


def _of_a_stretch(stretch: str) -> int:
    """Return how many characters a stretch is worth: counting up or down and repeats are worth one.

    Two that take turns at it, as in a1b2c3, are worth two.
    """
    turns = [ord(after) - ord(before) for before, after in zip(stretch, stretch[2:], strict=False)]
    if len(turns) >= LEAST_RUN and not set(turns) - {-1, 0, 1}:
        return 2
    steps = [ord(after) - ord(before) for before, after in pairwise(stretch)]
    worth = len(stretch)
    for step, run in groupby(steps):
        length = len(list(run)) + 1
        if step in {-1, 0, 1} and length >= LEAST_RUN:
            worth -= length - 1
    return worth
