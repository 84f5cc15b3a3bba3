"""What of a password is guessed first: words that many take, rows of keys, counting, years, what is known.

The words are such as stand on top of any list of leaked passwords, in English and in Chinese, where numbers
are read as words (5201314: I love you for ever).
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
    return sum(_of_a_stretch(stretch) for stretch in re.findall(r"[^\W_]+|[^\w\s]|_", written))


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
